"""Services, scans, grants and rules over REST."""

import json
from typing import Any

import pytest
from django.test import Client

from apps.accounts.services.keys import create_api_key
from apps.discovery.models import AcceptRule, Scan, ScanGrant, ServiceHealth
from olympus.kernel.actor import Scope
from tests.discovery.rows import a_grant, a_rule, a_scan, a_service
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db
GRANT = {"cidr": "192.168.1.0/24", "ports": [11434], "days": 7, "reason": "the lab"}
LISTS = ["/services", "/scans", "/scan-grants", "/accept-rules", "/machine"]


def ask(client: Client, method: str, path: str, body: Any = None, **headers: str) -> Any:
    data = b"" if body is None else json.dumps(body)
    return client.generic(method, f"/api/v1{path}", data, "application/json", headers=headers)


@pytest.mark.parametrize("path", LISTS)
def test_a_member_is_refused(member: Someone, path: str) -> None:
    answer = ask(member.client(), "GET", path)

    assert (answer.status_code, answer.json()["code"]) == (403, "denied")


def test_services_are_listed_and_filtered(owner: Someone, stranger: Someone) -> None:
    a_service(owner, 1, lifecycle="ignored")
    a_service(owner, 2, kind="vllm", health="offline")
    a_service(stranger, 3)
    client = owner.client()

    names = {
        query: [row["name"] for row in ask(client, "GET", f"/services{query}").json()["results"]]
        for query in ("", "?lifecycle=ignored", "?kind=vllm", "?state=offline", "?kind=redis")
    }

    assert names == {
        "": ["box-2", "box-1"],
        "?lifecycle=ignored": ["box-1"],
        "?kind=vllm": ["box-2"],
        "?state=offline": ["box-2"],
        "?kind=redis": [],
    }


def test_a_service_tells_what_it_is_and_how_it_has_been(owner: Someone) -> None:
    service = a_service(owner, api_key="secret")
    ServiceHealth.objects.create(service=service, state="degraded", detail="HTTP 503", since=service.seen_at)

    shown = ask(owner.client(), "GET", f"/services/{service.pk}").json()

    assert shown["version"] == "0.12.3"
    assert shown["models"][0]["context_length"] == 131_072
    assert shown["risks"] == ["answers_without_key", "listens_on_all_addresses"]
    assert shown["evidence"][0]["probe"] == "GET /api/version"
    assert [row["state"] for row in shown["history"]] == ["degraded"]
    assert shown["has_key"] is True
    assert "secret" not in json.dumps(shown)


def test_a_service_that_told_nothing_is_shown_too(owner: Someone) -> None:
    service = a_service(owner, finding={})

    shown = ask(owner.client(), "GET", f"/services/{service.pk}").json()

    assert (shown["version"], shown["models"], shown["needs_key"], shown["confidence"]) == ("", [], False, 0.0)


def test_a_service_is_ignored_restored_and_taken_back(owner: Someone) -> None:
    client, service = owner.client(), a_service(owner)

    seen = [
        ask(client, "POST", f"/services/{service.pk}/{verb}").json()["lifecycle"]
        for verb in ("ignore", "undo", "ignore", "restore")
    ]

    assert seen == ["ignored", "proposed", "ignored", "proposed"]


def test_what_nobody_decided_cannot_be_taken_back(owner: Someone) -> None:
    answer = ask(owner.client(), "POST", f"/services/{a_service(owner).pk}/undo")

    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_undo")


def test_a_decision_is_made_only_on_the_state_that_was_read(owner: Someone) -> None:
    client, service = owner.client(), a_service(owner)
    tag = ask(client, "GET", f"/services/{service.pk}")["ETag"]

    first = ask(client, "POST", f"/services/{service.pk}/ignore", **{"If-Match": tag})
    second = ask(client, "POST", f"/services/{service.pk}/restore", **{"If-Match": tag})

    assert (first.status_code, second.status_code) == (200, 412)


def test_how_a_service_is_just_now_changes_no_tag(owner: Someone) -> None:
    client, service = owner.client(), a_service(owner)
    before = ask(client, "GET", f"/services/{service.pk}")["ETag"]
    service.health = "degraded"
    service.save()

    assert ask(client, "GET", f"/services/{service.pk}")["ETag"] == before


