"""The API's description to read and to try: Swagger UI and Redoc from our own files, each with the CSP it needs.

Neither asks another host.
"""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from olympus.kernel.rest import answer
from olympus.security import CONTENT_SECURITY_POLICY

# Redoc writes its styles into the page and searches in a worker made of a blob.
REDOC_POLICY = (
    CONTENT_SECURITY_POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'") + "; worker-src blob:"
)


@extend_schema(exclude=True)
class SchemaView(APIView):
    """The description itself, as JSON or YAML, for everybody: it tells nothing that the documentation does not."""

    authentication_classes = ()
    permission_classes = ()
    renderer_classes = (OpenApiJsonRenderer2, OpenApiJsonRenderer, OpenApiYamlRenderer2, OpenApiYamlRenderer)

    def get(self, request: Request) -> Response:
        """The same for all, so it is made once a process."""
        return answer(request, description())


@cache
def description() -> dict[str, Any]:
    """This will describe every operation below /api/v1/ as OpenAPI has it."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return schema


@require_safe
def swagger(request: HttpRequest) -> HttpResponse:
    """The operations, with forms to try them: as whoever is signed in, or with a key."""
    return render(request, "api/swagger.html")


@require_safe
def redoc(request: HttpRequest) -> HttpResponse:
    """The operations as a document."""
    response = render(request, "api/redoc.html")
    response["Content-Security-Policy"] = REDOC_POLICY
    return response
