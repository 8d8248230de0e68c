"""A scan: candidates in, findings and an account of what was touched out."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from apps.discovery.contracts import Candidate, Finding, Progress, Refusal, ScanResult
from apps.discovery.engine.policy import Policy, refusal, refused
from apps.discovery.scanning.finding import Account, finding_of, program_of, without_doubles
from apps.discovery.scanning.limits import LIMITS, Limits
from apps.discovery.scanning.order import in_turn
from apps.discovery.scanning.places import Place, Resolve, Resolver, look_up, places_of
from apps.discovery.scanning.probing import recognize
from apps.discovery.scanning.wire import Wire
from olympus.kernel.http import instance_id

logger = logging.getLogger(__name__)

Spots = dict[tuple[str, int, str], list[Place]]
Renew = Callable[[], Awaitable[Policy]]
# For so long at most a scan goes by a grant that was taken back.
_RENEW_S = 2.0
# Candidates whose names are looked up side by side; a large network's would be tasks by the ten thousand.
_BATCH = 1024


@dataclass(slots=True)
class _Scan:
    """One scan under way."""

    wire: Wire
    account: Account
    policy: Policy
    findings: list[Finding]
    instance: str
    tell: Callable[[Progress], None]
    total: int = 0
    done: int = 0

    async def look(self, places: Sequence[Place]) -> None:
        for place in places:
            if reason := refusal(self.policy, place.candidate, place.address):
                self.account.refuse(place.candidate, reason)
                break
            is_open = await self.wire.is_open(place)
            if is_open:
                await self._identify(place)
            self.account.touch(
                place, self.wire.traces.pop((place.address, place.candidate.port), None), is_open=is_open
            )
            if is_open:
                break
        self.done += 1
        self.tell(Progress(self.done, self.total, len(self.findings)))

    async def _identify(self, place: Place) -> None:
        try:
            async with asyncio.timeout(self.wire.limits.target_s):
                known = await recognize(self.wire, place, self.instance)
            if known is not None:
                self.findings.append(finding_of(place, known))
        except TimeoutError:
            return
        except Exception:
            # Whatever one server says, the others are looked at.
            logger.exception("an answer could not be read", extra={"place": f"{place.address}:{place.candidate.port}"})

    async def renew_policy(self, renew: Renew) -> None:
        while True:
            await asyncio.sleep(_RENEW_S)
            self.policy = await renew()


async def scan(
    candidates: Iterable[Candidate],
    policy: Policy,
    *,
    deadline_s: float | None = None,
    tell: Callable[[Progress], None] = lambda _: None,
    renew: Renew | None = None,
    instance: str | None = None,
    resolve: Resolve = look_up,
    limits: Limits = LIMITS,
) -> ScanResult:
    """This will look at all candidates the policy allows and return what was found and touched.

    It ends by itself; with `deadline_s` it ends then at the latest, with what it has. `tell` hears of each place that
    was looked at. `renew` is asked at once and every two seconds for the policy as it is by then, which goes for all that
    was not looked at yet. `instance` is this installation's id, which is never found.
    """
    account = Account()
    asked = list(candidates)
    resolver = Resolver(resolve, limits.resolve_s)
    spots = await _spots([each for each in asked if not each.command], policy, resolver, account)
    programs = [program_of(each) for each in asked if each.command]
    own = instance_id() if instance is None else instance
    async with Wire(limits) as wire:
        under_way = _Scan(wire, account, policy, programs, own, tell, total=len(spots))
        was_cut = not await _within(deadline_s, _look_at_all(under_way, spots, limits.connections, renew))
    return ScanResult(findings=without_doubles(under_way.findings), touched=account.rows(), was_cut=was_cut)


async def _within(deadline_s: float | None, work: Awaitable[None]) -> bool:
    try:
        async with asyncio.timeout(deadline_s):
            await work
    except TimeoutError:
        return False
    return True


async def _look_at_all(under_way: _Scan, spots: Spots, worker_count: int, renew: Renew | None) -> None:
    waiting = in_turn(spots.values(), under_way.wire.answering)

    async def work() -> None:
        for places in waiting:
            await under_way.look(places)

    if renew:
        under_way.policy = await renew()
    async with asyncio.TaskGroup() as beside:
        renewing = beside.create_task(under_way.renew_policy(renew)) if renew else None
        async with asyncio.TaskGroup() as group:
            for _ in range(min(worker_count, len(spots))):
                group.create_task(work())
        if renewing:
            renewing.cancel()


async def _spots(candidates: Sequence[Candidate], policy: Policy, resolver: Resolver, account: Account) -> Spots:
    """Where to look: each address and port once, whoever names it."""
    spots: Spots = {}
    for start in range(0, len(candidates), _BATCH):
        batch = candidates[start : start + _BATCH]
        found = await asyncio.gather(*(places_of(candidate, policy, resolver) for candidate in batch))
        for candidate, places in zip(batch, found, strict=True):
            if isinstance(places, Refusal):
                account.refuse(candidate, places)
                continue
            spot = (places[0].address, candidate.port, candidate.path.rstrip("/"))
            spots[spot] = _joined(spots.get(spot, []), places)
    return spots


def _joined(before: list[Place], more: list[Place]) -> list[Place]:
    """The better of two candidates for one place, with what only the other knows."""
    if not before:
        return more
    first, second = sorted((before, more), key=lambda places: _worth(places[0].candidate), reverse=True)
    one, other = first[0].candidate, second[0].candidate
    joined = replace(
        one, kind=one.kind or other.kind, listens_on=one.listens_on or other.listens_on, name=one.name or other.name
    )
    return [replace(place, candidate=joined) for place in first]


def _worth(candidate: Candidate) -> tuple[bool, bool, bool]:
    return candidate.is_named, bool(candidate.identity), candidate.kind is not None


async def identify(
    candidate: Candidate,
    policy: Policy,
    *,
    instance: str | None = None,
    resolve: Resolve = look_up,
    limits: Limits = LIMITS,
) -> Finding | None:
    """This will look at one candidate, None if nothing known answers.

    Raises:
        Denied, Invalid: the policy refuses its address, or it has none (`engine.policy.refused`).
    """
    result = await scan([candidate], policy, instance=instance, resolve=resolve, limits=limits)
    reason = next((row.refusal for row in result.touched if row.refusal), None)
    if reason is not None:
        raise refused(reason)
    return next(iter(result.findings), None)
