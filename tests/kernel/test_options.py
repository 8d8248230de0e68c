"""Settings an owner may change."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from olympus.kernel import options
from olympus.kernel.errors import Invalid, NotFound
from olympus.kernel.models import SettingVersion
from olympus.kernel.options import Option, change_option, declare_option, declared_options, option_value

pytestmark = pytest.mark.django_db


@pytest.fixture
def size() -> Iterator[Option]:
    yield declare_option("test.size", int, 3, "How large.")
    options._options.pop("test.size")


def test_a_setting_has_its_default_until_it_is_changed(size: Option) -> None:
    before = option_value(size)

    change_option("test.size", 5, changed_by_id=None)

    assert (before, option_value(size)) == (3, 5)
    assert declared_options()["test.size"] is size


def test_every_change_is_kept_with_who_made_it(size: Option) -> None:
    who = uuid4()
    change_option("test.size", 5, changed_by_id=who)
    change_option("test.size", 6, changed_by_id=None)

    versions = SettingVersion.objects.order_by("id").values_list("value", "changed_by_id")
    assert list(versions) == [(5, who), (6, None)]


def test_a_value_of_the_wrong_kind_is_refused(size: Option) -> None:
    with pytest.raises(Invalid) as caught:
        change_option("test.size", "large", changed_by_id=None)

    assert caught.value.field == "test.size"
    assert option_value(size) == 3


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(NotFound):
        change_option("test.unknown", 1, changed_by_id=None)
