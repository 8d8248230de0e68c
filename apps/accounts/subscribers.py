"""What allauth and Django report about sign-ins, written into the audit log; news of settings, told to owners."""

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as factors
from django.contrib.auth import signals as auth
from django.dispatch import Signal, receiver
from django.http import HttpRequest

from apps.accounts.contracts import SettingNews
from apps.accounts.facade import actor_for_user
from apps.accounts.selectors import owners_of_all
from olympus.kernel import audit
from olympus.kernel.broadcast import tell_user
from olympus.kernel.options import SettingChanged

_PLAIN = {
    "session.begin": auth.user_logged_in,
    "password.set": account.password_set,
    "password.change": account.password_changed,
    "password.reset": account.password_reset,
    "email.confirm": account.email_confirmed,
}
_FACTORS = {
    "second_factor.add": factors.authenticator_added,
    "second_factor.remove": factors.authenticator_removed,
    "second_factor.reset": factors.authenticator_reset,
    "second_factor.refused": factors.authentication_failed,
}


def tell_owners(news: SettingChanged) -> None:
    """This will tell the open pages of those who may see the settings that one changed."""
    for user_id in owners_of_all():
        tell_user(user_id, SettingNews(news.name, news.version))


def _listen(action: str, signal: Signal) -> None:
    def note(sender: Any, request: HttpRequest | None = None, user: Any = None, **rest: Any) -> None:
        user = user or getattr(rest.get("email_address"), "user", None)
        kind = getattr(rest.get("authenticator"), "type", None)
        _record(action, request, user, **({"kind": str(kind)} if kind else {}))

    signal.connect(note, weak=False, dispatch_uid=f"audit.{action}")


@receiver(auth.user_login_failed, dispatch_uid="audit.session.refused")
def note_refusal(sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """Keep which address was tried; Django has hidden the password."""
    audit.record("session.refused", address=_address(request), email=str(credentials.get("email", ""))[:254])


@receiver(auth.user_logged_out, dispatch_uid="audit.session.end")
def note_end(sender: Any, request: HttpRequest | None, user: Any, **_: Any) -> None:
    """Keep who left; a stranger's log-out is no event."""
    if user is not None:
        _record("session.end", request, user)


def _record(action: str, request: HttpRequest | None, user: Any, **detail: Any) -> None:
    actor = actor_for_user(user) if user is not None else None
    user_id = getattr(user, "pk", None)
    audit.record(action, actor=actor, actor_id=user_id, subject=user_id or "", address=_address(request), **detail)


def _address(request: HttpRequest | None) -> str | None:
    return (request.META.get("REMOTE_ADDR") or None) if request is not None else None


for _action, _signal in {**_PLAIN, **_FACTORS}.items():
    _listen(_action, _signal)
