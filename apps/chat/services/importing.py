"""Imported conversations on their way into the tables: once each, grown ones by what is new, nothing overwritten."""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import Q
from django.utils.translation import gettext as _

from apps.chat.attaching import MAX_SIZE_BYTES, attach_file
from apps.chat.engine.context import title_from
from apps.chat.engine.report import checked_report
from apps.chat.engine.routes import checked_route
from apps.chat.engine.transfer import UNANSWERED, Format, Node, ReadConversation, Reason, SourceFile
from apps.chat.models import Attachment, Conversation, Message, Project, TitleSource
from apps.chat.options import read_options, stored_options
from apps.chat.project_errors import ProjectFull
from apps.chat.services.projects import MAX_INSTRUCTIONS_LENGTH, create_project
from olympus.kernel.actor import Actor
from olympus.kernel.errors import Invalid, OlympusError
from olympus.kernel.ids import parse_uuid

logger = logging.getLogger(__name__)
# Version and variant bits aside, what of a UUID version 7 is not its time.
_LOW_BITS = (1 << 62) - 1
_OWN = frozenset({Format.OLYMPUS, Format.MARKDOWN})
ReadFile = Callable[[str], bytes | None]


@dataclass(slots=True)
class Stored:
    """What became of one conversation; `files` are to be removed if its transaction fails."""

    conversation: Conversation | None
    new_count: int
    notes: list[dict[str, str]] = field(default_factory=list)
    files: list[Attachment] = field(default_factory=list)


def note(title: str, reason: Reason, detail: str = "") -> dict[str, str]:
    """This will put into a report what was not taken."""
    return {"title": title[:200], "reason": reason.value, "detail": detail[:200]}


def store_conversation(actor: Actor, read: ReadConversation, read_file: ReadFile, *, now: datetime) -> Stored:
    """This will store a conversation, or what is new of one stored before, in the caller's transaction.

    Nothing a person changed here is touched; the branch being read moves on only while it
    is an imported one.
    """
    family = Format.OLYMPUS if read.format in _OWN else read.format
    import_key = f"{family.value}:{read.key}"
    known = _known(actor, import_key, read)
    if known is not None and known.deleted_at is not None:
        return Stored(None, 0, [note(known.title, Reason.DELETED_HERE)])
    conversation = known or _begun(actor, read, import_key, now)
    here = set(Message.objects.filter(conversation=conversation).values_list("pk", flat=True)) if known else set()
    ids = _ids(f"{actor.user_id}:{import_key}", read.nodes, here, now)
    fresh = [node for node in read.nodes if ids[node.key] not in here]
    leaf = ids[read.leaf] if read.leaf in ids else ids[read.nodes[-1].key]
    if known is None:
        conversation.active_leaf_id = leaf
        conversation.save(force_insert=True)
    Message.objects.bulk_create(_messages(conversation, fresh, read.nodes, ids, import_key), batch_size=500)
    if known is not None and fresh:
        _move_on(conversation, leaf, set(ids.values()), read.updated_at)
    stored = Stored(conversation, len(fresh))
    try:
        for node in fresh:
            for source in node.files:
                _attach(actor, stored, source, ids[node.key], read_file)
    except BaseException:
        # The rows go with the transaction; nothing else would ever find the files.
        for attachment in stored.files:
            attachment.file.delete(save=False)
        raise
    return stored


def _known(actor: Actor, import_key: str, read: ReadConversation) -> Conversation | None:
    same = Q(import_key=import_key)
    if read.format in _OWN and (own_id := parse_uuid(read.key)):
        same |= Q(pk=own_id)
    rows = Conversation.objects.select_for_update(of=("self",)).filter(
        same, owner_id=actor.user_id, organization_id=actor.organization_id
    )
    return rows.order_by("created_at").first()


def _begun(actor: Actor, read: ReadConversation, import_key: str, now: datetime) -> Conversation:
    times = [node.created_at for node in read.nodes if node.created_at]
    created_at = read.created_at or min(times, default=now)
    updated_at = read.updated_at or max(times, default=created_at)
    words = next((node.text for node in read.nodes if node.text), "")
    title = " ".join(read.title.split())[:200]
    return Conversation(
        organization_id=actor.organization_id,
        owner_id=actor.user_id,
        title=title or title_from(words) or _("Imported conversation"),
        # A title that came along is not to be replaced by a generated one.
        title_source=read.title_source if read.title_source in TitleSource.values else TitleSource.PERSON,
        project=_project(actor, read.project) if read.project else None,
        created_at=created_at,
        updated_at=updated_at,
        pinned_at=updated_at if read.is_pinned else None,
        archived_at=updated_at if read.is_archived else None,
        settings=_settings(read.settings),
        import_key=import_key,
    )


