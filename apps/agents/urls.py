"""The pages of runs by address."""

from django.urls import path

from apps.agents.views import usage

urlpatterns = [path("settings/usage/", usage, name="usage")]
