"""What is open to whom. A door that is in none of these tables must refuse whoever is not signed in."""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from apps.accounts.models import Budget
from apps.accounts.services.doors import invite
from apps.accounts.services.keys import create_api_key
from apps.chat.attaching import attach_file
from apps.chat.models import Message
from apps.chat.services import post_message
from apps.chat.services.sharing import create_share_link
from apps.chat.services.transfer import order_export
from apps.inference.models import Price, Provider
from olympus.kernel.actor import Scope
from tests.discovery.rows import a_grant, a_rule, a_service
from tests.doors import library_tables, models_tables, rest_tables
from tests.support.cast import PASSWORD, Someone

# Doors for everybody, each with its reason.
PUBLIC = {
    "healthz": "a supervisor asks, and it tells nothing",
    "readyz": "a load balancer asks; it names parts, not addresses",
    "admin/login/": "leads to the sign-in page",
    "admin/logout/": "who is out already is led on",
    "api/v1/schema": "the description of the API, which the documentation has as well",
    "api/v1/docs/": "shows that description",
    "api/v1/redoc/": "shows that description",
    "accounts/login/": "the sign-in page",
    "accounts/logout/": "who is out already is led on",
    "accounts/inactive/": "tells the disabled that they are",
    "accounts/signup/": "opened and closed by the owner's setting",
    "accounts/confirm-email/": "says that mail was sent",
    "accounts/^confirm-email/(?P<key>[-:\\w]+)/$": "the link in the mail is the secret",
    "accounts/password/reset/": "begins a reset",
    "accounts/password/reset/done/": "says that mail was sent",
    "accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "the link is the secret",
    "accounts/password/reset/key/done/": "says that it worked",
    "accounts/2fa/": "leads on to the security page, which asks who it is",
    "accounts/2fa/authenticate/": "the second half of signing in",
    "accounts/2fa/webauthn/login/": "signing in by passkey",
    "accounts/login/code/confirm/": "the second half of signing in by code, which is off",
    "embed/diagram/": "an empty page with the drawing program, the same for everybody",
    "welcome/<str:token>/": "the token is the secret",
    "join/<str:token>/": "the token is the secret",
    "s/<str:token>/": "the token is the secret",
    "s/<str:token>/files/<uuid:attachment_id>/": "the token is the secret",
}

