"""The Services pages: who may open them, what they show, what their buttons do."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.discovery.models import Scan, Service, ServiceHealth
from apps.discovery.services.schedules import declared_schedules, keep_in_step
from tests.discovery.rows import FINDING, a_grant, a_rule, a_scan, a_service
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db
PAGES = ["services", "services_networks", "services_scans", "services_machine"]
# Who acts, their role and theme, the rail, how many are in trouble, and one question a kind of row.
_QUERIES = 11


def read(client: Client, page: str) -> str:
    return client.get(reverse(page)).content.decode()


def press(client: Client, service: Service, verb: str, **form: str) -> Any:
    return client.post(reverse("service_act", args=[service.pk, verb]), form)


@pytest.mark.parametrize("page", PAGES)
def test_a_member_meets_a_calm_refusal(member: Someone, page: str) -> None:
    answer = member.client().get(reverse(page))

    assert answer.status_code == 403
    assert "This is not open to you" in answer.content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_before_anything_was_found(owner: Someone, page: str) -> None:
    assert owner.client().get(reverse(page)).status_code == 200


def test_nothing_found_says_what_to_do(owner: Someone) -> None:
    page = read(owner.client(), "services")

    assert "Nothing found yet" in page
    assert "Grant a network" in page


def test_a_found_service_tells_why_it_is_believed(owner: Someone) -> None:
    a_service(owner)

    page = read(owner.client(), "services")

    for words in ("box-1", "Ollama 0.12.3", "GET /api/version", "answers without a key", "listens on all addresses",
                  "llama3.2:3b", "131,072", "98%", "Add box-1", "Ignore box-1", "Test box-1"):  # fmt: skip
        assert words in page


def test_a_service_that_wants_a_key_asks_for_one(owner: Someone) -> None:
    a_service(owner, kind="openai", finding={"needs_key": True}, health="config_error")

    page = read(owner.client(), "services")

    assert "needs a key" in page
    assert 'name="api_key"' in page
    assert "Add with this key" in page


def test_health_is_shown_with_its_history_and_its_marks(owner: Someone) -> None:
    service = a_service(
        owner, lifecycle="accepted", health="offline", moved_to="http://10.0.0.9:1", stale_since=a_scan(owner).asked_at
    )
    ServiceHealth.objects.create(service=service, state="degraded", detail="HTTP 503", since=service.seen_at)

    page = read(owner.client(), "services")

    for words in ("not answering", "not seen for long", "may have moved", "http://10.0.0.9:1", "unsteady", "HTTP 503"):
        assert words in page


def test_what_is_ignored_stands_apart_with_restore(owner: Someone) -> None:
    a_service(owner, lifecycle="ignored")

    page = read(owner.client(), "services")

    assert "Restore box-1" in page
    assert "Add box-1" not in page


def test_hostile_words_of_a_server_stay_words(owner: Someone) -> None:
    evil = "<script>alert(1)</script>"
    a_service(owner, name=evil, finding={**FINDING, "version": evil, "evidence": [{"probe": evil, "shown": evil}]})

    page = read(owner.client(), "services")

    assert evil not in page
    assert "&lt;script&gt;alert(1)" in page


def test_another_organizations_services_are_not_there(owner: Someone, stranger: Someone) -> None:
    service = a_service(owner)

    assert "box-1" not in read(stranger.client(), "services")
    assert press(stranger.client(), service, "ignore").status_code == 404


@pytest.mark.parametrize("verb", ["delete", "x", "undo-all"])
def test_an_unknown_verb_is_not_there(owner: Someone, verb: str) -> None:
    assert press(owner.client(), a_service(owner), verb).status_code == 404


def test_a_service_is_added_ignored_and_brought_back_without_scripts(owner: Someone) -> None:
    client, service = owner.client(), a_service(owner)
    seen = []

    for verb in ("ignore", "restore", "accept"):
        press(client, service, verb)
        service.refresh_from_db()
        seen.append(service.lifecycle)

    assert seen == ["ignored", "proposed", "accepted"]


def test_an_unknown_service_is_not_there(owner: Someone) -> None:
    assert owner.client().post(reverse("service_act", args=[uuid4(), "ignore"])).status_code == 404


def test_a_scan_is_asked_for_once_at_a_time(owner: Someone) -> None:
    client = owner.client()

    client.post(reverse("services_scan"))
    again = client.post(reverse("services_scan"), follow=True)

    assert Scan.objects.count() == 1
    assert "A scan is about to begin." in again.content.decode()


def test_the_record_tells_who_asked_what_was_touched_and_what_was_refused(owner: Someone) -> None:
    touched = [
        {"host": "localhost", "address": "127.0.0.1", "ports": [8000, 8001, 8002, 11434], "open_ports": [11434], "requests": ["11434 GET /api/version"]},
        {"host": "metadata", "address": "169.254.169.254", "refusal": "metadata"},
    ]  # fmt: skip
    a_scan(owner, touched=touched, host_count=2, request_count=1, refused_count=1, found_count=1)
    a_scan(owner, state="failed", error="Valkey did not answer.")

    page = read(owner.client(), "services_scans")

    for words in (f"{owner.user} asked", "8000–8002, 11434", "Nothing was sent: a cloud&#x27;s metadata address.", "1 refused",
                  "Valkey did not answer."):  # fmt: skip
        assert words in page


def test_what_runs_by_itself_is_told_in_words(owner: Someone) -> None:
    keep_in_step(declared_schedules())

    page = read(owner.client(), "services_scans")

    for words in ("Look around on this machine", "every minute", "every day", "every 10 seconds"):
        assert words in page


def test_the_machine_tells_what_it_has(owner: Someone) -> None:
    page = read(owner.client(), "services_machine")

    assert "Processors" in page
    assert "Memory" in page


@pytest.mark.parametrize("page", ["services", "services_networks", "services_scans"])
def test_a_page_costs_the_same_for_many_rows(
    owner: Someone, page: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = owner.client()
    for number in range(1, 9):
        a_service(owner, number)
        a_scan(owner)
        a_grant(owner)
        a_rule(owner, network=f"10.0.{number}.0/24")
    client.get(reverse(page))

    with django_assert_max_num_queries(_QUERIES):
        client.get(reverse(page))
