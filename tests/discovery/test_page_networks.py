"""Networks and rules: granted, revoked, made, switched and removed on their page."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.discovery.models import AcceptRule, Change, ScanGrant
from olympus.kernel.actor import Role
from tests.discovery.rows import a_rule
from tests.support.cast import Someone, someone

pytestmark = pytest.mark.django_db


def read(client: Client) -> str:
    return client.get(reverse("services_networks")).content.decode()


def test_a_network_is_granted_and_revoked(owner: Someone) -> None:
    client = owner.client()
    form = {"cidr": "192.168.1.0/24", "ports": "11434, 8000", "days": "7", "reason": "the lab"}

    client.post(reverse("grant_add"), form)
    grant = ScanGrant.objects.get()
    shown = read(client)
    client.post(reverse("grant_revoke", args=[grant.pk]))
    grant.refresh_from_db()

    assert grant.ports == [8000, 11434]
    assert "the lab" in shown
    assert "all of it takes 1 minute" in shown
    assert grant.revoked_at is not None
    assert "revoked" in read(client)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cidr", "0.0.0.0/0"),
        ("cidr", "8.8.8.0/24"),
        ("cidr", "169.254.0.0/16"),
        ("cidr", "nonsense"),
        ("cidr", "10.0.0.0/8"),
        ("cidr", "10.0.0.0/24\x00"),
        ("ports", "0"),
        ("ports", "99999999999999999999"),
        ("ports", "٣"),
        ("ports", ",".join(str(port) for port in range(1, 80))),
        ("days", "31"),
        ("days", "0"),
        ("days", "soon"),
        ("reason", ""),
        ("reason", "   "),
    ],
)
def test_a_grant_that_cannot_be_is_refused_at_its_field(owner: Someone, field: str, value: str) -> None:
    form = {"cidr": "192.168.1.0/24", "ports": "", "days": "7", "reason": "the lab", field: value}

    answer = owner.client().post(reverse("grant_add"), form)

    assert answer.status_code == 422
    assert answer.context["grant_form"].errors.keys() == {field}
    assert not ScanGrant.objects.exists()


def test_only_the_owner_grants(owner: Someone) -> None:
    admin = someone("admin@example.org", Role.ADMIN)
    form = {"cidr": "192.168.1.0/24", "days": "7", "reason": "the lab"}

    page = read(admin.client())
    answer = admin.client().post(reverse("grant_add"), form)

    assert "Only the owner grants networks." in page
    assert answer.status_code == 403


def test_a_rule_is_made_and_removed(owner: Someone) -> None:
    client = owner.client()

    client.post(reverse("rule_add"), {"kind": "ollama", "network": "127.0.0.0/8"})
    shown = read(client)
    client.post(reverse("rule_remove", args=[AcceptRule.objects.get().pk]))

    assert "Ollama · 127.0.0.0/8" in shown
    assert not AcceptRule.objects.exists()


def test_a_rule_is_switched_off_and_on(owner: Someone) -> None:
    client, rule = owner.client(), a_rule(owner)
    switch = reverse("rule_switch", args=[rule.pk])

    shown = [client.post(switch, {"on": on}, follow=True).content.decode() for on in ("0", "0", "1")]

    assert ["Switch on the rule Ollama" in page for page in shown] == [True, True, False]
    assert AcceptRule.objects.get().is_enabled
    assert list(Change.objects.order_by("id").values_list("verb", flat=True)) == ["switch_off", "switch_on"]


def test_a_rule_that_was_removed_is_brought_back_once(owner: Someone) -> None:
    client, rule = owner.client(), a_rule(owner)
    undo = reverse("rule_undo", args=[rule.pk])

    client.post(reverse("rule_switch", args=[rule.pk]), {"on": "0"})
    removed = client.post(reverse("rule_remove", args=[rule.pk]), follow=True).content.decode()
    seen = {"changed": Change.objects.get(verb="remove").pk}
    undone = [client.post(undo, seen, follow=True).content.decode() for _ in range(2)]

    assert undo in removed
    assert ["as they were before" in page for page in undone] == [True, False]
    assert [each.is_enabled for each in AcceptRule.objects.filter(pk=rule.pk)] == [False]


def test_a_stranger_takes_back_no_change_of_a_rule(owner: Someone, stranger: Someone) -> None:
    rule = a_rule(owner)
    owner.client().post(reverse("rule_remove", args=[rule.pk]))

    stranger.client().post(reverse("rule_undo", args=[rule.pk]))

    assert not AcceptRule.objects.exists()


@pytest.mark.parametrize("form", [{}, {"network": "not a network"}, {"kind": "teapot"}])
def test_a_rule_that_matches_all_or_nothing_is_refused(owner: Someone, form: dict[str, str]) -> None:
    answer = owner.client().post(reverse("rule_add"), form)

    assert answer.status_code == 422
    assert not AcceptRule.objects.exists()
