"""What every test may ask for."""

import pytest
from django.test import TransactionTestCase
from pytest_django import Settings

from apps.accounts.contracts import RateClassName
from apps.accounts.models import Organization
from apps.accounts.rates.classes import Limit
from apps.accounts.rates.counting import publish_limits
from apps.inference.pool import forget_backends
from olympus.kernel.actor import Role
from tests.support.cast import Someone, someone
from tests.support.emptying import empty_database
from tests.support.options import hold_defaults

# A thousand tests commit; Django would truncate each of a hundred tables after each, used or not.
TransactionTestCase._fixture_teardown = empty_database  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    """The product's hash takes half a second on purpose; a thousand test log-ins need not."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def static_files_looked_for_when_asked(settings: Settings) -> None:
    """Each test client reads the middleware anew, and with it the list of all static files."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(autouse=True)
def generous_to_strangers() -> None:
    """All tests of a run ask from one address, and in one hour more than any visitor may."""
    publish_limits({RateClassName.ANONYMOUS: Limit(1_000_000)})


@pytest.fixture(autouse=True)
def model_servers_read_anew() -> None:
    """Each test has its own rows; what another test's were is kept for a second."""
    forget_backends()


@pytest.fixture(autouse=True)
def settings_at_their_defaults() -> None:
    """Each test has its own rows; what another test's were is kept by the process."""
    hold_defaults()


@pytest.fixture
def owner(db: None) -> Someone:
    """The organization's owner."""
    return someone("owner@example.org", Role.OWNER)


@pytest.fixture
def member(db: None) -> Someone:
    """A member of the organization."""
    return someone("member@example.org", Role.MEMBER)


@pytest.fixture
def stranger(db: None) -> Someone:
    """Somebody of another organization."""
    return someone("stranger@example.net", Role.OWNER, Organization.objects.create(name="Elsewhere"))
