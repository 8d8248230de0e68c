"""What must hold once all is calm: each accepted message once, each run over, each answer whole or a prefix."""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tests.doubles.texts import expected_text
from tests.faults.waiting import until
from tests.faults.world import database
from tests.support.socket import SocketClient, Turn
from tests.support.spliced import OVER, SplicedRun
from tests.support.stack import Stack

_ROWS = """
SELECT q.text, a.text, a.state, r.state, a.id, r.id, a.comparison_id IS NOT NULL
FROM chat_message q
LEFT JOIN chat_message a ON a.parent_id = q.id
LEFT JOIN agents_run r ON r.id = a.run_id
WHERE q.role = 'user'
"""


@dataclass(frozen=True)
class StoredTurn:
    """A message and its answer as the database has them."""

    answer: str | None
    answer_state: str | None
    run_state: str | None
    answer_id: str
    run_id: str
    is_compared: bool


@dataclass
class Verdict:
    """What was found: how answers ended, and everything that is wrong."""

    ended: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    lost_characters: int = 0
    doubled_characters: int = 0
    taken_back: int = 0

    def complain(self, turn: Turn, text: str) -> None:
        """This will note something wrong with a turn."""
        self.wrong.append(f"{turn.text!r}: {text}")


def stored_turns(stack: Stack) -> dict[str, list[StoredTurn]]:
    """This will read every message with its answers, by the message's text."""
    with database(stack) as connection:
        rows = connection.execute(_ROWS).fetchall()
    found: dict[str, list[StoredTurn]] = {}
    for question, answer, answer_state, run_state, answer_id, run_id, is_compared in rows:
        row = StoredTurn(answer, answer_state, run_state, str(answer_id), str(run_id), is_compared)
        found.setdefault(question, []).append(row)
    return found


def leftovers(stack: Stack) -> dict[str, int]:
    """This will count what must be empty once all runs are over."""
    queries = {
        "unfinished runs": f"SELECT count(*) FROM agents_run WHERE state NOT IN ({', '.join(map(repr, sorted(OVER)))})",
        "log rows of runs that are over": "SELECT count(*) FROM agents_runlog",
        "unfinished answers": (
            "SELECT count(*) FROM chat_message WHERE role = 'assistant' AND state NOT IN "
            f"({', '.join(map(repr, sorted(OVER)))})"
        ),
        "messages at another depth than their place": (
            "SELECT count(*) FROM chat_message m LEFT JOIN chat_message p ON p.id = m.parent_id"
            " WHERE m.depth <> coalesce(p.depth + 1, 0) OR p.conversation_id <> m.conversation_id"
        ),
        "conversations that end nowhere": (
            "SELECT count(*) FROM chat_conversation c LEFT JOIN chat_message l ON l.id = c.active_leaf_id"
            " WHERE l.conversation_id IS DISTINCT FROM c.id AND EXISTS (SELECT FROM chat_message m"
            " WHERE m.conversation_id = c.id AND NOT (m.state = 'cancelled' AND m.text = '') AND m.role = 'assistant')"
        ),
    }
    with database(stack) as connection:
        return {name: connection.execute(query).fetchone()[0] for name, query in queries.items()}  # type: ignore[index]


async def seen_by_a_newcomer(url: str, headers: dict[str, str], turns: list[Turn]) -> dict[str, dict[str, Any]]:
    """This will ask for every run again through a socket of its own: the last snapshot by run."""
    snapshots: dict[str, dict[str, Any]] = {}

    def hear(_: SocketClient, event: dict[str, Any]) -> None:
        if event["type"] == "snapshot":
            snapshots[event["metadata"]["run_id"]] = event["content"]

    async with SocketClient(url, headers, hear=hear) as newcomer:
        for turn in turns:
            for held in turn.runs:
                run = newcomer.resume(held.run_id)
                with suppress(AssertionError):  # then it is missing below, and said so
                    await until(partial(getattr, run, "is_over"), "not over", timeout_s=10, step_s=0.005)
    return snapshots


def verify(
    turns: list[Turn], stored: dict[str, list[StoredTurn]], seen: dict[str, dict[str, Any]], *, tokens: int
) -> Verdict:
    """This will compare what was asked, what the model server sent, what clients put together and what is stored."""
    verdict = Verdict()
    wanted = Counter({turn.text: 2 if "compare" in turn.frame else 1 for turn in turns})
    asked = Counter(turn.text for turn in turns)
    for text, rows in stored.items():
        if asked[text] != 1 or len(rows) != wanted[text]:
            verdict.wrong.append(f"{text!r}: sent {asked[text]} times, stored {len(rows)} times")
    for turn in turns:
        rows = stored.get(turn.text, [])
        if turn.ack is None or len(rows) != wanted[turn.text]:
            verdict.complain(turn, f"refused {turn.refusal!r}, {len(rows)} rows")
            continue
        if sorted(turn.answers) != sorted(row.answer_id for row in rows):
            verdict.complain(turn, "the ack names other answers")
        if turn.kept and any(row.is_compared for row in rows):
            verdict.complain(turn, "an answer was kept, and still they are compared")
        for row in rows:
            _verify_answer(verdict, turn, row, seen.get(row.run_id), expected_text(turn.text, tokens))
    return verdict


def _verify_answer(verdict: Verdict, turn: Turn, row: StoredTurn, seen: dict[str, Any] | None, expected: str) -> None:
    answer, state = row.answer or "", row.run_state or ""
    verdict.ended[state] += 1
    if state not in OVER or row.answer_state != state:
        verdict.complain(turn, f"its run is {state}, its answer {row.answer_state}")
    if not expected.startswith(answer):
        verdict.doubled_characters += abs(len(answer) - len(expected)) or 1
        verdict.complain(turn, f"stored text is no prefix of what the model server sent: {answer[-40:]!r}")
    if state == "complete" and answer != expected:
        verdict.lost_characters += max(0, len(expected) - len(answer))
        verdict.complain(turn, f"complete, but {len(answer)} of {len(expected)} characters")
    run = next((each for each in turn.runs if each.run_id == row.run_id), None)
    _verify_client(verdict, turn, run, answer, state)
    if seen is None or (seen.get("text", ""), seen["state"]) != (answer, state):
        verdict.complain(turn, "a newcomer is shown something else than what is stored")


def _verify_client(verdict: Verdict, turn: Turn, run: SplicedRun | None, answer: str, state: str) -> None:
    if run is None or not run.is_over:
        verdict.complain(turn, f"the client never heard its end ({run.state if run else 'no run'}, stored {state})")
        return
    verdict.taken_back += run.taken_back
    if (run.text, run.state) != (answer, state):
        verdict.lost_characters += max(0, len(answer) - len(run.text))
        verdict.doubled_characters += max(0, len(run.text) - len(answer))
        verdict.complain(
            turn, f"the client holds {len(run.text)} characters ({run.state}), stored {len(answer)} ({state})"
        )
    for complaint in run.complaints:
        verdict.complain(turn, complaint)
