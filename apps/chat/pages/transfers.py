"""Imports and exports in words, and the page of a person's data."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from apps.chat.models import Conversation, Project, ShareLink, TransferJob
from apps.chat.options import may_share
from apps.chat.selectors.sharing import share_links_of
from apps.chat.selectors.transfers import transfers_of
from apps.chat.services.reasons import Note, format_in_words, notes_of, reason_in_words
from olympus.kernel.actor import Actor

_SHOWN_JOBS = 20
_SHOWN_LINKS = 200


@dataclass(frozen=True, slots=True)
class JobView:
    """An import or export as the page lists it."""

    id: UUID
    kind: str
    state: str
    name: str
    source: str
    ago: str
    total: int | None
    done: int
    skipped: int
    failed: int
    size_bytes: int
    has_file: bool
    error: str
    notes: list[Note]
    is_live: bool


@dataclass(frozen=True, slots=True)
class ProjectChoice:
    """A project whose conversations may be exported."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class DataPage:
    """A person's data: imports, exports, links."""

    jobs: list[JobView]
    links: list[ShareLink]
    projects: list[ProjectChoice]
    conversation_count: int
    may_share: bool


def data_page(actor: Actor) -> DataPage:
    """This will compute the page of a person's data."""
    theirs = Conversation.objects.filter(owner_id=actor.user_id, organization_id=actor.organization_id, deleted_at=None)
    projects = (
        Project.objects.filter(owner_id=actor.user_id, deleted_at=None).order_by("name").values_list("pk", "name")[:200]
    )
    return DataPage(
        jobs=[job_view(job) for job in transfers_of(actor.user_id).order_by("-id")[:_SHOWN_JOBS]],
        links=list(share_links_of(actor.user_id).select_related("conversation").order_by("-id")[:_SHOWN_LINKS]),
        projects=[ProjectChoice(*row) for row in projects],
        conversation_count=theirs.count(),
        may_share=may_share(),
    )


def job_view(job: TransferJob) -> JobView:
    """This will put an import or export into words."""
    return JobView(
        id=job.pk,
        kind=job.kind,
        state=job.state,
        name=job.file_name or _("Export"),
        source=format_in_words(job.format) if job.kind == TransferJob.Kind.IMPORT else "",
        ago=_ago(job.created_at),
        total=job.total_count,
        done=job.done_count,
        skipped=job.skipped_count,
        failed=job.failed_count,
        size_bytes=job.size_bytes,
        has_file=bool(job.file) and job.kind == TransferJob.Kind.EXPORT,
        error=reason_in_words(job.error_message) if job.error_message else "",
        notes=notes_of(job),
        is_live=job.state in (TransferJob.State.QUEUED, TransferJob.State.RUNNING),
    )


def _ago(moment: datetime) -> str:
    if timezone.now() - moment < timedelta(minutes=1):
        return _("just now")
    return _("%(time)s ago") % {"time": timesince(moment)}
