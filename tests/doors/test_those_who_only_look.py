"""A viewer and a key that reads change nothing by any door; a key that is over opens none."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import ApiKey, Membership
from apps.accounts.services.keys import create_api_key, revoke_api_key
from olympus.kernel.actor import Role, Scope
from tests.doors.conftest import Snapshot, address_of, signed_in
from tests.doors.rest_tables import send
from tests.doors.tables import OWN_ACCOUNT, form_of
from tests.doors.walk import Door, doors
from tests.support.cast import Someone

OURS = [door for door in doors() if not door.is_admin]
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
WRITES = (Scope.READ, Scope.WRITE, Scope.ADMIN)


def knock(client: Client, method: str, address: str, door: Door, **headers: str) -> Any:
    """Ask for a change, with the form filled in."""
    return send(client, method, address, door.route, form_of(door.route), headers=headers)


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


@pytest.mark.parametrize("door", [d for d in OURS if not d.route.startswith(OWN_ACCOUNT)], ids=lambda d: d.route)
def test_a_viewer_changes_nothing(door: Door, owner: Someone, everything: Snapshot) -> None:
    address = address_of(door, owner)
    Membership.objects.filter(user=owner.user).update(role=Role.VIEWER)
    client = signed_in(owner)
    before = everything()

    answers = {method: knock(client, method, address, door).status_code for method in UNSAFE}

    assert set(answers.values()) <= {302, 403, 404, 405, 410}
    assert everything() == before


@pytest.mark.parametrize("door", OURS, ids=lambda door: door.route)
def test_a_key_that_reads_changes_nothing(door: Door, owner: Someone, everything: Snapshot) -> None:
    address = address_of(door, owner)
    _, secret = create_api_key(actor=owner.actor, name="reads", scopes=[Scope.READ])
    before = everything()

    answers = {method: knock(Client(), method, address, door, **bearer(secret)).status_code for method in UNSAFE}

    assert max(answers.values()) < 500
    assert everything() == before


@pytest.mark.parametrize("door", [d for d in OURS if d.route.startswith("settings/")], ids=lambda door: door.route)
def test_no_key_manages_accounts_whatever_its_scopes(door: Door, owner: Someone, everything: Snapshot) -> None:
    address = address_of(door, owner)
    _, secret = create_api_key(actor=owner.actor, name="all", scopes=WRITES)
    before = everything()

    answers = [knock(Client(), method, address, door, **bearer(secret)).status_code for method in ("GET", *UNSAFE)]

    assert set(answers) <= {403, 405}
    assert everything() == before


@pytest.mark.parametrize("over", ["revoked", "expired", "disabled"])
def test_a_key_that_is_over_opens_nothing(over: str, owner: Someone) -> None:
    key, secret = create_api_key(actor=owner.actor, name="over", scopes=WRITES)
    if over == "revoked":
        revoke_api_key(actor=owner.actor, key_id=key.pk)
    elif over == "expired":
        now = timezone.now()
        ApiKey.objects.filter(pk=key.pk).update(created_at=now - timedelta(days=2), expires_at=now - timedelta(days=1))
    else:
        type(owner.user).objects.filter(pk=owner.user.pk).update(is_active=False)

    answers = [Client().get(path, headers=bearer(secret)) for path in ("/api/v1/me", "/", "/rail/")]
    answers.append(Client().post("/api/v1/attachments", form_of("api/v1/attachments"), headers=bearer(secret)))

    assert [answer.status_code for answer in answers] == [401] * 4
    assert all(answer["WWW-Authenticate"] == "Bearer" for answer in answers)


def test_a_wrong_key_is_not_mended_by_a_session(owner: Someone) -> None:
    assert signed_in(owner).get("/api/v1/me", headers=bearer("oly_nothing")).status_code == 401


def test_a_key_that_writes_writes(owner: Someone) -> None:
    _, secret = create_api_key(actor=owner.actor, name="writes", scopes=[Scope.WRITE])

    answer = Client().post("/api/v1/attachments", form_of("api/v1/attachments"), headers=bearer(secret))

    assert answer.status_code == 201
