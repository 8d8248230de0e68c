"""Discovery's lists in the owners' admin: they open, search, and cost the same for many rows."""

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apps.discovery.models import Change, ServiceHealth
from tests.discovery.rows import a_grant, a_rule, a_scan, a_service
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db
# Who acts and may, the rows, their count filtered and in all, the filters' choices.
_QUERIES = 10


@pytest.mark.parametrize("table", ["service", "servicehealth", "scan", "scangrant", "acceptrule", "change"])
def test_a_list_costs_the_same_for_many_rows(
    owner: Someone, table: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    owner.user.is_staff = owner.user.is_superuser = True
    owner.user.save()
    client, now = owner.client(), timezone.now()
    for number in range(1, 9):
        service = a_service(owner, number, api_key="s3cret-value")
        ServiceHealth.objects.create(service=service, state="offline", since=now)
        a_scan(owner)
        a_grant(owner, revoked_by=owner.user)
        rule = a_rule(owner, network=f"10.0.{number}.0/24")
        Change.objects.create(
            organization_id=owner.actor.organization_id, subject="rule", subject_id=rule.pk, label=str(rule), verb="make",
            changed_by=owner.user, changed_at=now,
        )  # fmt: skip
    place = reverse(f"admin:discovery_{table}_changelist")
    client.get(place)

    with django_assert_max_num_queries(_QUERIES):
        page = client.get(place, {"q": "1"})

    assert page.status_code == 200
    assert b"s3cret-value" not in page.content
