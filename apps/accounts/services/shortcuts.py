"""Which keys a person set for which actions."""

import re
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from apps.accounts.services.preferences import prefer
from olympus.kernel.actor import Actor
from olympus.kernel.errors import Invalid

# Far more than there are actions.
_MOST = 200
_MAX_BYTES = 20_000
_ACTION = re.compile(r"[a-z][a-z0-9_.-]{0,59}")
_KEYS = re.compile(r"(?:(?:Mod|Ctrl|Alt|Shift)\+){0,4}[^\s+\x00-\x1f]{1,20}")


def set_shortcuts(*, actor: Actor, shortcuts: str) -> None:
    """This will remember keys by action, `{"chat.new": "Mod+J"}` as JSON; '' takes an action off the keyboard.

    Raises:
        Invalid: this is not such an object, or two actions have the same keys.
    """
    bindings = _read(shortcuts)
    used = [keys for keys in bindings.values() if keys]
    if len(set(used)) < len(used):
        raise Invalid(_("Two actions cannot have the same keys."), field="shortcuts")
    prefer(actor, "shortcuts", bindings)


def _read(shortcuts: str) -> dict[str, str]:
    refusal = Invalid(_("Send keys by action."), field="shortcuts")
    if len(shortcuts) > _MAX_BYTES:
        raise refusal
    try:
        data: Any = msgspec.json.decode(shortcuts.encode(errors="replace"), type=dict[str, str])
    except (msgspec.DecodeError, RecursionError) as error:
        raise refusal from error
    is_good = len(data) <= _MOST and all(
        _ACTION.fullmatch(action) and (not keys or _KEYS.fullmatch(keys)) for action, keys in data.items()
    )
    if not is_good:
        raise refusal
    return dict(data)
