"""What the settings' navigation asks of discovery."""

from django import template
from django.http import HttpRequest

from apps.discovery.selectors import troubled_services

register = template.Library()


@register.filter
def services_in_trouble(request: HttpRequest) -> int:
    """This will count the services in use that do not serve, in the organization of who looks; one query."""
    return troubled_services(request.actor.organization_id).count()  # type: ignore[attr-defined]  # set by ActorMiddleware
