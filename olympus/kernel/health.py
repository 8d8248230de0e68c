"""The registry of readiness checks: each names one thing Olympus needs."""

from collections.abc import Callable

Check = Callable[[], None]
_checks: dict[str, Check] = {}


def register_check(name: str, check: Check) -> None:
    """This will make `/readyz` run `check`, which raises with a plain reason when it fails.

    A check must answer within 2 s; it is called from a thread.
    """
    _checks[name] = check


def registered_checks() -> dict[str, Check]:
    """This will list the checks by name."""
    return dict(_checks)
