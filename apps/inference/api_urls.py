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
from apps.inference.managing.api import (
    AdaptersView,
    CreationsView,
    LoadsView,
    PullCancelView,
    PullRetryView,
    PullsView,
    PullView,
)
from apps.inference.managing.model_api import (
    AccessUndoView,
    AccessView,
    CopyView,
    DeleteView,
    InstalledView,
    ShowView,
    UnloadView,
)
from apps.inference.memory.api import MemoryView, PinsView, PinView
from apps.inference.prices.api import PricesView, PriceView
from apps.inference.tiers.api import ExplainView, TiersView, TierView

urlpatterns = [
    path("cache", CacheView.as_view(), name="api_cache"),
    path("prices", PricesView.as_view(), name="api_prices"),
    path("prices/<uuid:price_id>", PriceView.as_view(), name="api_price"),
    path("memory", MemoryView.as_view(), name="api_memory"),
    path("memory/pins", PinsView.as_view(), name="api_memory_pins"),
    path("memory/pins/<uuid:pin_id>", PinView.as_view(), name="api_memory_pin"),
    path("tiers", TiersView.as_view(), name="api_tiers"),
    path("tiers/explain", ExplainView.as_view(), name="api_tiers_explain"),
    path("tiers/<str:tier>", TierView.as_view(), name="api_tier"),
    path("models/installed", InstalledView.as_view(), name="api_models_installed"),
    path("models/show", ShowView.as_view(), name="api_models_show"),
    path("models/copy", CopyView.as_view(), name="api_models_copy"),
    path("models/delete", DeleteView.as_view(), name="api_models_delete"),
    path("models/load", LoadsView.as_view(), name="api_models_load"),
    path("models/unload", UnloadView.as_view(), name="api_models_unload"),
    path("models/access", AccessView.as_view(), name="api_models_access"),
    path("models/access/undo", AccessUndoView.as_view(), name="api_models_access_undo"),
    path("models/adapters", AdaptersView.as_view(), name="api_models_adapters"),
    path("models/creations", CreationsView.as_view(), name="api_models_creations"),
    path("models/pulls", PullsView.as_view(), name="api_models_pulls"),
    path("models/pulls/<uuid:job_id>", PullView.as_view(), name="api_models_pull"),
    path("models/pulls/<uuid:job_id>/cancel", PullCancelView.as_view(), name="api_models_pull_cancel"),
    path("models/pulls/<uuid:job_id>/retry", PullRetryView.as_view(), name="api_models_pull_retry"),
    path("models", ModelsView.as_view(), name="api_models"),
    path("providers", ProvidersView.as_view(), name="api_providers"),
    path("providers/refresh", ProvidersRefreshView.as_view(), name="api_providers_refresh"),
    path("providers/<uuid:provider_id>", ProviderView.as_view(), name="api_provider"),
    path("providers/<uuid:provider_id>/test", ProviderTestView.as_view(), name="api_provider_test"),
]
