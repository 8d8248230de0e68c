"""What the pages around signing in and keys ask, about the request and in words."""

import ipaddress
from collections.abc import Sequence

from django import template
from django.http import HttpRequest
from django.utils.translation import gettext as _

from apps.accounts.adapter import is_address_a_name
from apps.accounts.options import SignUp, sign_up
from olympus.kernel.actor import Scope

# More names than these make a row a wall of text.
_MOST_NAMED = 6

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


@register.filter
def scope_words(scopes: Sequence[str]) -> str:
    """This will name what a key may do, the least first."""
    words = {Scope.READ: _("read"), Scope.WRITE: _("write"), Scope.ADMIN: _("administer")}
    return ", ".join(word for scope, word in words.items() if scope in scopes)


@register.filter
def some_of(names: Sequence[str]) -> str:
    """This will list names; past a few it says how many more there are."""
    rest = len(names) - _MOST_NAMED
    shown = ", ".join(names[:_MOST_NAMED])
    return _("%(names)s and %(n)s more") % {"names": shown, "n": rest} if rest > 0 else shown


@register.simple_tag
def anybody_may_join() -> bool:
    """This will tell whether the sign-in page offers to make an account."""
    return sign_up() is SignUp.OPEN
