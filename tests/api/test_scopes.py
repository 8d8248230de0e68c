"""What each kind of caller may ask of every operation there is."""

import json
import re
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from apps.accounts.models import Membership
from apps.accounts.services.keys import create_api_key
from olympus.api_docs import description
from olympus.kernel.actor import Role, Scope
from tests.doors.rest_tables import BODIES
from tests.doors.tables import ANYTHING, OBJECTS
from tests.support.cast import Someone

READING, CHANGING = {"get"}, {"post", "put", "patch", "delete"}
# Whoever is signed in, and no key.
IN_PERSON = ("/api/v1/keys", "/api/v1/people", "/api/v1/invitations")
# The organization's: for owners and administrators, and keys of theirs that administer.
ADMINISTERED = (
    "/api/v1/accept-rules",
    "/api/v1/machine",
    "/api/v1/memory",
    "/api/v1/models/",
    "/api/v1/scan-grants",
    "/api/v1/scans",
    "/api/v1/services",
    "/api/v1/settings",
    "/api/v1/budgets",
    "/api/v1/cache",
    "/api/v1/prices",
    "/api/v1/providers",
    "/api/v1/tiers",
)
# Below those, and yet for whoever may ask.
FOR_ALL = ("/api/v1/models/show", "/api/v1/tiers/explain")
OPERATIONS = [
    (method, path, operation["operationId"])
    for path, methods in description()["paths"].items()
    for method, operation in methods.items()
    if method in READING | CHANGING
]
REFUSED = {401, 403}
_NAME = re.compile(r"{(\w+)}")


def place_of(path: str, who: Someone) -> tuple[str, str]:
    """The door's route, and its address where the person's own things are."""
    route = _NAME.sub(r"<uuid:\1>", path.removeprefix("/"))
    values = {**ANYTHING, **(OBJECTS[route](who) if route in OBJECTS else {})}
    return route, path.format(**values)


def ask(client: Client, method: str, place: tuple[str, str], **headers: str) -> int:
    """Knock, tell the status, and leave everything as it was for the next."""
    route, address = place
    body = json.dumps(BODIES.get(route, {})) if method in CHANGING - {"delete"} else ""
    with transaction.atomic():
        answer = client.generic(method.upper(), address, body, "application/json", headers=headers)
        transaction.set_rollback(True)
    status: int = answer.status_code
    return status


def key_of(who: Someone, *scopes: Scope) -> dict[str, str]:
    _, secret = create_api_key(actor=who.actor, name="a program", scopes=scopes)
    return {"authorization": f"Bearer {secret}"}


def is_in_person(method: str, path: str) -> bool:
    return path.startswith(IN_PERSON) or (method, path) in {("patch", "/api/v1/me"), ("post", "/api/v1/me/undo")}


@pytest.mark.parametrize(("method", "path", "name"), OPERATIONS, ids=[name for *_, name in OPERATIONS])
def test_each_caller_may_what_is_theirs(method: str, path: str, name: str, owner: Someone) -> None:
    reads, writes = key_of(owner, Scope.READ), key_of(owner, Scope.READ, Scope.WRITE)
    administers = key_of(owner, *Scope)

    place = place_of(path, owner)

    answers: dict[str, Any] = {
        "nobody": ask(Client(), method, place),
        "reads": ask(Client(), method, place, **reads),
        "writes": ask(Client(), method, place, **writes),
        "administers": ask(Client(), method, place, **administers),
    }
    person = owner.client()
    Membership.objects.filter(user=owner.user).update(role=Role.VIEWER)
    answers["viewer"] = ask(person, method, place)

    assert answers.pop("nobody") == 401
    refused = {caller for caller, status in answers.items() if status in REFUSED}
    assert max(answers.values()) < 500
    assert refused == expected_refusals(method, path), answers


def expected_refusals(method: str, path: str) -> set[str]:
    """Who must be refused, whatever else is wrong."""
    if path.startswith(("/api/v1/people", "/api/v1/invitations")):
        return {"reads", "writes", "administers", "viewer"}
    if path.startswith(("/api/v1/rate-limits", "/api/v1/settings")) and method in CHANGING:
        return {"reads", "writes", "administers", "viewer"}
    if is_in_person(method, path):
        return {"reads", "writes", "administers"}
    if path.startswith(ADMINISTERED) and path not in FOR_ALL:
        return {"reads", "writes", "viewer"}
    return {"reads", "viewer"} if method in CHANGING else set()
