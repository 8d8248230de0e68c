"""What other apps may ask of accounts: who acts, and how to show them."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, JsonResponse, parse_cookie
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts import selectors
from apps.accounts.contracts import AccessEnded, KeyHolder, Person, RateState, RateSubjects
from apps.accounts.keyring import forget_keys, key_holder
from apps.accounts.ledger.errors import BudgetExceeded, LedgerUnavailable
from apps.accounts.ledger.expiring import charge_expired
from apps.accounts.ledger.holding import hold
from apps.accounts.ledger.settling import settle
from apps.accounts.ledger.settling import submit as settle_soon
from apps.accounts.ledger.states import BudgetState, budgets_for, remaining
from apps.accounts.model_names import register_model_names
from apps.accounts.models import RoleChoices, User
from apps.accounts.rates import counting
from apps.accounts.rates.errors import RateLimited
from apps.accounts.rates.subjects import subjects_of as rate_subjects
from apps.accounts.tokens import bearer_of
from olympus.kernel.actor import Actor, Role
from olympus.kernel.errors import NotFound

__all__ = [
    "AccessEnded",
    "BudgetExceeded",
    "BudgetState",
    "KeyHolder",
    "LedgerUnavailable",
    "Person",
    "RateLimited",
    "RateState",
    "RateSubjects",
    "actor_by_email",
    "actor_for_key",
    "actor_for_user",
    "actor_from_request",
    "administrators_of",
    "allow",
    "budgets_for",
    "charge_expired",
    "default_organization_id",
    "first_owner",
    "forget_keys",
    "hold",
    "initials_of",
    "key_actor",
    "language_of",
    "may_switch_server",
    "models_allowed_to",
    "models_of_key",
    "people_of",
    "person",
    "rate_subjects",
    "register_model_names",
    "remaining",
    "require_actor",
    "require_person",
    "role_of",
    "settle",
    "settle_soon",
    "socket_actor",
    "socket_subjects",
]

View = Callable[..., HttpResponseBase]
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_COOKIE_LIMIT = 16_384  # no browser sends a longer Cookie header; a parser should not see one


def actor_for_user(user: Any) -> Actor | None:
    """This will tell what a signed-in user may do; None for the anonymous and the disabled."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return None
    return selectors.actor_of_user(user.pk)


def actor_for_key(secret: str) -> Actor | None:
    """This will tell what an API key may do; None when it is wrong, revoked or over."""
    return selectors.actor_of_key(secret, now=timezone.now())


async def key_actor(secret: str) -> KeyHolder | None:
    """This will tell whom an API key acts for, for doors on the event loop; None when it is wrong, revoked or over.

    Answers are believed for a second, so a revoked key ends within one.
    """
    return await key_holder(secret)


def actor_from_request(request: HttpRequest) -> Actor | None:
    """This will tell who makes a request: the key it names, else the session's person.

    A request that names a key is never taken for the session's, even if the key is wrong.
    """
    key = bearer_of(request.headers.get("Authorization", ""))
    if key is not None:
        return actor_for_key(key)
    return actor_for_user(request.user)


def socket_actor(scope: dict[str, Any]) -> Actor | None:
    """This will tell who opens a WebSocket, from the ASGI scope's headers; call it in a thread."""
    headers: dict[bytes, bytes] = dict(scope.get("headers", ()))
    key = bearer_of(headers.get(b"authorization", b"").decode("latin-1"))
    if key is not None:
        return actor_for_key(key)
    session_key = _session_cookie(headers.get(b"cookie", b""))
    user = selectors.user_of_session(session_key) if session_key else None
    return selectors.actor_of_user(user.pk) if user else None


def socket_subjects(scope: dict[str, Any], actor: Actor | None) -> RateSubjects:
    """This will name whom what comes by an ASGI scope is counted on: `actor`, or the address for a stranger."""
    headers: dict[bytes, bytes] = dict(scope.get("headers", ()))
    client = scope.get("client") or (None,)
    return rate_subjects(actor, address=client[0], session_key=_session_cookie(headers.get(b"cookie", b"")))


async def allow(subjects: RateSubjects) -> RateState:
    """This will count a request on all its subjects, or refuse it and count it on none.

    Less than a millisecond, on an event loop; it never raises: while Valkey is away each process
    counts by itself. Put `.headers` on the answer; raise or answer like RateLimited unless `.is_allowed`.
    `rate_subjects` and `socket_subjects` name the subjects.
    """
    return await counting.count_async(subjects)


