"""While answers stream, everything breaks: nothing accepted is lost, nothing comes twice, nothing hangs."""

import os
import secrets

import pytest

from tests.faults.injecting import Fault
from tests.faults.scenario import report, run_scenario

pytestmark = [pytest.mark.faults, pytest.mark.stack, pytest.mark.timeout(300)]
_FAULTS, _LIMIT_S = 70, 40.0


def test_every_message_is_answered_once_and_every_answer_is_whole_or_says_so() -> None:
    seed = int(os.environ.get("OLYMPUS_FAULT_SEED") or secrets.randbelow(1_000_000))
    print(f"seed {seed}: repeat with OLYMPUS_FAULT_SEED={seed}")

    result = run_scenario(faults=_FAULTS, seed=seed, limit_s=_LIMIT_S)

    print(report(result))
    assert result.verdict.wrong == []
    assert not any(result.leftovers.values()), result.leftovers
    assert result.verdict.ended["complete"] > 0
    assert result.times.done[Fault.CUT_SOCKET] > 0
