"""The pages of inference."""

from django.urls import path

from apps.inference import views
from apps.inference.caching import views as cache_views
from apps.inference.managing import model_views
from apps.inference.managing import views as models_views
from apps.inference.prices import views as price_views
from apps.inference.tiers import views as tier_views

urlpatterns = [
    path("settings/models/", models_views.listing, name="models"),
    path("settings/models/pull/", models_views.pull, name="model_pull"),
    path("settings/models/access/", model_views.access, name="model_access"),
    path("settings/models/access/undo/", model_views.undo_access_change, name="model_access_undo"),
    path("settings/models/jobs/<uuid:job_id>/cancel/", models_views.cancel, name="model_job_cancel"),
    path("settings/models/jobs/<uuid:job_id>/retry/", models_views.retry, name="model_job_retry"),
    path("settings/models/on/<uuid:provider_id>/", model_views.show, name="model_show"),
    path("settings/models/on/<uuid:provider_id>/create/", model_views.create, name="model_create"),
    path("settings/models/on/<uuid:provider_id>/copy/", model_views.copy, name="model_copy"),
    path("settings/models/on/<uuid:provider_id>/delete/", model_views.delete, name="model_delete"),
    path("settings/models/on/<uuid:provider_id>/load/", models_views.load, name="model_load"),
    path("settings/models/on/<uuid:provider_id>/unload/", models_views.unload, name="model_unload"),
    path("settings/models/on/<uuid:provider_id>/pin/", models_views.pin, name="model_pin"),
    path("settings/models/on/<uuid:provider_id>/unpin/", models_views.unpin, name="model_unpin"),
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
