"""A network of hosts made by the test: what was granted is scanned, and nothing else receives a packet."""

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from typing import Any

import pytest

# Without root, a namespace of users makes one; where that is forbidden too, a machine may let sudo do it.
_WAYS = (
    ("unshare", "--net"),
    ("unshare", "--user", "--map-root-user", "--net"),
    ("sudo", "--non-interactive", "--preserve-env", "unshare", "--net"),
)
_LIMIT_S = 90


@cache
def _way_in() -> tuple[str, ...] | str:
    """The command that gives a program a network of its own, or why there is none."""
    if not shutil.which("ip") or not shutil.which("unshare"):
        return "the programs ip (iproute2) and unshare (util-linux) are needed to make network namespaces"
    probe = ("ip", "link", "add", "probe", "type", "veth", "peer", "name", "other")
    said = ""
    for way in _WAYS:
        if shutil.which(way[0]):
            tried = subprocess.run([*way, *probe], capture_output=True, text=True, timeout=20)
            if tried.returncode == 0:
                return way
            said = tried.stderr.strip()
    return f"this account may make no network namespaces: {said}"


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    """What the program saw that builds the network and scans it."""
    way = _way_in()
    if isinstance(way, str):
        if os.environ.get("CI"):
            pytest.fail(f"{way}; in CI this is never left out")
        pytest.skip(way)
    command = [*way, sys.executable, "-m", "tests.doubles.fleet.scanned_network"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_LIMIT_S)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


def test_what_runs_on_the_hosts_of_a_granted_range_is_found(report: dict[str, Any]) -> None:
    found = report["found"]

    assert found == [["ollama", "http://10.77.0.2:11434"], ["vllm", "http://10.77.0.3:8000"]]


def test_nothing_outside_the_granted_range_receives_a_packet(report: dict[str, Any]) -> None:
    outside = {name: report["packets"][name] for name in ("neighbor", "gateway")}

    assert outside == {"neighbor": 0, "gateway": 0}


def test_the_counters_would_have_seen_a_packet(report: dict[str, Any]) -> None:
    control = report["control"]

    assert all(count > 0 for count in control.values())
    assert all(report["packets"][name] > 0 for name in ("first", "second"))


def test_a_granted_host_is_asked_at_no_port_that_was_not_granted(report: dict[str, Any]) -> None:
    asked = report["asked"]

    assert asked == ["10.77.0.2:11434", "10.77.0.3:8000"]


def test_the_record_says_why_each_other_place_was_left_alone(report: dict[str, Any]) -> None:
    refused = report["refused"]

    assert refused == {
        "10.77.0.2": "no_grant",
        "10.77.0.9": "no_grant",
        "10.77.1.1": "no_grant",
        "169.254.169.254": "metadata",
        "metadata.internal": "metadata",
        "203.0.113.1": "no_grant",
        "255.255.255.255": "reserved",
        "8.8.8.8": "public",
    }
