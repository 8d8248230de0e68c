"""The pages of inference."""

from django.urls import path

from apps.inference import views
from apps.inference.tiers import views as tier_views

urlpatterns = [
    path("settings/routing/", tier_views.routing, name="routing"),
    path("settings/routing/<str:tier>/", tier_views.change, name="tier_change"),
    path("settings/routing/<str:tier>/reset/", tier_views.reset, name="tier_reset"),
    path("settings/providers/", views.listing, name="providers"),
    path("settings/providers/add/", views.add, name="provider_add"),
    path("settings/providers/<uuid:provider_id>/", views.change, name="provider_change"),
    path("settings/providers/<uuid:provider_id>/test/", views.test, name="provider_test"),
    path("settings/providers/<uuid:provider_id>/switch/", views.switch, name="provider_switch"),
    path("settings/providers/<uuid:provider_id>/remove/", views.remove, name="provider_remove"),
]
