"""A file of MCP servers that somebody brings: what it names is proposed, and nothing of it is started or asked."""

import json
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from time import monotonic
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from apps.discovery.contracts import ServiceKind
from apps.discovery.errors import NotThisMachines
from apps.discovery.models import AcceptRule, Service
from apps.discovery.services import deciding
from apps.discovery.services.proposing import Proposed, propose_mcp_file
from olympus.kernel.errors import Denied
from tests.discovery.records import found, take
from tests.discovery.rows import a_rule
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db

FILE = {
    "mcpServers": {
        "files": {"command": "npx", "args": ["-y", "server-files", "/data"], "env": {"TOKEN": "s3cret-value"}},
        "search": {"command": "uvx", "args": ["server-search"]},
        "wiki": {"url": "http://127.0.0.1:9000/mcp", "headers": {"Authorization": "Bearer s3cret-value"}},
    }
}
FIFTY_MEGABYTES = 50 * 1024 * 1024


def bring(who: Someone, document: Any, name: str = "mcp.json") -> Proposed:
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    return propose_mcp_file(who.actor, name=name, size_bytes=len(content), file=BytesIO(content))


def of_servers(**servers: Any) -> dict[str, Any]:
    return {"mcpServers": servers}


def test_what_a_file_names_is_proposed_without_its_secrets(owner: Someone) -> None:
    proposed = bring(owner, FILE)

    rows = {row.name: row for row in Service.objects.all()}
    assert (len(proposed.services), proposed.new_count, proposed.problems) == (3, 3, [])
    assert {row.lifecycle for row in rows.values()} == {"proposed"}
    assert {row.health for row in rows.values()} == {"unknown"}
    assert (rows["wiki"].url, rows["files"].url) == ("http://127.0.0.1:9000/mcp", "")
    assert rows["files"].finding["env_names"] == ["TOKEN"]
    assert "s3cret" not in str(list(Service.objects.values()))


def test_bringing_it_again_makes_no_doubles_and_a_proposal_follows_its_file(owner: Someone) -> None:
    bring(owner, FILE)

    again = bring(owner, {**FILE, "mcpServers": {**FILE["mcpServers"], "wiki": {"url": "http://127.0.0.1:9001/mcp"}}})

    assert (Service.objects.count(), again.new_count) == (3, 0)
    assert Service.objects.get(name="wiki").url == "http://127.0.0.1:9001/mcp"


def test_what_is_in_use_or_ignored_stays_where_it_is(owner: Someone) -> None:
    bring(owner, of_servers(used={"url": "http://127.0.0.1:9000/mcp"}, unwanted={"url": "http://127.0.0.1:9001/mcp"}))
    deciding.accept(owner.actor, service_id=Service.objects.get(name="used").pk, api_key="k")
    deciding.ignore(owner.actor, service_id=Service.objects.get(name="unwanted").pk)

    bring(owner, of_servers(used={"url": "http://10.0.0.1:9/mcp"}, unwanted={"url": "http://10.0.0.1:10/mcp"}))

    assert set(Service.objects.values_list("name", "lifecycle", "url")) == {
        ("used", "accepted", "http://127.0.0.1:9000/mcp"),
        ("unwanted", "ignored", "http://127.0.0.1:9001/mcp"),
    }


def test_no_rule_adds_what_nobody_has_seen(owner: Someone) -> None:
    a_rule(owner, kind="mcp", network="")

    bring(owner, FILE)

    assert AcceptRule.objects.exists()
    assert not Service.objects.filter(lifecycle="accepted").exists()


def test_a_scan_that_finds_it_knows_it_again(owner: Someone) -> None:
    bring(owner, of_servers(wiki={"url": "http://127.0.0.1:9000/mcp"}))

    take(owner, found(ServiceKind.MCP, 9000, host="127.0.0.1", url="http://127.0.0.1:9000/mcp"))

    assert Service.objects.get().health == "healthy"


