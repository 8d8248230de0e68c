"""The REST endpoints of accounts, below /api/v1/."""

from django.urls import path

from apps.accounts.api import me

urlpatterns = [path("me", me, name="api_me")]
