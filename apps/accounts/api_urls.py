"""The REST operations of accounts by address, below /api/v1/."""

from django.urls import path

from apps.accounts.api.keys import KeysView, KeyView
from apps.accounts.api.me import MeView
from apps.accounts.api.people import InvitationsView, InvitationView, PeopleView, PersonView

urlpatterns = [
    path("me", MeView.as_view(), name="api_me"),
    path("keys", KeysView.as_view(), name="api_keys"),
    path("keys/<uuid:key_id>", KeyView.as_view(), name="api_key"),
    path("people", PeopleView.as_view(), name="api_people"),
    path("people/<uuid:user_id>", PersonView.as_view(), name="api_person"),
    path("invitations", InvitationsView.as_view(), name="api_invitations"),
    path("invitations/<uuid:invitation_id>", InvitationView.as_view(), name="api_invitation"),
]