def _project(actor: Actor, project: dict[str, str]) -> Project | None:
    """The person's project of this name, or a new one within the bounds of any; none if they have as many as can be."""
    name = " ".join(project["name"].split())
    if not name:
        return None
    mine = Project.objects.filter(
        owner_id=actor.user_id, organization_id=actor.organization_id, name=name, deleted_at=None
    )
    if found := mine.first():
        return found
    try:
        instructions = project.get("instructions", "")[:MAX_INSTRUCTIONS_LENGTH]
        return create_project(actor, name=name, instructions=instructions)
    except ProjectFull:
        return None


def _settings(settings: dict[str, Any]) -> dict[str, Any]:
    """What of foreign settings has a meaning here."""
    kept: dict[str, Any] = {}
    if isinstance(model := settings.get("model"), str) and model:
        kept["model"] = model[:200]
    if options := _options(settings.get("options")):
        kept["options"] = options
    return kept


def _options(options: Any) -> dict[str, Any]:
    """Options as any are stored, within the same bounds; what is imported is never temporary."""
    try:
        read = read_options(options)
        return stored_options(msgspec.structs.replace(read, temporary=False))
    except (msgspec.ValidationError, Invalid, RecursionError):
        return {}


def _ids(scope: str, nodes: list[Node], here: set[UUID], now: datetime) -> dict[str, UUID]:
    """An id for each node: what is stored under it already, else one made of its key and its time.

    The same key always has the same low bits, so it is found again whatever its time is then.
    Siblings get rising times in the order they came, since that is the order pages list them in.
    """
    by_low = {pk.int & _LOW_BITS: pk for pk in here}
    ids: dict[str, UUID] = {}
    latest: dict[str | None, int] = {}
    for node in nodes:
        own = parse_uuid(node.key)
        low = int.from_bytes(hashlib.sha256(f"{scope}:{node.key}".encode()).digest()[:8]) & _LOW_BITS
        found = own if own in here else by_low.get(low)
        if found is None:
            above = latest.get(node.parent) or (ids[node.parent].int >> 80 if node.parent else 0)
            ms = max(int((node.created_at or now).timestamp() * 1000) if node.created_at or not above else 0, above + 1)
            found = UUID(int=(ms & 0xFFFFFFFFFFFF) << 80 | 0x7 << 76 | 0b10 << 62 | low)
        latest[node.parent] = max(found.int >> 80, latest.get(node.parent, 0))
        ids[node.key] = found
    return ids


def _messages(
    conversation: Conversation, fresh: list[Node], nodes: list[Node], ids: dict[str, UUID], scope: str
) -> list[Message]:
    depth: dict[str | None, int] = {None: -1}
    at: dict[str | None, datetime] = {None: conversation.created_at}
    for node in nodes:
        depth[node.key] = depth[node.parent] + 1
        at[node.key] = node.created_at or at[node.parent]
    return [_message(conversation, node, ids, depth[node.key], at[node.key], scope) for node in fresh]


def _message(
    conversation: Conversation, node: Node, ids: dict[str, UUID], depth: int, at: datetime, scope: str
) -> Message:
    is_unanswered = node.error_code == UNANSWERED
    return Message(
        pk=ids[node.key],
        conversation=conversation,
        organization_id=conversation.organization_id,
        owner_id=conversation.owner_id,
        parent_id=ids[node.parent] if node.parent else None,
        depth=depth,
        role=node.role,
        text=node.text,
        thinking=node.thinking,
        tool_calls=node.tool_calls,
        state=node.state,
        model=node.model,
        provider=node.provider,
        options=_options(node.options),
        comparison_id=_same(f"{conversation.owner_id}:{scope}:{node.comparison}") if node.comparison else None,
        context=checked_report(node.context),
        route=checked_route(node.route),
        token_count=node.token_count,
        left_out_count=node.left_out_count,
        error_code=node.error_code,
        error_message=_("This message had no answer where it came from.") if is_unanswered else node.error_message,
        created_at=at,
    )


def _same(name: str) -> UUID:
    return UUID(bytes=hashlib.sha256(name.encode()).digest()[:16], version=4)


def _move_on(conversation: Conversation, leaf: UUID, imported: set[UUID], updated_at: datetime | None) -> None:
    if conversation.active_leaf_id in imported:
        conversation.active_leaf_id = leaf
    conversation.updated_at = max(filter(None, (conversation.updated_at, updated_at)))
    conversation.save(update_fields=["active_leaf", "updated_at"])


def _attach(actor: Actor, stored: Stored, source: SourceFile, message_id: UUID, read_file: ReadFile) -> None:
    title = stored.conversation.title if stored.conversation else ""
    data = source.data if source.data is not None else read_file(source.path) if source.path else None
    if data is None or len(data) > MAX_SIZE_BYTES:
        stored.notes.append(note(title, Reason.FILE_MISSING, source.name))
        return
    try:
        attachment = attach_file(actor, name=source.name, size_bytes=len(data), file=BytesIO(data))
    except OlympusError:
        stored.notes.append(note(title, Reason.FILE_REFUSED, source.name))
        return
    stored.files.append(attachment)
    Attachment.objects.filter(pk=attachment.pk).update(message_id=message_id)
