"""Settings an owner may change while Olympus runs: declared in code, kept in the process, stored when changed.

What each takes is in `shapes`; what the environment says, which is read at the start and only shown, in `environment`.
"""

from olympus.kernel.options.changing import (
    NothingToUndo,
    SettingChanged,
    SettingChangedMeanwhile,
    change_option,
    last_versions,
    lock_option,
    reset_option,
    undo_option,
    version_of,
    versions_of,
)
from olympus.kernel.options.declared import Option, declare_option, declared_options, in_words, option_named
from olympus.kernel.options.environment import ENVIRONMENT
from olympus.kernel.options.following import follow_settings
from olympus.kernel.options.kept import is_stored, misfit_of, option_value
from olympus.kernel.options.shapes import Input, Shape, read_text, shape_of, wanted, written

__all__ = [
    "ENVIRONMENT",
    "Input",
    "NothingToUndo",
    "Option",
    "SettingChanged",
    "SettingChangedMeanwhile",
    "Shape",
    "change_option",
    "declare_option",
    "declared_options",
    "follow_settings",
    "in_words",
    "is_stored",
    "last_versions",
    "lock_option",
    "misfit_of",
    "option_named",
    "option_value",
    "read_text",
    "reset_option",
    "shape_of",
    "undo_option",
    "version_of",
    "versions_of",
    "wanted",
    "written",
]
