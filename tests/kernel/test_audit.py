"""The audit log."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from olympus.kernel import audit
from olympus.kernel.actor import Actor, Role
from olympus.kernel.models import AuditEntry

pytestmark = pytest.mark.django_db


def test_an_entry_names_who_what_and_where() -> None:
    actor = Actor(uuid4(), uuid4(), Role.OWNER)

    audit.record("api_key.create", actor=actor, subject="abc", address="127.0.0.1", name="script", id=uuid4())

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject, entry.address) == ("api_key.create", "abc", "127.0.0.1")
    assert (entry.actor_id, entry.organization_id) == (actor.user_id, actor.organization_id)
    assert entry.detail["name"] == "script"


@pytest.mark.parametrize("change", ["UPDATE kernel_auditentry SET action = 'x'", "DELETE FROM kernel_auditentry"])
def test_the_database_refuses_to_change_it(change: str) -> None:
    audit.record("thing.happen")

    with pytest.raises(IntegrityError, match="append only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
    assert AuditEntry.objects.get().action == "thing.happen"


def test_an_act_that_fails_leaves_no_entry() -> None:
    class Stop(Exception):
        pass

    @transaction.atomic
    def act_and_fail() -> None:
        audit.record("thing.happen")
        raise Stop

    with pytest.raises(Stop):
        act_and_fail()

    assert not AuditEntry.objects.exists()