# Doors to an object: how to make one of the owner's.
OBJECTS: dict[str, Callable[[Someone], dict[str, object]]] = {
    **library_tables.OBJECTS,
    **models_tables.OBJECTS,
    **rest_tables.OBJECTS,
    "settings/keys/<uuid:key_id>/": lambda who: {"key_id": _key(who)},
    "settings/keys/<uuid:key_id>/revoke/": lambda who: {"key_id": _key(who)},
    "settings/people/invitations/<uuid:invitation_id>/withdraw/": lambda who: {
        "invitation_id": invite(actor=who.actor)[0].pk
    },
    **{
        f"settings/people/<uuid:user_id>/{verb}/": lambda who: {"user_id": who.user.pk}
        for verb in ("role", "premium", "disable", "enable", "reset-link", "second-factors")
    },
    **{
        f"settings/providers/<uuid:provider_id>/{verb}": lambda who: {"provider_id": _provider(who)}
        for verb in ("", "test/", "switch/", "remove/")
    },
    "settings/services/<uuid:service_id>/<str:verb>/": lambda who: {"service_id": a_service(who).pk, "verb": "ignore"},
    "settings/services/networks/<uuid:grant_id>/revoke/": lambda who: {"grant_id": a_grant(who).pk},
    **{
        f"settings/services/rules/<uuid:rule_id>/{verb}/": lambda who: {"rule_id": a_rule(who).pk}
        for verb in ("switch", "remove", "undo")
    },
    "c/<uuid:conversation_id>/": lambda who: {"conversation_id": _conversation(who)},
    "c/<uuid:conversation_id>/messages/": lambda who: {"conversation_id": _conversation(who)},
    "c/<uuid:conversation_id>/fork/": lambda who: {"conversation_id": _conversation(who)},
    "attachments/<uuid:attachment_id>/": lambda who: {"attachment_id": _attachment(who)},
    "api/v1/attachments/<uuid:attachment_id>": lambda who: {"attachment_id": _attachment(who)},
    "accounts/2fa/webauthn/keys/<int:pk>/remove/": lambda who: {"pk": _passkey(who)},
    "accounts/2fa/webauthn/keys/<int:pk>/edit/": lambda who: {"pk": _passkey(who)},
}
# What is shared by link and carried in and out.
OBJECTS |= {
    "c/<uuid:conversation_id>/file/": lambda who: {"conversation_id": _conversation(who)},
    "api/v1/conversations/<uuid:conversation_id>/share-links": lambda who: {"conversation_id": _conversation(who)},
    "api/v1/share-links/<uuid:link_id>": lambda who: {"link_id": _share_link(who)},
    "api/v1/transfers/<uuid:transfer_id>": lambda who: {"transfer_id": _transfer(who)},
    "api/v1/transfers/<uuid:transfer_id>/cancel": lambda who: {"transfer_id": _transfer(who)},
    "api/v1/transfers/<uuid:transfer_id>/file": lambda who: {"transfer_id": _transfer(who)},
}
# Values for the parameters of doors without an object of a person.
ANYTHING: dict[str, object] = {
    "token": "wrong",
    "attachment_id": UUID(int=1),
    "key": "wrong",
    "uidb36": "1",
    "object_id": "1",
    "content_type_id": "1",
    "app_label": "accounts",
    "url": "nowhere",
    "tier": "fast",
    "name": "member",
}
# Doors to what every organization has under the same name: who knocks meets their own, so there is nobody's to refuse.
EVERYBODYS_OWN = {
    "settings/rate-limits/<str:name>/": "tests/accounts/test_rates_page.py tries it as a stranger",
    "settings/rate-limits/<str:name>/reset/": "tests/accounts/test_rates_page.py tries it as a stranger",
    "api/v1/rate-limits/<str:name>": "tests/accounts/test_rates_page.py tries it as a stranger",
    **{
        f"{route}{rest}": "tests/accounts/test_settings_page.py tries it as a stranger"
        for route, rests in (
            ("settings/all/<str:name>/", ("", "change/", "reset/", "undo/")),
            ("api/v1/settings/<str:name>", ("", "/versions", "/undo")),
        )
        for rest in rests
    },
    "settings/routing/<str:tier>/": "tests/inference/test_tiers_page.py tries it as a stranger",
    "settings/routing/<str:tier>/reset/": "tests/inference/test_tiers_page.py tries it as a stranger",
    "api/v1/tiers/<str:tier>": "tests/inference/test_tiers_api.py tries it as a stranger",
}

# These say no on the page they lead back to, in words; the row stays as it was.
REFUSED_IN_WORDS = {
    route: "/settings/people/" if "people" in route else "/settings/keys/"
    for route in OBJECTS
    if route.startswith(("settings/people/", "settings/keys/"))
} | {"settings/services/rules/<uuid:rule_id>/undo/": "/settings/services/networks/"}
# Removing a file twice is no error, so removing another's looks the same: nothing happens.
SILENT = {"api/v1/attachments/<uuid:attachment_id>"}

# Money: limits and prices.
OBJECTS |= {
    **{
        f"{route}{rest}": lambda who: {"budget_id": _budget(who)}
        for route, rest in (
            ("settings/budgets/<uuid:budget_id>/", "change/"),
            ("settings/budgets/<uuid:budget_id>/", "remove/"),
            ("api/v1/budgets/<uuid:budget_id>", ""),
        )
    },
    **{
        route: lambda who: {"price_id": _price(who)}
        for route in (
            "settings/prices/<uuid:price_id>/",
            "settings/prices/<uuid:price_id>/remove/",
            "api/v1/prices/<uuid:price_id>",
        )
    },
}

