"""Who is told, and how often, when a service in use does not serve."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from apps.discovery.contracts import Health, HealthReport, HealthState, ServiceKind
from apps.discovery.engine.alerting import with_news
from apps.discovery.models import Service
from apps.discovery.services import deciding
from apps.discovery.services.alerting import tell_troubles
from apps.discovery.services.health import note_report
from apps.inference.facade import stand_ins_for
from apps.inference.models import Provider
from olympus.kernel.db import in_thread
from tests.discovery.records import at, found, take
from tests.discovery.rows import a_service
from tests.support.cast import Someone
from tests.support.live import LiveClient

OFFLINE, HEALTHY, WARMING = HealthState.OFFLINE, HealthState.HEALTHY, HealthState.WARMING


def told_of(*states: tuple[HealthState, int]) -> list[tuple[int, bool]]:
    """In which rounds, six a minute, people are told of a service that becomes so in those, and whether that it is over."""
    health, news = Health(), []
    changes = {round_: state for state, round_ in states}
    for round_ in range(120):
        now = at(round_ / 6)
        if changes.get(round_, health.state) is not health.state:
            health = replace(health, state=changes[round_], since=now)
        if after := with_news(health, now):
            health = after
            news.append((round_, after.told_since is None))
    return news


def test_an_outage_is_told_once_and_its_end_once() -> None:
    assert told_of((HEALTHY, 0), (OFFLINE, 6), (HEALTHY, 60)) == [(11, False), (65, True)]


def test_one_trouble_that_becomes_another_is_one_outage() -> None:
    states = ((OFFLINE, 6), (HealthState.UNHEALTHY, 18), (HealthState.CONFIG_ERROR, 30))

    assert len(told_of((HEALTHY, 0), *states)) == 1


def test_what_flaps_is_not_told_of_by_each_turn() -> None:
    flapping = [((OFFLINE, HEALTHY)[turn % 2], 6 + turn) for turn in range(60)]

    assert told_of((HEALTHY, 0), *flapping) == []


def test_a_server_that_is_loading_is_not_back_yet() -> None:
    assert len(told_of((OFFLINE, 6), (WARMING, 18), (OFFLINE, 30))) == 1


@pytest.mark.parametrize("state", [HealthState.BUSY, HealthState.RATE_LIMITED, HealthState.DEGRADED, WARMING])
def test_what_passes_by_itself_is_no_trouble(state: HealthState) -> None:
    assert told_of((HEALTHY, 0), (state, 6)) == []


@pytest.mark.django_db
def test_other_servers_that_are_well_stand_in_for_the_models_they_have(owner: Someone, stranger: Someone) -> None:
    def server(name: str, models: list[str], who: Someone = owner, **more: Any) -> Provider:
        catalog = [{"name": model} for model in models]
        known = {"kind": "openai", "base_url": f"http://{name}:1/v1", "catalog": catalog, **more}
        return Provider.objects.create(organization_id=who.actor.organization_id, name=name, **known)

    gone = server("gone", ["small", "large", "own"])
    server("second", ["small:latest"])
    server("down", ["large"], last_error="It does not answer.")
    server("off", ["own"], is_enabled=False)
    server("theirs", ["own"], stranger)

    others = stand_ins_for(owner.actor.organization_id, gone.pk)

    assert (others.servers, others.missing_models) == (["second"], ["large", "own"])


@pytest.mark.django_db(transaction=True)
async def test_owners_hear_of_an_outage_and_of_its_end_and_members_of_neither(owner: Someone, member: Someone) -> None:
    def prepare() -> Service:
        tool = take(owner, found(ServiceKind.MCP, 9000))[0]
        a_service(owner, 1, lifecycle="proposed", health="offline", health_facts={"state": "offline", "since": at(0)})
        return deciding.accept(owner.actor, service_id=tool.pk)

    def look(service: Service, state: HealthState, minutes: float) -> None:
        service.refresh_from_db()
        note_report(service, HealthReport(state=state), at(minutes))
        for seconds in (0, 30, 50, 55):
            tell_troubles(list(Service.objects.all()), at(minutes + seconds / 60))

    service = await in_thread(prepare)
    async with LiveClient(owner.socket_headers()) as watching, LiveClient(member.socket_headers()) as other:
        await in_thread(look, service, OFFLINE, 1)
        await in_thread(look, service, HEALTHY, 5)
        await in_thread(look, service, HEALTHY, 6)
        await watching.wait_for(lambda e: e["type"] == "discovery.trouble" and e["is_over"], timeout_s=2)

        other.send({"type": "ping", "id": "1"})
        await other.ack("1")
        news = [e for e in watching.events if e["type"] == "discovery.trouble"]
        assert [(e["service"], e["is_over"], e["troubled"]) for e in news] == [
            (str(service.pk), False, 1),
            (str(service.pk), True, 0),
        ]
        assert not [e for e in other.events if e["type"] == "discovery.trouble"]


@pytest.mark.django_db
def test_what_was_put_out_of_use_is_not_said_to_be_well_again(owner: Someone) -> None:
    service = a_service(owner, kind="mcp", lifecycle="accepted", health="offline")
    service.health_facts = {"state": "offline", "since": at(0).isoformat()}
    service.save()
    tell_troubles([service], at(1))
    service.refresh_from_db()
    was_told = "told_since" in service.health_facts

    deciding.ignore(owner.actor, service_id=service.pk)

    service.refresh_from_db()
    assert was_told
    assert "told_since" not in service.health_facts


@pytest.fixture
def troubled(owner: Someone, stranger: Someone) -> Client:
    """One service in trouble among others that are none: well, proposed, ignored, turned off, removed, another's."""
    off = Provider.objects.create(
        organization_id=owner.actor.organization_id,
        name="off",
        kind="ollama",
        base_url="http://127.0.0.1:1",
        is_enabled=False,
    )
    a_service(owner, 1, kind="mcp", lifecycle="accepted", health="config_error")
    a_service(owner, 2, lifecycle="accepted", health="healthy")
    a_service(owner, 3, lifecycle="accepted", health="offline", provider=off)
    a_service(owner, 4, health="offline")
    a_service(owner, 5, lifecycle="ignored", health="offline")
    a_service(stranger, 6, kind="mcp", lifecycle="accepted", health="offline")
    a_service(owner, 7, lifecycle="accepted", health="offline")
    return owner.client()


@pytest.mark.django_db
def test_services_in_trouble_are_listed_over_rest(troubled: Client) -> None:
    def names(query: str) -> list[str]:
        rows = troubled.get(f"/api/v1/services?is_troubled={query}").json()["results"]
        assert {row["is_troubled"] for row in rows} == {query == "true"}
        return [row["name"] for row in rows]

    assert names("true") == ["box-1"]
    assert sorted(names("false")) == ["box-2", "box-3", "box-4", "box-5", "box-7"]
    assert troubled.get("/api/v1/services?is_troubled=maybe").status_code == 422


@pytest.mark.django_db
def test_any_page_of_the_settings_tells_how_many_are_in_trouble(troubled: Client) -> None:
    before = troubled.get("/settings/people/").content.decode()
    Service.objects.filter(name="box-1").update(health="healthy")

    after = troubled.get("/settings/people/").content.decode()

    assert "data-troubled><span data-number>1</span>" in before
    assert "data-troubled hidden>" in after
