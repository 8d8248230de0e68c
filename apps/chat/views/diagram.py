"""The page inside of the frame that draws diagrams: the same for everybody, and it may do nothing but draw."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from olympus.security import DIAGRAM_FRAME_POLICY


@require_safe
def diagram_frame(request: HttpRequest) -> HttpResponse:
    """The empty page of the drawing program."""
    response = render(request, "chat/diagram.html")
    response.headers["Content-Security-Policy"] = DIAGRAM_FRAME_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response
