"""Add, ignore, restore, undo: live at once, kept as versions, and nobody else's business."""

import pytest

from apps.discovery.contracts import ServiceKind
from apps.discovery.errors import NothingToUndo
from apps.discovery.models import Change, ProofState, ScanGrant, Service
from apps.discovery.selectors import services_of
from apps.discovery.services import deciding, granting, proving, scanning
from apps.discovery.services.versions import last_change
from apps.inference.facade import choose_model
from apps.inference.models import Provider
from olympus.kernel.actor import Role
from olympus.kernel.errors import Denied, Invalid, NotFound
from olympus.kernel.models import AuditEntry
from tests.discovery.records import found, take
from tests.support.cast import Someone, someone
from tests.support.racing import behind

pytestmark = pytest.mark.django_db


def test_what_is_added_is_offered_at_once_and_is_tested(owner: Someone) -> None:
    service = take(owner, found())[0]

    deciding.accept(owner.actor, service_id=service.pk, api_key="sk-1")

    row = Service.objects.get()
    assert choose_model(owner.actor.organization_id, "m-1").provider_id == row.provider_id
    assert Provider.objects.get().api_key == "sk-1"
    assert (row.lifecycle, row.proof_state, row.has_key) == ("accepted", ProofState.ASKED, True)
    assert AuditEntry.objects.filter(action="service.accept").exists()
    assert "sk-1" not in str(list(Change.objects.values()))


def test_adding_twice_is_adding_once(owner: Someone) -> None:
    service = take(owner, found())[0]

    deciding.accept(owner.actor, service_id=service.pk)
    deciding.accept(owner.actor, service_id=service.pk)

    assert (Provider.objects.count(), Change.objects.count()) == (1, 1)


def test_undo_takes_the_provider_and_its_key_away(owner: Someone) -> None:
    service = take(owner, found())[0]
    deciding.accept(owner.actor, service_id=service.pk, api_key="sk-1")

    deciding.undo(owner.actor, service_id=service.pk)

    assert Service.objects.get().lifecycle == "proposed"
    assert not Provider.objects.exists()
    with pytest.raises(NothingToUndo):
        deciding.undo(owner.actor, service_id=service.pk)


def test_ignore_and_its_undo(owner: Someone) -> None:
    service = take(owner, found())[0]
    deciding.accept(owner.actor, service_id=service.pk)

    deciding.ignore(owner.actor, service_id=service.pk)
    is_out_of_use = not Provider.objects.exists()
    deciding.undo(owner.actor, service_id=service.pk)

    assert is_out_of_use
    assert Service.objects.get().lifecycle == "accepted"
    assert Provider.objects.get().is_enabled


def test_a_provider_that_somebody_led_elsewhere_meanwhile_is_theirs(owner: Someone) -> None:
    service = take(owner, found())[0]
    deciding.accept(owner.actor, service_id=service.pk)
    theirs = Provider.objects.get()
    theirs.base_url, theirs.api_key = "http://192.168.1.99:8000/v1", "theirs"
    theirs.save()

    deciding.undo(owner.actor, service_id=service.pk)

    provider = Provider.objects.get()
    assert (provider.is_enabled, provider.api_key) == (True, "theirs")
    assert (Service.objects.get().lifecycle, Service.objects.get().provider) == ("proposed", None)


def test_a_new_key_is_no_decision_to_take_back(owner: Someone) -> None:
    service = take(owner, found())[0]
    deciding.accept(owner.actor, service_id=service.pk, api_key="sk-1")

    deciding.accept(owner.actor, service_id=service.pk, api_key="sk-2")

    assert last_change(owner.actor.organization_id, service.pk).verb == "accept"
    assert Provider.objects.get().api_key == "sk-2"


