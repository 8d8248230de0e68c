"""Those who try the doors, and what tells that nothing was moved behind one."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from django.apps import apps
from django.core.cache import cache
from django.db import connection
from django.test import Client
from pytest_django import Settings

from apps.accounts.contracts import RateClassName
from apps.accounts.rates.classes import Limit
from apps.accounts.rates.counting import publish_limits
from olympus.kernel.actor import Role
from tests.doors.tables import ANYTHING, OBJECTS
from tests.doors.walk import Door
from tests.support.cast import Someone, someone

Snapshot = Callable[[], list[Any]]
# A session is not behind a door but in front of it; the audit log may tell of attempts.
_NOT_WATCHED = {"sessions", "usersessions", "contenttypes", "auth", "admin"}
_NOISE = "{last_login,last_used_at,last_seen_at}"


@pytest.fixture(autouse=True)
def _quick_and_apart(settings: Settings, tmp_path: Path) -> Iterator[None]:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.MEDIA_ROOT = tmp_path
    cache.clear()  # rate limits outlive a test's transaction
    publish_limits({RateClassName.ANONYMOUS: Limit(1_000_000)})  # the admin alone has more doors than a visitor may try
    yield
    cache.clear()


@pytest.fixture
def viewer(db: None) -> Someone:
    """Somebody of the organization who looks and touches nothing."""
    return someone("viewer@example.org", Role.VIEWER)


@pytest.fixture
def everything(db: None) -> Snapshot:
    """Reads every row of every table of the product, to compare before and after."""
    models = apps.get_models(include_auto_created=True)
    tables = [model._meta.db_table for model in models if model._meta.app_label not in _NOT_WATCHED]
    # One trip: hundreds of doors are tried, and each is looked behind twice.
    rows = " UNION ALL ".join(f"SELECT '{name}', to_jsonb(t) - '{_NOISE}'::text[] FROM {name} t" for name in tables)

    def read() -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM ({rows}) AS everything ORDER BY 1, 2")
            return cursor.fetchall()

    return read


def signed_in(who: Someone, **kwargs: Any) -> Client:
    """Sign in with a fresh password, so that pages that want one let the person on."""
    EmailAddress.objects.get_or_create(user=who.user, email=who.user.email, defaults={"primary": True})
    browser = who.client(**kwargs)
    session = browser.session
    record_authentication(SimpleNamespace(session=session), who.user, "password", reauthenticated=True)
    session.save()
    return browser


def address_of(door: Door, owner: Someone) -> str:
    """Write the door's address, to an object of the owner's where it leads to one."""
    make = OBJECTS.get(door.route)
    return door.address({**ANYTHING, **(make(owner) if make else {})})
