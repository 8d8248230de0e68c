"""Dockerfile and compose.yaml: no engine runs here, so they are read."""

import re
import shlex
from typing import Any

import pytest
import yaml

from olympus.runtime import serve
from olympus.runtime.places import ROOT

_SETTING = re.compile(r"`([A-Z][A-Z0-9_]+)`")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The services of compose.yaml and the rest."""
    content: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return content


@pytest.fixture(scope="module")
def dockerfile() -> list[tuple[str, str]]:
    """The instructions, continued lines joined."""
    text = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines]


def test_the_image_is_built_in_stages_and_runs_as_an_ordinary_user(dockerfile: list[tuple[str, str]]) -> None:
    last_stage = max(index for index, (word, _) in enumerate(dockerfile) if word == "FROM")

    users = [argument for word, argument in dockerfile[last_stage:] if word == "USER"]

    assert sum(word == "FROM" for word, _ in dockerfile) > 1
    assert users
    assert users[-1] not in {"root", "0"}


def test_everything_the_image_copies_exists_and_is_let_through(dockerfile: list[tuple[str, str]]) -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}

    for argument in [argument for word, argument in dockerfile if word == "COPY" and "--from" not in argument]:
        for source in shlex.split(argument)[:-1]:
            assert (ROOT / source).exists(), source
            assert source.split("/")[0] in allowed, source


def test_no_secret_is_baked_in(dockerfile: list[tuple[str, str]], compose: dict[str, Any]) -> None:
    set_in_image = " ".join(argument for word, argument in dockerfile if word in {"ENV", "ARG"})
    secrets = [service["environment"] for service in compose["services"].values() if "environment" in service]

    assert not re.search(r"SECRET|PASSWORD|KEY|TOKEN", set_in_image)
    for environment in secrets:
        for name in environment.keys() & {"POSTGRES_PASSWORD", "SECRET_KEY", "OPENAI_API_KEY"}:
            assert re.fullmatch(r"\$\{\w+:(\?.+|-)\}", environment[name]), name


def test_the_services_start_what_the_supervisor_starts(compose: dict[str, Any]) -> None:
    commands = {name: compose["services"][name]["command"] for name in ("web", "worker", "beat")}

    assert commands == {name: ["python", "-m", "olympus.runtime.serve", name] for name in serve.PROCESSES}


def test_whatever_the_docs_name_as_a_setting_reaches_the_containers(compose: dict[str, Any]) -> None:
    settings = (ROOT / "docs/operations.md").read_text().partition("## Settings")[2].partition("\n## ")[0]
    named = {name for line in settings.splitlines() if line.startswith("| `") for name in _SETTING.findall(line)}

    missing = named - compose["services"]["web"]["environment"].keys()

    assert len(named) > 15
    assert not missing


def test_every_service_is_watched_and_waits_for_what_it_needs(compose: dict[str, Any]) -> None:
    services = compose["services"]

    assert {"web", "worker", "beat", "postgres", "valkey", "ollama", "ollama-gpu"} <= services.keys()
    assert all("healthcheck" in service for service in services.values())
    for name in ("web", "worker", "beat"):
        assert services[name]["depends_on"]["prepare"]["condition"] == "service_completed_successfully"
    assert "pgvector" in services["postgres"]["image"]
    assert services["ollama-gpu"]["deploy"]["resources"]["reservations"]["devices"][0]["capabilities"] == ["gpu"]


def test_only_this_machine_reaches_the_ports(compose: dict[str, Any]) -> None:
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]

    assert ports == ["127.0.0.1:8000:8000"]


def test_every_named_volume_is_declared(compose: dict[str, Any]) -> None:
    used = {volume.split(":")[0] for service in compose["services"].values() for volume in service.get("volumes", [])}

    assert used == set(compose["volumes"])