def test_two_programs_of_one_file_stay_two_when_a_scan_names_them(owner: Someone) -> None:
    programs = [
        found(ServiceKind.MCP, 0, host="", url="", address="", command=(name,), stable=name, name=name)
        for name in ("one", "two")
    ]

    take(owner, *programs)
    take(owner, *programs, minutes=1)

    assert sorted(Service.objects.values_list("name", flat=True)) == ["one", "two"]


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("192.168.1.66", "http://192.168.1.66:8000"),
        ("192.168.1.20", "http://192.168.1.20:8000/other"),
        ("192.168.1.20", "https://192.168.1.20:8000"),
    ],
)
def test_a_tool_servers_key_does_not_follow_it_to_another_address(owner: Someone, host: str, url: str) -> None:
    tool = take(owner, found(ServiceKind.MCP, stable="wiki", is_identity_proven=True))[0]
    deciding.accept(owner.actor, service_id=tool.pk, api_key="k")

    take(owner, found(ServiceKind.MCP, host=host, url=url, stable="wiki", is_identity_proven=True), minutes=1)

    row = Service.objects.get()
    assert (row.url, row.moved_to) == ("http://192.168.1.20:8000", url)


def test_tool_servers_side_by_side_are_proposed_each(owner: Someone) -> None:
    servers = {name: {"url": f"http://127.0.0.1:8811/{name}"} for name in ("issues", "wiki")}

    proposed = bring(owner, of_servers(**servers))

    assert [each.url for each in proposed.services] == [each["url"] for each in servers.values()]


@pytest.mark.parametrize(
    "address", ["http://169.254.169.254/mcp", "http://8.8.8.8/mcp", "http://[fe80::1]/mcp", "http://0.0.0.0:9/mcp"]
)
def test_an_address_that_is_never_asked_is_refused_in_words(owner: Someone, address: str) -> None:
    proposed = bring(owner, of_servers(evil={"url": address}))

    assert (len(proposed.services), len(proposed.problems)) == (0, 1)
    assert "evil" in proposed.problems[0]


@pytest.mark.parametrize("who", ["member", "stranger"])
def test_only_those_who_run_this_machine_bring_files(who: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises((Denied, NotThisMachines)):
        bring(request.getfixturevalue(who), FILE)

    assert not Service.objects.exists()


WRONG = {
    "50 MB": b'{"mcpServers": {"x": "' + b"x" * FIFTY_MEGABYTES + b'"}}',
    "deep": b'{"mcpServers":' * 200_000,
    "cycle": b"mcpServers: &a\n  b: *a\n",
    "picture": b"\x89PNG\r\n\x1a\n\x00",
    "other JSON": b'{"name": "package"}',
    "list": b"[]",
    "servers in a list": b'{"mcpServers": []}',
}


@pytest.mark.parametrize("content", WRONG.values(), ids=WRONG)
def test_a_file_that_is_none_is_refused_with_a_sentence_and_soon(owner: Someone, content: bytes) -> None:
    client = owner.client()
    began = monotonic()

    answers = [_send(client, place, content) for place in (reverse("services_mcp_file"), "/api/v1/services/mcp-file")]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].context["file_form"].errors["file"][0] == answers[1].json()["detail"]
    assert answers[1].json()["field"] == "file"
    assert not Service.objects.exists()
    assert monotonic() - began < 10


def test_the_page_says_what_came_of_it_and_what_could_not_be_used(owner: Someone) -> None:
    document = {"mcpServers": {**FILE["mcpServers"], "broken": {"args": []}}}

    answer = owner.client().post(
        reverse("services_mcp_file"), {"file": _file(json.dumps(document).encode())}, follow=True
    )

    page = answer.content.decode()
    assert "The file names 3 tool servers. 3 of them are new." in page
    assert "broken" in page
    assert "named in a configuration file" in page


def test_over_rest_a_repeat_by_its_key_is_the_first_answer(owner: Someone) -> None:
    client, content = owner.client(), json.dumps(FILE).encode()

    first, again = (
        client.post("/api/v1/services/mcp-file", {"file": _file(content)}, headers={"Idempotency-Key": "a"})
        for _ in range(2)
    )

    assert (first.status_code, first.json()["new_count"]) == (200, 3)
    assert again.json() == first.json()


def test_a_request_without_a_file_is_refused(owner: Someone) -> None:
    client = owner.client()

    answers = [client.post(place, {}) for place in (reverse("services_mcp_file"), "/api/v1/services/mcp-file")]

    assert [answer.status_code for answer in answers] == [422, 422]


def _file(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("mcp.json", content, "application/json")


def _send(client: Client, place: str, content: bytes) -> Any:
    return client.post(place, {"file": _file(content)})


@pytest.mark.django_db(transaction=True)
def test_a_file_brought_twice_at_once_is_stored_once(owner: Someone) -> None:
    def twice(_: int) -> int:
        try:
            return bring(owner, of_servers(wiki={"url": "http://127.0.0.1:9000/mcp"})).new_count
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        counts = sorted(pool.map(twice, range(2)))

    assert counts == [0, 1]
