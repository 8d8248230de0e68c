"""What the pages around signing in ask about the request."""

import ipaddress

from django import template
from django.http import HttpRequest

from apps.accounts.adapter import is_address_a_name
from apps.accounts.options import SignUp, sign_up

register = template.Library()


@register.filter
def host_is_name(request: HttpRequest) -> bool:
    """This will tell whether the page was opened by a name, as passkeys need it."""
    return is_address_a_name(request.get_host())


@register.filter
def is_this_machine(request: HttpRequest) -> bool:
    """This will tell whether the browser runs on the server's own machine, where nobody listens in between."""
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return True


@register.simple_tag
def anybody_may_join() -> bool:
    """This will tell whether the sign-in page offers to make an account."""
    return sign_up() is SignUp.OPEN
