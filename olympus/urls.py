"""Every page and endpoint, by app."""

from django.contrib import admin
from django.urls import include, path

from olympus.api_docs import SchemaView, redoc, swagger
from olympus.health import healthz, readyz
from olympus.metrics_door import metrics

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("admin/", admin.site.urls),
    path("", include("apps.accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("", include("apps.inference.urls")),
    path("", include("apps.chat.urls")),
    path("", include("apps.discovery.urls")),
    path("api/v1/schema", SchemaView.as_view(), name="schema"),
    path("api/v1/docs/", swagger, name="api_docs"),
    path("api/v1/redoc/", redoc, name="api_redoc"),
    path("api/v1/", include("apps.accounts.api_urls")),
    path("api/v1/", include("apps.inference.api_urls")),
    path("api/v1/", include("apps.chat.api_urls")),
    path("api/v1/", include("apps.discovery.api_urls")),
]