# What a person fills in where something changes; doors without a form have none.
FORMS: dict[str, dict[str, Any]] = {
    **library_tables.FORMS,
    **models_tables.FORMS,
    "settings/profile/": {"name": "Changed"},
    "settings/theme/": {"theme": "dark"},
    "settings/appearance/undo/": {"preference": "theme"},
    "settings/shortcuts/": {"shortcuts": '{"chat.new": "Mod+J"}'},
    "settings/appearance/": {"theme": "dark", "language": "de"},
    "settings/profile/email/": {"email": "changed@example.org", "current_password": PASSWORD},
    "settings/keys/": {"name": "new", "scopes": ["read"], "days": "30", "expires": "30"},
    "settings/budgets/add/": {"whose": "everybody", "metric": "tokens", "period": "day", "limit": "1000"},
    "settings/budgets/<uuid:budget_id>/change/": {"limit": "7"},
    "settings/prices/add/": {"pattern": "new-*", "input_usd": "1"},
    "settings/prices/<uuid:price_id>/": {"pattern": "changed", "input_usd": "2"},
    "settings/keys/<uuid:key_id>/": {"name": "Changed"},
    "settings/people/<uuid:user_id>/premium/": {"on": "1"},
    "settings/people/invite/": {"role": "member"},
    "settings/people/sign-up/": {"policy": "closed"},
    "settings/people/<uuid:user_id>/role/": {"role": "viewer"},
    "settings/providers/add/": {"kind": "openai", "name": "New", "base_url": "http://127.0.0.1:9/v1"},
    "settings/providers/<uuid:provider_id>/": {"name": "Changed", "base_url": "http://127.0.0.1:9/v1"},
    "settings/providers/<uuid:provider_id>/switch/": {"on": "0"},
    "settings/services/networks/grant/": {"cidr": "192.168.1.0/24", "days": "7", "reason": "a look"},
    "settings/services/rules/add/": {"kind": "ollama"},
    "settings/services/rules/<uuid:rule_id>/switch/": {"on": "0"},
    "settings/cache/change/": {"is_exact": "on", "minutes": "5", "threshold": "0.9"},
    "settings/rate-limits/<str:name>/": {"requests": "50", "window_s": "60"},
    "settings/routing/<str:tier>/": {"models": ["llama3.2"], "uses": "Changed"},
    "accounts/2fa/webauthn/keys/<int:pk>/edit/": {"name": "Changed"},
    "settings/services/mcp-file/": {"file": "picture"},
    "api/v1/services/mcp-file": {"file": "picture"},
    "api/v1/attachments": {"file": "picture"},
    "api/v1/imports": {"file": "picture"},
    "api/v1/exports": {"format": "json"},
}
# What belongs to the person alone: a viewer looks at the organization's things but keeps an own account.
OWN_ACCOUNT = (
    "accounts/",
    "settings/profile/",
    "settings/theme/",
    "settings/appearance/",
    "settings/shortcuts/",
    "settings/security/",
    "settings/keys/",
    "api/v1/me",
    "api/v1/keys",
)


def _budget(who: Someone) -> UUID:
    return Budget.objects.create(
        organization_id=who.actor.organization_id, subject="everybody", metric="tokens", period="day", limit=1000
    ).pk


def _price(who: Someone) -> UUID:
    return Price.objects.create(organization_id=who.actor.organization_id, pattern="small").pk


def picture(kind: str = "PNG", size: tuple[int, int] = (4, 4)) -> bytes:
    """Draw a small picture."""
    file = BytesIO()
    Image.new("RGB", size, "teal").save(file, kind)
    return file.getvalue()


def form_of(route: str) -> dict[str, Any]:
    """Fill in a door's form; a picture is read from its beginning each time."""
    form = dict(FORMS.get(route, {}))
    if "file" in form:
        form["file"] = SimpleUploadedFile("a.png", picture(), "image/png")
    return form


def _key(who: Someone) -> object:
    return create_api_key(actor=who.actor, name="a program", scopes=[Scope.READ])[0].pk


def _provider(who: Someone) -> object:
    return Provider.objects.create(
        organization_id=who.actor.organization_id, name="Theirs", kind="scripted", base_url="", api_key="secret"
    ).pk


def _conversation(who: Someone) -> object:
    return post_message(who.actor, client_id="door", text="Mine alone").conversation


def _share_link(who: Someone) -> object:
    receipt = post_message(who.actor, client_id="door", text="Mine alone")
    Message.objects.filter(pk=receipt.answer).update(state="complete", text="So it is.")
    return create_share_link(who.actor, conversation_id=receipt.conversation, expires_in_days=7, with_branches=False).pk


def _transfer(who: Someone) -> object:
    return order_export(who.actor, format="json").pk


def _attachment(who: Someone) -> object:
    data = picture()
    return attach_file(who.actor, name="a.png", size_bytes=len(data), file=BytesIO(data)).pk


def _passkey(who: Someone) -> object:
    data = {"name": "Theirs", "credential": {"rawId": "", "response": {}, "clientExtensionResults": {}}}
    return Authenticator.objects.create(user=who.user, type=Authenticator.Type.WEBAUTHN, data=data).pk
