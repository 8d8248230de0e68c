"""Changing the settings of the product: an owner's, in person."""

from typing import Any

from apps.accounts.access import check_owns_everything
from olympus.kernel.actor import Actor
from olympus.kernel.options import change_option, reset_option, undo_option


def change_setting(actor: Actor, *, name: str, value: Any, expected_version: int | None = None) -> int:
    """This will change a setting for everybody and give its version; it holds everywhere within a second.

    Raises:
        OwnersOnly: the actor does not own this Olympus.
        NotFound, Invalid
        SettingChangedMeanwhile: it is not the version any more that the change was meant for.
    """
    check_owns_everything(actor)
    return change_option(name, value, actor=actor, expected_version=expected_version)


def reset_setting(actor: Actor, *, name: str, expected_version: int | None = None) -> int:
    """This will give a setting its default again; it raises what `change_setting` does."""
    check_owns_everything(actor)
    return reset_option(name, actor=actor, expected_version=expected_version)


def undo_setting(actor: Actor, *, name: str, to_version: int | None = None, expected_version: int | None = None) -> int:
    """This will put back what held before the last change, or a version; 0 is the default before all of them.

    Raises:
        NothingToUndo: it was never changed.
        OwnersOnly, NotFound, Invalid, SettingChangedMeanwhile
    """
    check_owns_everything(actor)
    return undo_option(name, to_version=to_version, actor=actor, expected_version=expected_version)
