"""What a share link shows: a part of a conversation, to read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from apps.chat.engine.shared_tree import Place, places_in
from apps.chat.errors import ShareLinkNotFound
from apps.chat.models import Attachment, Message, ShareLink
from apps.chat.options import may_share
from apps.chat.pages.rendering import rendered
from apps.chat.selectors.sharing import (
    attachments_of,
    link_by_token,
    shared_attachment,
    shared_window,
    tree_of,
)

# A page's worth; the rest is a click away, so that a conversation of any length opens at once.
_SHOWN = 100


@dataclass(frozen=True, slots=True)
class SharedFile:
    """A file of a shared message."""

    name: str
    url: str
    media_type: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class SharedTurn:
    """One message, to read; what was thought before an answer is not shared."""

    id: UUID
    role: str
    text: str
    html: str
    model: str
    state: str
    tool_calls: list[dict[str, Any]]
    attachments: list[SharedFile]
    place: Place | None
    previous_url: str
    next_url: str


@dataclass(frozen=True, slots=True)
class SharedPage:
    """A window of a shared conversation."""

    title: str
    turns: list[SharedTurn]
    shared_at: datetime
    expires_at: datetime | None
    earlier_url: str
    later_url: str
    earlier_count: int


def shared_page(token: str, *, leaf_id: UUID | None, before: int | None, now: datetime) -> SharedPage:
    """This will compute what a link shows: the end of its branch, or what stands before a depth.

    Raises:
        ShareLinkNotFound: unknown, over, revoked, or sharing is off; nobody learns which.
    """
    link = _open_link(token, now)
    leaves = _leaves(link)
    leaf = leaf_id or link.leaf_id
    if leaf not in leaves:
        raise ShareLinkNotFound
    depth = link.leaf.depth if leaf == link.leaf_id else Message.objects.values_list("depth", flat=True).get(pk=leaf)
    end = depth if before is None else max(0, min(before - 1, depth))
    start = max(0, end - _SHOWN + 1)
    messages = shared_window(link, leaf, first=start, last=end)
    places = places_in(tree_of(link), leaves) if link.with_branches else {}
    here = _Address(token, leaf if leaf != link.leaf_id else None)
    return SharedPage(
        title=link.title,
        turns=_turns(messages, places, here),
        shared_at=link.created_at,
        expires_at=link.expires_at,
        earlier_url=here.before(start) if start else "",
        later_url=here.before(min(end + _SHOWN, depth) + 1) if end < depth else "",
        earlier_count=start,
    )


def shared_file(token: str, attachment_id: UUID, *, now: datetime) -> Attachment:
    """This will find a file a link shows.

    Raises:
        ShareLinkNotFound: the link is not open, or the file not in what it shows.
    """
    link = _open_link(token, now)
    found = shared_attachment(link, attachment_id, _leaves(link))
    if found is None:
        raise ShareLinkNotFound
    return found


def link_url(request: HttpRequest, link: ShareLink) -> str:
    """This will write a link's whole address."""
    path = reverse("shared", args=[link.token])
    return f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else request.build_absolute_uri(path)


@dataclass(frozen=True, slots=True)
class _Address:
    token: str
    leaf: UUID | None

    def before(self, depth: int) -> str:
        return f"{self._path()}?{urlencode({**({'leaf': self.leaf} if self.leaf else {}), 'before': depth})}"

    def branch(self, leaf: UUID | None, at: UUID) -> str:
        return f"{self._path()}?{urlencode({'leaf': leaf})}#m-{at}" if leaf else ""

    def file(self, attachment: Attachment) -> str:
        return reverse("shared_file", args=[self.token, attachment.pk])

    def _path(self) -> str:
        return reverse("shared", args=[self.token])


def _open_link(token: str, now: datetime) -> ShareLink:
    link = link_by_token(token, now=now) if may_share() else None
    if link is None:
        raise ShareLinkNotFound
    return link


def _leaves(link: ShareLink) -> list[UUID]:
    return [UUID(leaf) for leaf in link.leaves] if link.with_branches else [link.leaf_id]


def _turns(messages: list[Message], places: dict[UUID, Place], here: _Address) -> list[SharedTurn]:
    files = attachments_of([message.pk for message in messages])
    html = rendered(messages)
    return [_turn(message, html.get(message.pk, ""), files, places.get(message.pk), here) for message in messages]


def _turn(
    message: Message, html: str, files: dict[UUID, list[Attachment]], place: Place | None, here: _Address
) -> SharedTurn:
    return SharedTurn(
        id=message.pk,
        role=message.role,
        text=message.text,
        html=html,
        model=message.model,
        state=message.state,
        tool_calls=[call for call in message.tool_calls if isinstance(call, dict)],
        attachments=[SharedFile(f.name, here.file(f), f.media_type, f.size_bytes) for f in files.get(message.pk, [])],
        place=place,
        previous_url=here.branch(place.previous, message.parent_id or message.pk) if place else "",
        next_url=here.branch(place.next, message.parent_id or message.pk) if place else "",
    )