def first_owner() -> Actor | None:
    """This will give the owner who came first, for whom commands act when nobody is named."""
    user_id = selectors.first_owner_id()
    return selectors.actor_of_user(user_id) if user_id else None


def actor_by_email(email: str) -> Actor | None:
    """This will give the active person with this address."""
    user = selectors.user_by_email(email)
    return actor_for_user(user) if user else None


def default_organization_id() -> UUID:
    """This will give the organization that what nobody asked for belongs to."""
    return selectors.default_organization().pk


def person(actor: Actor) -> Person:
    """This will tell how to show the person who acts.

    Raises:
        NotFound: the person was removed in the meantime.
    """
    user = User.objects.filter(pk=actor.user_id).first()
    if user is None:
        raise NotFound
    return Person(
        id=user.pk,
        name=user.name,
        email=user.email,
        initials=initials_of(user.name or user.email),
        role=actor.role,
        role_label=str(RoleChoices(actor.role.value).label),
        theme=user.theme,
        language=user.language,
        shortcuts=json.dumps(user.shortcuts, separators=(",", ":")),
        may_administer=actor.may_administer,
        may_switch_server=user.may_switch_server,
    )


def role_of(organization_id: UUID, user_id: UUID) -> Role | None:
    """This will tell a person's role; None for one who is disabled or not in the organization."""
    return selectors.role_in(organization_id, user_id)


def people_of(organization_id: UUID) -> list[tuple[UUID, str, Role]]:
    """This will list the organization's active people by name, with what to call them and their roles."""
    members = selectors.matching_members(organization_id, is_active=True).order_by("user__name", "user__email")
    return [(member.user_id, member.user.name or member.user.email, Role(member.role)) for member in members]


def administrators_of(organization_id: UUID) -> list[UUID]:
    """This will list the active owners and administrators."""
    members = selectors.matching_members(organization_id, is_active=True)
    return list(members.filter(role__in=[Role.OWNER, Role.ADMIN]).values_list("user_id", flat=True))


def may_switch_server(user_id: UUID) -> bool:
    """This will tell whether another model server may go on with the person's answers when one fails."""
    return User.objects.filter(pk=user_id, may_switch_server=True).exists()


def models_allowed_to(actor: Actor) -> frozenset[str]:
    """This will list the only models a program may use by its key; empty for all, and for a person."""
    return models_of_key(actor.api_key_id)


def models_of_key(key_id: UUID | None) -> frozenset[str]:
    """This will list the only models a key may use; empty for all, and without a key."""
    return selectors.models_of_key(key_id) if key_id else frozenset()


def language_of(user_id: UUID) -> str:
    """This will tell the language a person reads, to write to them while they are not there; empty if none was chosen."""
    return selectors.language_of(user_id)


def initials_of(name: str) -> str:
    """This will give one or two capitals for a name or an address."""
    words = [word for word in name.partition("@")[0].replace(".", " ").split() if word[0].isalnum()]
    return "".join(word[0] for word in ([words[0], words[-1]] if len(words) > 1 else words)).upper() or "?"


def require_actor(view: View) -> View:
    """This will open a view to people and programs that may read, and to changes if they may write.

    A stranger is sent to the sign-in page, or answered with 401 when a script asks.
    """

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        actor: Actor | None = request.actor  # type: ignore[attr-defined]  # set by ActorMiddleware
        if actor is None:
            return _ask_to_sign_in(request)
        if not (actor.may_read if request.method in _SAFE_METHODS else actor.may_write):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked


def require_person(view: View) -> View:
    """This will open a view to signed-in people alone: no key, whatever its scopes, manages an account."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        actor: Actor | None = request.actor  # type: ignore[attr-defined]  # set by ActorMiddleware
        if actor is None:
            return _ask_to_sign_in(request)
        if actor.api_key_id is not None:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked


def _ask_to_sign_in(request: HttpRequest) -> HttpResponseBase:
    is_navigation = request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
    wants_html = "text/html" in request.headers.get("Accept", "text/html")
    if is_navigation and wants_html and "Authorization" not in request.headers:
        return redirect_to_login(request.get_full_path())
    problem = {"type": "about:blank", "title": _("Sign in first."), "status": 401, "code": "unauthenticated"}
    headers = {"WWW-Authenticate": "Bearer"}
    return JsonResponse(problem, status=401, content_type="application/problem+json", headers=headers)


def _session_cookie(header: bytes) -> str | None:
    if len(header) > _COOKIE_LIMIT:
        return None
    return parse_cookie(header.decode("latin-1")).get(settings.SESSION_COOKIE_NAME)