@pytest.mark.django_db(transaction=True)
def test_two_who_decide_at_once_decide_one_after_the_other(owner: Someone) -> None:
    admin = someone("admin@example.org", Role.ADMIN)
    service = take(owner, found())[0]

    behind(
        lambda: deciding.accept(owner.actor, service_id=service.pk),
        lambda: deciding.ignore(admin.actor, service_id=service.pk),
    )

    row = Service.objects.get()
    assert (row.lifecycle, row.provider, row.decided_by) == ("ignored", None, admin.user)
    assert not Provider.objects.exists()
    assert list(Change.objects.order_by("id").values_list("verb", flat=True)) == ["accept", "ignore"]


def test_a_restored_service_is_proposed(owner: Someone) -> None:
    service = take(owner, found())[0]
    deciding.ignore(owner.actor, service_id=service.pk)

    deciding.restore(owner.actor, service_id=service.pk)

    assert Service.objects.get().lifecycle == "proposed"


def test_a_store_is_added_without_a_provider(owner: Someone) -> None:
    service = take(owner, found(ServiceKind.REDIS, 6379, models=()))[0]

    deciding.accept(owner.actor, service_id=service.pk, api_key="secret")

    row = Service.objects.get()
    assert (row.lifecycle, row.api_key, Provider.objects.count()) == ("accepted", "secret", 0)


def test_a_program_is_never_started_and_cannot_be_tested(owner: Someone) -> None:
    service = take(owner, found(ServiceKind.MCP, 0, host="", url="", address="", command=("npx", "thing")))[0]

    with pytest.raises(proving.CannotTest):
        proving.ask_for_proof(owner.actor, service_id=service.pk)


@pytest.mark.parametrize("who", ["member", "stranger"])
def test_nobody_else_decides_or_looks(who: str, owner: Someone, request: pytest.FixtureRequest) -> None:
    service = take(owner, found())[0]
    actor = request.getfixturevalue(who).actor
    verbs = [
        lambda: deciding.accept(actor, service_id=service.pk),
        lambda: deciding.ignore(actor, service_id=service.pk),
        lambda: deciding.restore(actor, service_id=service.pk),
        lambda: deciding.undo(actor, service_id=service.pk),
        lambda: proving.ask_for_proof(actor, service_id=service.pk),
        lambda: scanning.ask_for_scan(actor),
        lambda: granting.grant_network(actor, cidr="192.168.1.0/24", days=1, reason="mine"),
    ]

    for verb in verbs:
        with pytest.raises((Denied, NotFound)):
            verb()

    assert not services_of(request.getfixturevalue("stranger").actor.organization_id).exists()
    assert Service.objects.get().lifecycle == "proposed"


def test_a_network_is_granted_with_an_end_and_revoked(owner: Someone) -> None:
    grant = granting.grant_network(owner.actor, cidr="192.168.1.7/24", days=30, reason=" our lab ")

    granting.revoke_grant(owner.actor, grant_id=grant.pk)
    granting.revoke_grant(owner.actor, grant_id=grant.pk)

    row = ScanGrant.objects.get()
    assert (row.cidr, row.reason, row.revoked_by) == ("192.168.1.0/24", "our lab", owner.user)
    assert row.ports
    assert list(Change.objects.order_by("id").values_list("verb", flat=True)) == ["give", "revoke"]


@pytest.mark.parametrize(
    ("cidr", "days", "reason", "field"),
    [
        ("10.0.0.0/8", 1, "why", "cidr"),
        ("8.8.8.0/24", 1, "why", "cidr"),
        ("169.254.0.0/24", 1, "why", "cidr"),
        ("0.0.0.0/0", 1, "why", "cidr"),
        ("nonsense\x00", 1, "why", "cidr"),
        ("192.168.1.0/24", 31, "why", "expires_at"),
        ("192.168.1.0/24", 10**12, "why", "expires_at"),
        ("192.168.1.0/24", 0, "why", "expires_at"),
        ("192.168.1.0/24", 1, "  ", "reason"),
    ],
)
def test_an_absurd_grant_is_refused(owner: Someone, cidr: str, days: int, reason: str, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        granting.grant_network(owner.actor, cidr=cidr, days=days, reason=reason)

    assert refusal.value.field == field
    assert not ScanGrant.objects.exists()
