"""Signing in somebody who just proved who they are on one of our own pages."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase


def sign_in(request: HttpRequest, user: Any) -> HttpResponseBase:
    """This will sign a new person in by allauth's stages and lead them to the first page.

    The password counts as given, so that setting up a second factor does not ask for it again.
    """
    record_authentication(request, user, method="password")
    response: HttpResponseBase = perform_login(request, user, signup=True, redirect_url="/")
    return response
