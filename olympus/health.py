"""`/healthz` and `/readyz`: whether this process lives, and whether all it needs does."""

import logging
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from time import monotonic

from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from olympus.kernel.errors import OlympusError
from olympus.kernel.health import Check, registered_checks

logger = logging.getLogger(__name__)
_LIMIT_S = 2.0
# A check that hangs keeps its thread; with more threads than checks a second question is still answered.
_threads = ThreadPoolExecutor(16, thread_name_prefix="health")


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found; `reason` is a sentence when it failed."""

    ok: bool
    reason: str = ""


@require_safe
@never_cache
def healthz(_: HttpRequest) -> HttpResponse:
    """This will answer as long as the process can; it asks nobody else."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(_: HttpRequest) -> HttpResponse:
    """This will name everything Olympus needs and say what of it does not answer; 503 if anything."""
    results = run_checks(registered_checks(), limit_s=_LIMIT_S)
    is_ready = all(result.ok for result in results.values())
    checks = {name: {"ok": result.ok, "reason": result.reason} for name, result in sorted(results.items())}
    body = {"status": "ok" if is_ready else "unavailable", "checks": checks}
    response = JsonResponse(body, status=200 if is_ready else 503)
    # The answer says what is wrong; Django would also log each as an error, several a second during a start.
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001
    return response


def run_checks(checks: Mapping[str, Check], *, limit_s: float) -> dict[str, CheckResult]:
    """This will run all checks at once and wait for each at most `limit_s` seconds in all."""
    end = monotonic() + limit_s
    running = {name: _threads.submit(_run, check) for name, check in checks.items()}
    wait(running.values(), timeout=max(0.0, end - monotonic()))
    return {name: _result(name, future, limit_s) for name, future in running.items()}


def _run(check: Check) -> None:
    try:
        check()
    finally:
        close_old_connections()


def _result(name: str, future: Future[None], limit_s: float) -> CheckResult:
    if not future.done():
        future.cancel()
        return CheckResult(ok=False, reason=f"no answer within {limit_s:g} seconds")
    problem = future.exception()
    if problem is None:
        return CheckResult(ok=True)
    logger.info("health check failed", extra={"check": name}, exc_info=problem)
    # Anybody may ask, so an error that was not worded for people (it may hold addresses) gives only its kind.
    reason = problem.message if isinstance(problem, OlympusError) else f"does not answer ({type(problem).__name__})"
    return CheckResult(ok=False, reason=reason)
