"""What a person prefers: chosen, kept as versions, taken back, and told to their own open pages."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.contracts import PreferenceNews
from apps.accounts.models import Language, PreferenceVersion, Theme, User
from olympus.kernel.actor import Actor
from olympus.kernel.broadcast import tell_user_after_commit
from olympus.kernel.errors import Invalid, NotFound
from olympus.kernel.options import NothingToUndo

PREFERENCES = ("theme", "language", "may_switch_server", "shortcuts")
# Of each, as many as anybody would go back; one may press the theme's button all day.
_KEPT = 20


def choose_theme(*, actor: Actor, theme: str) -> None:
    """This will remember how the person wants pages to look, on every device.

    Raises:
        Invalid: there is no such theme.
    """
    if theme not in Theme.values:
        raise Invalid(_("A theme is system, light or dark."), field="theme")
    prefer(actor, "theme", theme)


def choose_language(*, actor: Actor, language: str) -> None:
    """This will remember which language the person reads; an empty one is the browser's.

    Raises:
        Invalid: pages are not written in it.
    """
    if language not in Language.values:
        raise Invalid(_("Pages are not written in this language."), field="language")
    prefer(actor, "language", language)


def choose_switching(*, actor: Actor, may_switch_server: bool) -> None:
    """This will remember whether another model server may go on with the person's answers when one fails."""
    prefer(actor, "may_switch_server", may_switch_server)


@transaction.atomic
def undo_preference(*, actor: Actor, name: str, version: str | None = None) -> None:
    """This will put back what the person preferred before the last change, which is a change too.

    `version` names the change that is meant, where they saw it.

    Raises:
        NotFound: there is no such preference.
        NothingToUndo: it was never changed, or that change is not the last.
    """
    if name not in PREFERENCES:
        raise NotFound
    _locked(actor)
    last = PreferenceVersion.objects.filter(owner_id=actor.user_id, name=name).first()
    if last is None or version not in {None, str(last.pk)}:
        raise NothingToUndo
    prefer(actor, name, last.before)


@transaction.atomic
def prefer(actor: Actor, name: str, value: Any) -> None:
    """This will store a preference that was checked; what it is already is no change."""
    user = _locked(actor)
    before = getattr(user, name)
    if before == value:
        return
    User.objects.filter(pk=user.pk).update(**{name: value})
    PreferenceVersion.objects.create(owner=user, name=name, before=before, value=value)
    versions = PreferenceVersion.objects.filter(owner=user, name=name)
    versions.exclude(pk__in=list(versions.values_list("pk", flat=True)[:_KEPT])).delete()
    tell_user_after_commit(user.pk, PreferenceNews(name, value if isinstance(value, str) else ""))


def _locked(actor: Actor) -> User:
    """Two changes at once come one after the other."""
    return User.objects.select_for_update(no_key=True).get(pk=actor.user_id)
