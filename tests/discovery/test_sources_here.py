"""The context of this process, from its environment and the settings."""

from datetime import UTC, datetime

import pytest

from apps.discovery.options import ADDRESSES, MCP_FILES, MDNS
from apps.discovery.sources.context import ConfiguredAddress
from apps.discovery.sources.here import context_here
from olympus.kernel.options import change_option

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.mark.django_db
def test_what_the_owner_set_is_in_the_context() -> None:
    change_option(ADDRESSES.name, ["http://nas:11434", "  "], changed_by_id=None)
    change_option(MDNS.name, value=True, changed_by_id=None)
    change_option(MCP_FILES.name, value=False, changed_by_id=None)

    context = context_here(NOW, configured=[ConfiguredAddress(address="gpu:8000")])

    assert [each.address for each in context.configured] == ["gpu:8000", "http://nas:11434"]
    assert context.is_mdns_on
    assert context.home is None


@pytest.mark.django_db
def test_by_default_nobody_is_listened_to_and_files_of_the_account_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OLYMPUS_AUTODETECT", raising=False)

    context = context_here(NOW)

    assert context.is_autodetecting
    assert not context.is_mdns_on
    assert context.home is not None
    assert context.configured == ()


@pytest.mark.django_db
def test_looking_is_off_where_the_environment_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLYMPUS_AUTODETECT", "0")

    assert not context_here(NOW).is_autodetecting
