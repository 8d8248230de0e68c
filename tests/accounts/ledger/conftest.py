"""The people of the ledger's tests, and nothing remembered between them."""

from collections.abc import Iterator

import pytest

from apps.accounts.ledger import holding, settling
from apps.accounts.ledger.rules import forget_rules
from apps.accounts.models import Organization
from olympus.kernel.actor import Role
from tests.support.cast import Someone, someone


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    """Budgets are remembered for a second, which is longer than a test."""
    forget_rules()
    yield
    holding.writer.drain()
    settling.writer.drain()


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
