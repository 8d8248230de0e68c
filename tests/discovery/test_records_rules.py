"""Rules: what they add by themselves, switched, removed and taken back."""

import pytest

from apps.discovery.contracts import ServiceKind
from apps.discovery.errors import EmptyRule, NetworkMalformed
from apps.discovery.models import AcceptRule, Change, Service
from apps.discovery.services import deciding, rules
from olympus.kernel.errors import Invalid, NotFound, OlympusError
from tests.discovery.records import found, take
from tests.support.cast import Someone
from tests.support.racing import behind

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_a_rule_that_two_remove_at_once_is_removed_once(owner: Someone) -> None:
    rule = rules.make_rule(owner.actor, kind="vllm")

    with pytest.raises(NotFound):
        behind(
            lambda: rules.remove_rule(owner.actor, rule_id=rule.pk),
            lambda: rules.remove_rule(owner.actor, rule_id=rule.pk),
        )

    assert list(Change.objects.order_by("id").values_list("verb", flat=True)) == ["make", "remove"]


def test_a_rule_adds_what_it_names_and_nothing_else(owner: Someone) -> None:
    rules.make_rule(owner.actor, kind="vllm", network="192.168.1.0/24")

    take(owner, found(), found(ServiceKind.SGLANG, 30000), found(host="192.168.2.20"))

    accepted = Service.objects.filter(lifecycle="accepted")
    assert [row.url for row in accepted] == ["http://192.168.1.20:8000"]


def test_a_rule_adds_nothing_that_wants_a_key_or_was_ignored(owner: Someone) -> None:
    ignored = take(owner, found())[0]
    deciding.ignore(owner.actor, service_id=ignored.pk)
    rules.make_rule(owner.actor, kind="vllm")

    take(owner, found(), found(port=8001, needs_key=True), minutes=1)

    assert not Service.objects.filter(lifecycle="accepted").exists()


def test_a_rule_is_undone_and_returns(owner: Someone) -> None:
    rule = rules.make_rule(owner.actor, kind="vllm")
    rules.remove_rule(owner.actor, rule_id=rule.pk)

    rules.undo_rule(owner.actor, rule_id=rule.pk)

    assert AcceptRule.objects.get().kind == "vllm"


def test_a_rule_that_is_off_adds_nothing_until_it_is_on_again(owner: Someone) -> None:
    rule = rules.make_rule(owner.actor, kind="vllm")
    rules.switch_rule(owner.actor, rule_id=rule.pk, is_enabled=False)

    while_off = take(owner, found())[0].lifecycle
    rules.undo_rule(owner.actor, rule_id=rule.pk)
    after = take(owner, found(), minutes=1)[0].lifecycle

    assert (while_off, after) == ("proposed", "accepted")


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, EmptyRule),
        ({"kind": "toaster"}, Invalid),
        ({"network": "10.0.0.0/99"}, NetworkMalformed),
        ({"network": "a b\x00"}, NetworkMalformed),
    ],
)
def test_a_rule_that_says_nothing_is_refused(owner: Someone, fields: dict[str, str], error: type[OlympusError]) -> None:
    with pytest.raises(error):
        rules.make_rule(owner.actor, **fields)
