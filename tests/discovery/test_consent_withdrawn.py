"""A grant that is revoked while a scan is under way: what was not looked at yet is left alone."""

import pytest
from django.utils import timezone

from apps.discovery.contracts import Refusal
from apps.discovery.services.granting import grant_network, revoke_grant
from apps.discovery.services.looking import carry_out_look, prepare_look
from olympus.kernel.http import run_alone
from tests.support.cast import Someone


@pytest.mark.django_db(transaction=True)
def test_a_scan_under_way_asks_nobody_in_a_network_that_was_taken_back(owner: Someone) -> None:
    grant = grant_network(owner.actor, cidr="10.255.255.0/29", ports=[8000], days=1, reason="a try")
    look = prepare_look(owner.actor.organization_id, with_networks=True, now=timezone.now())
    revoke_grant(owner.actor, grant_id=grant.pk)

    seen = run_alone(lambda: carry_out_look(look, lambda _: None))

    in_network = [row for row in seen.result.touched if row.host.startswith("10.255.255.")]
    assert len(in_network) == 6
    assert {row.refusal for row in in_network} == {Refusal.NO_GRANT}
