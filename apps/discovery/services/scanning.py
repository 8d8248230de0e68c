"""Scans: asked for by somebody, at the start and by the schedule; one at a time, each with its record."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

from django.db import DatabaseError, IntegrityError, InterfaceError, close_old_connections, connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.facade import administrators_of, default_organization_id
from apps.discovery.access import require_scanner
from apps.discovery.contracts import Progress
from apps.discovery.errors import ScanUnderWay
from apps.discovery.events import DiscoveryProgress
from apps.discovery.jobs import queue_scan_after_commit
from apps.discovery.models import Scan, ScanState, Trigger
from apps.discovery.services.locking import Round, alone
from apps.discovery.services.looking import Look, Seen, carry_out_look, is_looking_around, prepare_look
from apps.discovery.services.missing import note_missing
from apps.discovery.services.recording import record_end, remove_old_scans
from apps.discovery.services.refreshing import take_in
from apps.discovery.services.telling import tell_after_commit, tell_progress
from olympus.kernel import audit
from olympus.kernel.actor import Actor
from olympus.kernel.errors import OlympusError
from olympus.kernel.http import run_alone

logger = logging.getLogger(__name__)

_ACTIVE = (ScanState.WAITING, ScanState.RUNNING)
# A bar that moves twice a second moves smoothly; a look at this machine is over by then.
_PROGRESS_S = 0.5
# What nobody took up in this time is no longer what somebody waits for.
_WAITING_LIMIT = timedelta(minutes=10)


def ask_for_scan(actor: Actor, *, with_networks: bool = True) -> Scan:
    """This will have a worker look around now; one that is about to begin is that one.

    Raises:
        Denied: only owners and administrators of the organization that runs this machine may.
        ScanUnderWay
    """
    require_scanner(actor)
    end_dead_scans()
    scan = _enter(actor.organization_id, Trigger.ASKED, with_networks=with_networks, user_id=actor.user_id)
    if scan is None:
        waiting = Scan.objects.filter(organization_id=actor.organization_id, state=ScanState.WAITING).first()
        if waiting is None:
            raise ScanUnderWay
        return waiting
    return scan


def scan_by_itself(trigger: str, *, with_networks: bool = False) -> Scan | None:
    """This will look around for the organization that runs this machine, unless a scan is under way or that is off."""
    if not is_looking_around():
        return None
    end_dead_scans()
    return _enter(default_organization_id(), Trigger(trigger), with_networks=with_networks, user_id=None)


def scan_here(*, with_networks: bool) -> Scan | None:
    """This will look around in this very process, for the command line; None where a scan is under way."""
    end_dead_scans()
    organization_id = default_organization_id()
    scan = _enter(organization_id, Trigger.COMMAND, with_networks=with_networks, user_id=None, is_queued=False)
    return scan if scan is not None and carry_out(scan.pk) else None


def _enter(
    organization_id: UUID, trigger: Trigger, *, with_networks: bool, user_id: UUID | None, is_queued: bool = True
) -> Scan | None:
    """Write the record of a scan to come; None where one is under way."""
    try:
        with transaction.atomic():
            scan = Scan.objects.create(
                organization_id=organization_id,
                asked_by_id=user_id,
                trigger=trigger,
                with_networks=with_networks,
                asked_at=timezone.now(),
            )
            if user_id is not None:
                audit.record("scan.ask", organization_id=organization_id, actor_id=user_id, subject=scan.pk)
            tell_after_commit(organization_id)
            if is_queued:
                queue_scan_after_commit(scan.pk)
    except IntegrityError as error:
        if "scan_one_at_a_time" not in str(error):
            raise
        return None
    return scan


def end_dead_scans() -> None:
    """This will end the records of scans whose worker is gone: nobody holds the lock that it held."""
    now = timezone.now()
    late = Q(state=ScanState.WAITING, asked_at__lt=now - _WAITING_LIMIT)
    dead = Scan.objects.filter(Q(state=ScanState.RUNNING) | late)
    # Mostly there is none, and then the lock stays free for a scan that is about to begin.
    if not dead.exists():
        return
    with alone(Round.SCAN) as is_free:
        if not is_free:
            return
        organization_ids = set(dead.values_list("organization_id", flat=True))
        dead.update(state=ScanState.INTERRUPTED, ended_at=now, error=_("Its worker was stopped."))
    for organization_id in organization_ids:
        tell_after_commit(organization_id)


def carry_out(scan_id: UUID) -> bool:
    """This will carry out a scan; False if another runs or somebody took this one up already."""
    with alone(Round.SCAN) as is_mine:
        if not is_mine:
            return False
        now = timezone.now()
        waiting = Scan.objects.filter(pk=scan_id, state=ScanState.WAITING)
        if not waiting.update(state=ScanState.RUNNING, started_at=now):
            return False
        scan = Scan.objects.get(pk=scan_id)
        tell_after_commit(scan.organization_id)
        try:
            _run(scan, now)
        except Exception as error:
            logger.exception("a scan failed", extra={"scan": str(scan_id)})
            told = error.message if isinstance(error, OlympusError) else _("The log says why.")
            _fail(scan, told)
        remove_old_scans(scan.organization_id, timezone.now())
    return True


def _run(scan: Scan, now: datetime) -> None:
    look = prepare_look(scan.organization_id, with_networks=scan.with_networks, now=now)
    Scan.objects.filter(pk=scan.pk).update(sources=list(look.sources))
    tell = _teller(scan)
    seen = run_alone(lambda: carry_out_look(look, tell))
    # The database may have been restarted meanwhile: what was seen is not lost with the connection.
    if not connection.is_usable():
        connection.close()
    _store(scan, look, seen)


@transaction.atomic
def _store(scan: Scan, look: Look, seen: Seen) -> None:
    now = timezone.now()
    taken = take_in(scan.organization_id, seen.result.findings, now=now)
    note_missing(scan.organization_id, seen.result, {service.pk for service in taken.services}, now=now)
    scan.sources = list(look.sources)
    record_end(scan, seen, taken, now)
    tell_after_commit(scan.organization_id)


def _note_progress(scan_id: UUID, people: list[UUID], progress: Progress) -> None:
    """For open pages, and for who opens one meanwhile; a scan that has ended keeps its own numbers."""
    running = Scan.objects.filter(pk=scan_id, state=ScanState.RUNNING)
    try:
        running.update(place_count=progress.total, done_count=progress.done, found_count=progress.found)
    except (DatabaseError, InterfaceError):
        logger.warning("how far scan %s is could not be kept", scan_id)
    finally:
        close_old_connections()
    event = DiscoveryProgress(scan=scan_id, done=progress.done, total=progress.total, found=progress.found)
    tell_progress(people, event)


def _fail(scan: Scan, error: str) -> None:
    Scan.objects.filter(pk=scan.pk).update(state=ScanState.FAILED, error=error[:500], ended_at=timezone.now())
    tell_after_commit(scan.organization_id)


def _teller(scan: Scan) -> Callable[[Progress], None]:
    """Tells open pages how far the scan is, now and then."""
    people = administrators_of(scan.organization_id)
    told_at = monotonic()
    telling: asyncio.Future[None] | None = None

    def tell(progress: Progress) -> None:
        nonlocal told_at, telling
        # A store that hangs must not hold up the scan, which would take what it looks at for dead.
        if monotonic() - told_at < _PROGRESS_S or (telling is not None and not telling.done()):
            return
        told_at = monotonic()
        telling = asyncio.ensure_future(asyncio.to_thread(_note_progress, scan.pk, people, progress))

    return tell
