"""The doors programs use: how to make what they lead to, and the JSON one sends there."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.test import Client

from apps.accounts.services.doors import invite
from apps.accounts.services.keys import create_api_key
from apps.chat.contracts import Receipt
from apps.chat.services import post_message
from apps.inference.models import Provider
from olympus.kernel.actor import Scope
from tests.discovery.rows import a_grant, a_rule, a_scan, a_service
from tests.doors import models_tables
from tests.inference.memory_support import a_pin
from tests.support.cast import Someone

OBJECTS: dict[str, Callable[[Someone], dict[str, object]]] = {
    **{
        f"api/v1/conversations/<uuid:conversation_id>{rest}": lambda who: {"conversation_id": _posted(who).conversation}
        for rest in ("", "/restore", "/messages", "/branches", "/branch", "/fork")
    },
    **{
        f"api/v1/messages/<uuid:message_id>{rest}": lambda who: {"message_id": _posted(who).message}
        for rest in ("", "/siblings", "/edit")
    },
    "api/v1/messages/<uuid:message_id>/regenerate": lambda who: {"message_id": _posted(who).answer},
    **{
        f"api/v1/runs/<uuid:run_id>{rest}": lambda who: {"run_id": _posted(who).run_id}
        for rest in ("", "/events", "/cancel")
    },
    **{
        f"api/v1/providers/<uuid:provider_id>{rest}": lambda who: {"provider_id": _provider(who)}
        for rest in ("", "/test")
    },
    **{
        f"api/v1/services/<uuid:service_id>{rest}": lambda who: {"service_id": a_service(who).pk}
        for rest in ("", "/accept", "/ignore", "/restore", "/undo", "/test")
    },
    "api/v1/scans/<uuid:scan_id>": lambda who: {"scan_id": a_scan(who).pk},
    "api/v1/scan-grants/<uuid:grant_id>": lambda who: {"grant_id": a_grant(who).pk},
    **{f"api/v1/accept-rules/<uuid:rule_id>{rest}": lambda who: {"rule_id": a_rule(who).pk} for rest in ("", "/undo")},
    "api/v1/memory/pins/<uuid:pin_id>": lambda who: {"pin_id": a_pin(who).pk},
    "api/v1/keys/<uuid:key_id>": lambda who: {"key_id": _key(who)},
    "api/v1/people/<uuid:user_id>": lambda who: {"user_id": who.user.pk},
    "api/v1/invitations/<uuid:invitation_id>": lambda who: {"invitation_id": invite(actor=who.actor)[0].pk},
}
_NOBODY = str(UUID(int=1))
# What changes something at each door if its sender may; doors without one take no body.
BODIES: dict[str, Any] = {
    **models_tables.BODIES,
    "api/v1/me": {"name": "Changed"},
    "api/v1/keys/<uuid:key_id>": {"name": "Changed"},
    "api/v1/keys": {"name": "new", "scopes": ["read"]},
    "api/v1/people/<uuid:user_id>": {"role": "viewer", "is_active": False},
    "api/v1/invitations": {"role": "member"},
    "api/v1/providers": {"kind": "openai", "name": "New", "base_url": "http://127.0.0.1:9/v1"},
    "api/v1/providers/<uuid:provider_id>": {"name": "Changed"},
    "api/v1/scan-grants": {"cidr": "192.168.1.0/24", "days": 7, "reason": "a look"},
    "api/v1/accept-rules": {"kind": "ollama"},
    "api/v1/accept-rules/<uuid:rule_id>": {"is_enabled": False},
    "api/v1/budgets": {"subject": "everybody", "metric": "tokens", "period": "day", "limit": 1000},
    "api/v1/budgets/<uuid:budget_id>": {"limit": 7},
    "api/v1/prices": {"pattern": "new-*", "input_usd": "1"},
    "api/v1/prices/<uuid:price_id>": {"input_usd": "2"},
    "api/v1/conversations": {"title": "New"},
    "api/v1/conversations/<uuid:conversation_id>": {"title": "Changed"},
    "api/v1/conversations/<uuid:conversation_id>/messages": {"text": "Yours"},
    "api/v1/conversations/<uuid:conversation_id>/branch": {"message": _NOBODY},
    "api/v1/conversations/<uuid:conversation_id>/fork": {"message": _NOBODY},
    "api/v1/messages/<uuid:message_id>/regenerate": {"model": "demo"},
    "api/v1/messages/<uuid:message_id>/edit": {"text": "Changed"},
    "api/v1/runs": {"text": "Yours"},
    "api/v1/conversations/<uuid:conversation_id>/share-links": {"expires_in_days": 7, "with_branches": False},
    "api/v1/exports": {"format": "json"},
    "api/v1/projects": {"name": "New"},
    "api/v1/projects/<uuid:project_id>": {"name": "Changed"},
    "api/v1/projects/<uuid:project_id>/members": {"email": "member@example.org", "role": "editor"},
    "api/v1/projects/<uuid:project_id>/members/<uuid:user_id>": {"role": "viewer"},
    "api/v1/prompts": {"title": "New", "text": "Say {{what}}"},
    "api/v1/prompts/preview": {"text": "Say {{what}}", "values": {}},
    "api/v1/prompts/<uuid:prompt_id>": {"title": "Changed"},
    "api/v1/prompts/<uuid:prompt_id>/restore": {"number": 1},
    "api/v1/prompts/<uuid:prompt_id>/render": {"values": {"what": "it"}},
    "api/v1/presets": {"name": "New"},
    "api/v1/presets/<uuid:preset_id>": {"name": "Changed"},
    "api/v1/rate-limits/<str:name>": {"requests": 50},
    "api/v1/tiers/<str:tier>": {"model_names": ["llama3.2"]},
    "api/v1/tiers/explain": {"text": "Why?"},
    "api/v1/memory/pins": {"provider": _NOBODY, "model": "model"},
}


def send(client: Client, method: str, address: str, route: str, form: dict[str, Any], **kwargs: Any) -> Any:
    """Knock with what the door takes: a form on pages and where files go, JSON elsewhere below /api/."""
    has_file = any(hasattr(value, "read") for value in form.values())
    if route.startswith("api/") and not has_file and method not in {"GET", "DELETE"}:
        return client.generic(method, address, json.dumps(BODIES.get(route, {})), "application/json", **kwargs)
    if method == "POST":
        return client.post(address, form, **kwargs)
    return client.generic(method, address, **kwargs)


def _posted(who: Someone) -> Receipt:
    return post_message(who.actor, client_id="rest-door", text="Mine alone")


def _key(who: Someone) -> object:
    return create_api_key(actor=who.actor, name="a program", scopes=[Scope.READ])[0].pk


def _provider(who: Someone) -> object:
    return Provider.objects.create(
        organization_id=who.actor.organization_id, name="Theirs", kind="scripted", base_url="", api_key="secret"
    ).pk
