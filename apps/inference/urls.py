"""The pages of inference."""

from django.urls import path

from apps.inference import views
from apps.inference.caching import views as cache_views
from apps.inference.prices import views as price_views
from apps.inference.tiers import views as tier_views

urlpatterns = [
    path("settings/cache/", cache_views.show, name="cache"),
    path("settings/cache/change/", cache_views.change, name="cache_change"),
    path("settings/cache/empty/", cache_views.empty, name="cache_empty"),
    path("settings/prices/", price_views.listing, name="prices"),
    path("settings/prices/add/", price_views.add, name="price_add"),
    path("settings/prices/<uuid:price_id>/", price_views.change, name="price_change"),
    path("settings/prices/<uuid:price_id>/remove/", price_views.remove, name="price_remove"),
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
