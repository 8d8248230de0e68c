"""The settings there are: each declared once, in its app's `options` module."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from olympus.kernel.errors import NotFound

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Option:
    """One setting: its type (anything msgspec validates), default and meaning.

    `words` says what each choice means, where the type is a choice; `check` refuses by Invalid what the type cannot.
    """

    name: str
    kind: Any
    default: Any
    help: Words
    label: Words = ""
    unit: Words = ""
    words: Mapping[str, Words] = field(default_factory=dict)
    check: Callable[[Any], None] | None = None

    @property
    def section(self) -> str:
        """The app it is of."""
        return self.name.partition(".")[0]

    @property
    def title(self) -> str:
        """What it is called on the page, in the reader's language."""
        return in_words(self.label) or self.name.partition(".")[2].replace("_", " ").capitalize()


_options: dict[str, Option] = {}


def declare_option(
    name: str,
    kind: Any,
    default: Any,
    help: Words,  # noqa: A002 - the word a reader expects
    *,
    label: Words = "",
    unit: Words = "",
    words: Mapping[str, Words] | None = None,
    check: Callable[[Any], None] | None = None,
) -> Option:
    """This will add a setting to the product; call it at import of an app's `options` module.

    `help` says what it means and `label` names it, both best by `gettext_lazy`; `unit` stands behind a number. `check`
    raises Invalid for a value of the type that is none all the same; it judges changes, never what is stored.
    """
    option = Option(name, kind, default, help, label, unit, dict(words or {}), check)
    _options[name] = option
    return option


def declared_options() -> dict[str, Option]:
    """This will list every setting by name."""
    return dict(_options)


def option_named(name: str) -> Option:
    """This will find a setting.

    Raises:
        NotFound: there is none of this name.
    """
    option = _options.get(name)
    if option is None:
        raise NotFound(_("There is no setting named %(name)s.") % {"name": name[:100]})
    return option


def in_words(words: Words) -> str:
    """This will say something in the reader's language, whether it was marked for that or is in the catalog."""
    said = str(words)
    return _(said) if said else ""
