"""The REST operations of inference by address, below /api/v1/."""

from django.urls import path

from apps.inference.api import (
    ModelsView,
    ProvidersRefreshView,
    ProvidersView,
    ProviderTestView,
    ProviderView,
)
from apps.inference.caching.api import CacheView
from apps.inference.prices.api import PricesView, PriceView
from apps.inference.tiers.api import ExplainView, TiersView, TierView

urlpatterns = [
    path("cache", CacheView.as_view(), name="api_cache"),
    path("prices", PricesView.as_view(), name="api_prices"),
    path("prices/<uuid:price_id>", PriceView.as_view(), name="api_price"),
    path("tiers", TiersView.as_view(), name="api_tiers"),
    path("tiers/explain", ExplainView.as_view(), name="api_tiers_explain"),
    path("tiers/<str:tier>", TierView.as_view(), name="api_tier"),
    path("models", ModelsView.as_view(), name="api_models"),
    path("providers", ProvidersView.as_view(), name="api_providers"),
    path("providers/refresh", ProvidersRefreshView.as_view(), name="api_providers_refresh"),
    path("providers/<uuid:provider_id>", ProviderView.as_view(), name="api_provider"),
    path("providers/<uuid:provider_id>/test", ProviderTestView.as_view(), name="api_provider_test"),
]
