"""Workloads that carry olympus.discover=true, in the files of Prometheus, Docker, compose and Kubernetes."""

import json
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from apps.discovery.contracts import Candidate, ServiceKind
from apps.discovery.sources import labels
from apps.discovery.sources.context import SourceContext
from apps.discovery.sources.files.label_format import labels_of, parse_label_file
from olympus.kernel.errors import Invalid

TARGETS = """
- targets: ["ollama.lab:11434", "10.0.0.7"]
  labels:
    olympus.discover: true
    olympus.kind: ollama
- targets: ["printer:9100"]
  labels: {job: printers}
"""
COMPOSE = """
services:
  llm:
    image: vllm/vllm-openai
    labels:
      - olympus.discover=true
      - olympus.kind=vllm
    ports: ["127.0.0.1:9000:8000/tcp"]
  search:
    labels: {olympus.discover: "true", olympus.kind: searxng, olympus.port: 8080, olympus.name: Search}
  shop:
    image: shop
"""
INSPECT = [
    {
        "Name": "/chat-llm",
        "Config": {
            "Labels": {"olympus.discover": "true", "olympus.kind": "llamacpp"},
            "ExposedPorts": {"8080/tcp": {}},
        },
        "NetworkSettings": {"Networks": {"bridge": {"IPAddress": "172.17.0.5"}}},
    },
    {"Name": "/db", "Config": {"Labels": None}},
]
KUBERNETES = """
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Service
  metadata:
    name: ollama
    namespace: ai
    labels: {olympus.discover: "true"}
    annotations: {olympus.kind: ollama}
  spec:
    ports: [{port: 80, targetPort: 11434}]
- kind: Service
  metadata: {name: web}
"""


def found_in(text: str) -> list[Candidate]:
    return list(parse_label_file(text.encode()).candidates)


def problems_in(text: str) -> list[str]:
    return [problem.message for problem in parse_label_file(text.encode()).problems]


def place(candidate: Candidate) -> tuple[str, int, ServiceKind | None]:
    return candidate.host, candidate.port, candidate.kind


def test_a_list_of_targets_names_those_with_the_label_alone() -> None:
    found = found_in(TARGETS)

    assert [place(each) for each in found] == [
        ("ollama.lab", 11434, ServiceKind.OLLAMA),
        ("10.0.0.7", 11434, ServiceKind.OLLAMA),
    ]
    assert all(each.is_named and each.source == "labels" for each in found)


def test_the_same_list_as_json_is_read() -> None:
    targets = [{"targets": ["gpu:30000"], "labels": {"__meta_docker_container_label_olympus_discover": "true"}}]

    assert [place(each) for each in found_in(json.dumps(targets))] == [("gpu", 30000, None)]


def test_a_compose_file_gives_the_port_inside_the_container() -> None:
    llm, search = found_in(COMPOSE)

    assert place(llm) == ("llm", 8000, ServiceKind.VLLM)
    assert place(search) == ("search", 8080, ServiceKind.SEARXNG)
    assert (llm.identity, search.identity, search.name) == ("label:llm", "label:Search", "Search")


def test_what_docker_inspect_prints_gives_the_containers_address() -> None:
    assert [place(each) for each in found_in(json.dumps(INSPECT))] == [("172.17.0.5", 8080, ServiceKind.LLAMACPP)]


def test_kubernetes_services_are_named_as_the_cluster_does() -> None:
    assert [place(each) for each in found_in(KUBERNETES)] == [("ollama.ai.svc", 80, ServiceKind.OLLAMA)]


def test_a_path_and_a_scheme_are_taken_from_labels() -> None:
    labels_given = {"olympus.discover": "TRUE", "olympus.scheme": "https", "olympus.path": "/tools/mcp"}
    [it] = found_in(json.dumps([{"targets": ["gate:8443"], "labels": {**labels_given, "olympus.kind": "mcp"}}]))

    assert (it.scheme, it.host, it.port, it.path, it.kind) == ("https", "gate", 8443, "/tools/mcp", ServiceKind.MCP)


@pytest.mark.parametrize(
    "wrong",
    [
        {"olympus.kind": "toaster"},
        {"olympus.port": "0"},
        {"olympus.port": "eighty"},
        {"olympus.port": "-1"},
        {"olympus.scheme": "file"},
        {"olympus.path": "/x\ny"},
        {"olympus.path": "@10.0.0.1/"},
    ],
)
def test_a_label_that_cannot_be_used_is_told_of_and_the_others_stay(wrong: dict[str, str]) -> None:
    on = {"olympus.discover": "true"}
    text = json.dumps([{"targets": ["a:1"], "labels": {**on, **wrong}}, {"targets": ["b:2"], "labels": on}])

    assert [each.host for each in found_in(text)] == ["b"]
    assert problems_in(text)[0].startswith("a:")


@pytest.mark.parametrize("host", ["", "a b", "a/b", "http://x", "x" * 300, "::1::", "ä\x00"])
def test_a_host_that_is_none_is_no_candidate(host: str) -> None:
    text = json.dumps([{"targets": [f"{host}:80"], "labels": {"olympus.discover": "true"}}])

    assert [each.host for each in found_in(text)] == []


@pytest.mark.parametrize("given", [None, 3, "x", [1, None], {"a": {"b": 1}}, {1: 2}])
def test_labels_of_another_type_are_no_labels(given: object) -> None:
    assert labels_of(given) == {}


@pytest.mark.parametrize(
    "text",
    [
        "3",
        "just words",
        '{"a": 1}',
        "[1, 2]",
        "a: &a [*a]",
        "a: &a {b: *a}",
        "a: [1",
        "? [a]\n: b",
        "- " * 100,
        "[" * 5000,
        '{"a":' * 5000,
        "x: " + "a" * (1024 * 1024),
        "a: !!python/object/apply:os.system [ls]",
        "services: []",
        "\ttabs: 1",
        "%YAML 9.9\n---\na: 1",
    ],
)
def test_a_file_that_is_none_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        found_in(text)

    assert refused.value.message.endswith(".")


def test_a_file_that_doubles_itself_is_refused_before_it_grows() -> None:
    laughs = "a: &a [x, x]\n" + "".join(f"{new}: &{new} [*{old}, *{old}]\n" for old, new in pairwise("abcdefghi"))

    with pytest.raises(Invalid, match="aliases"):
        found_in(laughs)


def test_an_empty_file_names_nothing() -> None:
    assert found_in("") == []
    assert found_in("# nothing yet\n") == []


async def test_the_file_in_the_settings_is_read(tmp_path: Path) -> None:
    file = tmp_path / "targets.yaml"
    file.write_text(TARGETS)

    named = await labels.candidates(SourceContext(now=datetime(2026, 11, 21, tzinfo=UTC), label_file=str(file)))

    assert len(list(named.candidates)) == 2


@pytest.mark.parametrize("name", ["missing.yaml", "nul\x00byte", "folder"])
async def test_a_file_that_cannot_be_read_is_told_of(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    context = SourceContext(now=datetime(2026, 11, 21, tzinfo=UTC), label_file=f"{tmp_path}/{name}")

    named = await labels.candidates(context)

    assert list(named.candidates) == []
    assert len(named.problems) == 1
