"""The cast of the account tests, and how each comes to the door."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.test import Client

from apps.accounts.services.keys import create_api_key
from olympus.kernel.actor import Role, Scope
from tests.accounts.cast import Cast, make


@pytest.fixture(autouse=True)
def no_limits_carried_over() -> None:
    """Rate limits outlive a test's transaction."""
    cache.clear()


@pytest.fixture
def owner(db: None) -> Cast:
    return make(Role.OWNER, "hera")


@pytest.fixture
def admin(db: None) -> Cast:
    return make(Role.ADMIN, "hermes")


@pytest.fixture
def member(db: None) -> Cast:
    return make(Role.MEMBER, "ariadne")


@pytest.fixture
def viewer(db: None) -> Cast:
    return make(Role.VIEWER, "echo")


@pytest.fixture
def stranger(db: None) -> Client:
    return Client()


@pytest.fixture
def key_of() -> Callable[..., str]:
    """Makes a key and gives its text."""

    def make_key(person: Cast, *scopes: Scope) -> str:
        return create_api_key(actor=person.actor, name="a program", scopes=scopes or (Scope.READ, Scope.WRITE))[1]

    return make_key
