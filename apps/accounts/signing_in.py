"""Signing in somebody who just proved who they are on one of our own pages."""

from typing import Any

from allauth.account.utils import perform_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase


def sign_in(request: HttpRequest, user: Any) -> HttpResponseBase:
    """This will sign a new person in by allauth's stages (mail is confirmed where it must be) and lead to `/`."""
    response: HttpResponseBase = perform_login(request, user, signup=True, redirect_url="/")
    return response
