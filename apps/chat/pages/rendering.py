"""Answers as HTML, rendered once: finished ones never change, so the cache keeps them."""

from collections.abc import Sequence
from uuid import UUID

from django.core.cache import cache

from apps.agents.contracts import RunState
from apps.chat.contracts import StoredMessage
from apps.chat.engine.markdown import RENDER_VERSION, render_markdown
from apps.chat.models import Message

# Long enough for whoever comes back to a conversation; what is deleted rests longer than this, unread.
_KEPT_S = 7 * 24 * 3600


def rendered(messages: Sequence[Message | StoredMessage]) -> dict[UUID, str]:
    """This will give the HTML of answers; a cache that is down costs the rendering and nothing else.

    Temporary conversations stay out of the cache: nothing of them outlives them.
    """
    answers = [message for message in messages if message.role == Message.Role.ASSISTANT]
    kept = [answer for answer in answers if isinstance(answer, Message) and RunState(answer.state).is_over]
    keys = {answer.pk: f"rendered:{RENDER_VERSION}:{answer.pk.hex}" for answer in kept if answer.text}
    found = cache.get_many(keys.values()) if keys else {}
    html: dict[UUID, str] = {}
    new: dict[str, str] = {}
    for answer in answers:
        key = keys.get(answer.id, "")
        if (known := found.get(key)) is not None:
            html[answer.id] = known
            continue
        html[answer.id] = render_markdown(answer.text) if answer.text else ""
        if key:
            new[key] = html[answer.id]
    if new:
        cache.set_many(new, _KEPT_S)
    return html
