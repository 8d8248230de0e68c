"""Settings an owner may change while Olympus runs: declared in code, kept in the process, stored when changed.

Declared in `options_declared`, known to the process by `options_kept`, changed in `options_changing`, told to other
processes by `options_following`; what each takes is in `options_shapes`.
"""

from typing import Any

from olympus.kernel import options_kept
from olympus.kernel.options_changing import change_option, reset_option, undo_option
from olympus.kernel.options_declared import Option, declare_option, declared_options

__all__ = [
    "Option",
    "change_option",
    "declare_option",
    "declared_options",
    "option_value",
    "reset_option",
    "undo_option",
]


def option_value(option: Option) -> Any:
    """This will give a setting: what was stored, else its default; a look-up in memory, from threads and event loops."""
    return options_kept.value_of(option)
