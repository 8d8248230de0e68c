"""Which entry a finding belongs to: what moves one, and what may not."""

from dataclasses import replace

from apps.discovery.contracts import Candidate, Finding, KnownService, Match, Move, ServiceKind
from apps.discovery.engine.identity import key_of, match, stable_name

KIND = ServiceKind.OLLAMA
FOUND = Finding(kind=KIND, url="", identity="same", source="test", host="10.0.0.9", port=11434)
ENTRY = KnownService(id="1", kind=KIND, identity="same", host="10.0.0.5", port=11434, is_accepted=True)


def test_the_names_of_this_machine_are_one_place() -> None:
    keys = {key_of(KIND, host, 11434) for host in ("localhost", "127.0.0.1", "[::1]", "LOCALHOST.")}

    assert len(keys) == 1


def test_a_key_tells_kinds_ports_and_names_apart() -> None:
    keys = {
        key_of(KIND, "a", 1),
        key_of(KIND, "a", 2),
        key_of(KIND, "b", 1),
        key_of(ServiceKind.VLLM, "a", 1),
        key_of(KIND, "a", 1, stable="x"),
    }

    assert len(keys) == 5


def test_a_stable_name_is_one_service_wherever_it_is() -> None:
    assert key_of(KIND, "10.0.0.5", 11434, stable="x") == key_of(KIND, "10.0.0.9", 1, stable="x")


def test_what_a_named_source_says_is_proof_and_what_a_server_says_is_none() -> None:
    named = Candidate(source="labels", identity="box", is_named=True)

    assert stable_name(named, "") == ("labels:box", True)
    assert stable_name(replace(named, is_named=False), "") == ("labels:box", False)
    assert stable_name(Candidate(source="loopback"), "abc") == ("self:abc", False)
    assert stable_name(Candidate(source="loopback"), "") == ("", True)


def test_a_proven_identity_moves_its_entry() -> None:
    finding = replace(FOUND, is_identity_proven=True)

    assert match(finding, [ENTRY]) == Match(Move.MOVED, "1")


def test_a_claimed_identity_moves_no_entry_that_is_trusted() -> None:
    with_key = replace(ENTRY, is_accepted=False, has_key=True)

    assert match(FOUND, [ENTRY]) == Match(Move.CONTESTED, "1")
    assert match(FOUND, [with_key]) == Match(Move.CONTESTED, "1")


def test_a_claimed_identity_moves_a_mere_proposal() -> None:
    assert match(FOUND, [replace(ENTRY, is_accepted=False)]) == Match(Move.MOVED, "1")


def test_the_same_kind_at_the_same_place_is_the_same_entry() -> None:
    there = replace(ENTRY, identity="other", host="10.0.0.9")

    assert match(FOUND, [there]) == Match(Move.SAME, "1")


def test_an_entry_where_it_was_comes_before_its_namesake_elsewhere() -> None:
    here = replace(ENTRY, id="2", host="10.0.0.9")

    assert match(FOUND, [ENTRY, here]) == Match(Move.SAME, "2")


def test_another_product_at_the_place_is_a_new_entry() -> None:
    other = replace(ENTRY, kind=ServiceKind.VLLM, host="10.0.0.9")

    assert match(FOUND, [other]) == Match(Move.NEW)


def test_tool_servers_side_by_side_on_one_host_are_several() -> None:
    one = KnownService(id="1", kind=ServiceKind.MCP, identity="a", host="10.0.0.5", port=8811, path="/issues")
    other = replace(
        FOUND, kind=ServiceKind.MCP, url="http://10.0.0.5:8811/wiki", identity="b", host="10.0.0.5", port=8811
    )

    assert match(other, [one]) == Match(Move.NEW)
    assert match(replace(other, url="http://10.0.0.5:8811/issues/"), [one]) == Match(Move.SAME, "1")