def test_a_list_somebody_has_already_is_not_sent_again(owner: Someone) -> None:
    client = owner.client()
    a_service(owner)
    tag = ask(client, "GET", "/services")["ETag"]

    assert ask(client, "GET", "/services", **{"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("body", [{"api_key": 7}, {"api_key": "x" * 5000}, {"api_key": None}, [], "text"])
def test_a_key_that_is_none_is_refused(owner: Someone, body: Any) -> None:
    answer = ask(owner.client(), "POST", f"/services/{a_service(owner).pk}/accept", body)

    assert answer.status_code in {400, 422}


def test_a_scan_begins_once_by_its_key_and_one_at_a_time(owner: Someone) -> None:
    client = owner.client()

    first = ask(client, "POST", "/scans", {}, **{"Idempotency-Key": "a"})
    again = ask(client, "POST", "/scans", {}, **{"Idempotency-Key": "a"})
    other = ask(client, "POST", "/scans", {})

    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["id"] == again.json()["id"]
    assert first["Location"].endswith(first.json()["id"])
    assert other.status_code in {202, 409}
    assert Scan.objects.count() == 1


def test_a_scan_tells_all_that_it_touched(owner: Someone) -> None:
    touched = [{"host": "metadata", "address": "169.254.169.254", "refusal": "metadata"}]
    scan = a_scan(owner, touched=touched)

    shown = ask(owner.client(), "GET", f"/scans/{scan.pk}").json()

    assert shown["touched"][0]["refusal"] == "metadata"
    assert "touched" not in ask(owner.client(), "GET", "/scans").json()["results"][0]


def test_a_network_is_granted_and_revoked(owner: Someone) -> None:
    client = owner.client()

    made = ask(client, "POST", "/scan-grants", GRANT)
    gone = ask(client, "DELETE", f"/scan-grants/{made.json()['id']}")
    shown = ask(client, "GET", f"/scan-grants/{made.json()['id']}").json()

    assert (made.status_code, gone.status_code) == (201, 204)
    assert made.json()["ports"] == [11434]
    assert shown["revoked_at"] is not None


@pytest.mark.parametrize(
    "changed",
    [
        {"cidr": "0.0.0.0/0"}, {"cidr": "169.254.169.254/32"}, {"cidr": 7}, {"cidr": "x\x00"}, {"ports": [0]},
        {"ports": ["a"]}, {"ports": list(range(1, 80))}, {"days": 10**30}, {"days": "7"}, {"reason": " "},
    ],
)  # fmt: skip
def test_a_grant_that_cannot_be_is_refused(owner: Someone, changed: dict[str, Any]) -> None:
    answer = ask(owner.client(), "POST", "/scan-grants", {**GRANT, **changed})

    assert answer.status_code == 422
    assert not ScanGrant.objects.exists()


def test_a_rule_is_made_removed_and_brought_back(owner: Someone) -> None:
    client = owner.client()

    made = ask(client, "POST", "/accept-rules", {"kind": "ollama"}).json()
    gone = ask(client, "DELETE", f"/accept-rules/{made['id']}")
    back = ask(client, "POST", f"/accept-rules/{made['id']}/undo")

    assert (gone.status_code, back.status_code) == (204, 200)
    assert AcceptRule.objects.get().kind == "ollama"


def test_a_rule_is_switched_off_and_on_by_who_read_it_last_and_taken_back(owner: Someone) -> None:
    client, rule = owner.client(), a_rule(owner)
    place = f"/accept-rules/{rule.pk}"
    tag = ask(client, "GET", place)["ETag"]

    off = ask(client, "PATCH", place, {"is_enabled": False}, **{"If-Match": tag})
    late = ask(client, "PATCH", place, {"is_enabled": True}, **{"If-Match": tag})
    back = ask(client, "POST", f"{place}/undo")

    assert (off.status_code, off.json()["is_enabled"]) == (200, False)
    assert late.status_code == 412
    assert back.json() == {**off.json(), "is_enabled": True}


@pytest.mark.parametrize("body", [{}, {"is_enabled": "no"}, {"is_enabled": None}, [], {"is_enabled": 0}])
def test_a_switch_that_says_nothing_is_refused(owner: Someone, body: Any) -> None:
    answer = ask(owner.client(), "PATCH", f"/accept-rules/{a_rule(owner).pk}", body)

    assert answer.status_code in {400, 422}


def test_strangers_find_nothing(owner: Someone, stranger: Someone) -> None:
    paths = [
        f"/services/{a_service(owner).pk}",
        f"/scans/{a_scan(owner).pk}",
        f"/scan-grants/{a_grant(owner).pk}",
        f"/accept-rules/{a_rule(owner).pk}",
    ]

    assert {ask(stranger.client(), "GET", path).status_code for path in paths} == {404}


def test_a_key_without_the_admin_scope_may_not_decide(owner: Someone) -> None:
    _, secret = create_api_key(actor=owner.actor, name="reader", scopes=[Scope.READ])
    service = a_service(owner)

    answer = ask(Client(), "POST", f"/services/{service.pk}/ignore", Authorization=f"Bearer {secret}")

    assert answer.status_code == 403


def test_the_machine_tells_what_it_has(owner: Someone) -> None:
    shown = ask(owner.client(), "GET", "/machine").json()

    assert shown["cpu_count"] >= 1
    assert 0 < shown["memory_available_bytes"] <= shown["memory_bytes"]
