"""What each kind of caller may ask of every operation there is."""

import json
from typing import Any

import pytest
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
ADMINISTERED = ("/api/v1/providers",)
# Computes and stores nothing, so whoever reads may ask it.
OPERATIONS = [
    (method, path, operation["operationId"])
    for path, methods in description()["paths"].items()
    for method, operation in methods.items()
    if method in READING | CHANGING
]
REFUSED = {401, 403}


def ask(client: Client, method: str, path: str, who: Someone, **headers: str) -> int:
    """Knock where the person's own things are and tell the status."""
    route = path.removeprefix("/")
    for name in ("conversation", "message", "run", "key", "user", "invitation", "provider", "prompt", "preset"):
        route = route.replace(f"{{{name}_id}}", f"<uuid:{name}_id>")
    for name in ("project", "file", "link", "transfer", "attachment"):
        route = route.replace(f"{{{name}_id}}", f"<uuid:{name}_id>")
    values = {**ANYTHING, **(OBJECTS[route](who) if route in OBJECTS else {})}
    address = path.format(**values) if "{" in path else path
    body = json.dumps(BODIES.get(route, {})) if method in CHANGING - {"delete"} else ""
    status: int = client.generic(method.upper(), address, body, "application/json", headers=headers).status_code
    return status


def key_of(who: Someone, *scopes: Scope) -> dict[str, str]:
    _, secret = create_api_key(actor=who.actor, name="a program", scopes=scopes)
    return {"authorization": f"Bearer {secret}"}


def is_in_person(method: str, path: str) -> bool:
    return path.startswith(IN_PERSON) or (method, path) == ("patch", "/api/v1/me")


@pytest.mark.parametrize(("method", "path", "name"), OPERATIONS, ids=[name for *_, name in OPERATIONS])
def test_each_caller_may_what_is_theirs(method: str, path: str, name: str, owner: Someone) -> None:
    reads, writes = key_of(owner, Scope.READ), key_of(owner, Scope.READ, Scope.WRITE)
    administers = key_of(owner, *Scope)

    answers: dict[str, Any] = {
        "nobody": ask(Client(), method, path, owner),
        "reads": ask(Client(), method, path, owner, **reads),
        "writes": ask(Client(), method, path, owner, **writes),
        "administers": ask(Client(), method, path, owner, **administers),
    }
    person = owner.client()
    Membership.objects.filter(user=owner.user).update(role=Role.VIEWER)
    answers["viewer"] = ask(person, method, path, owner)

    assert answers.pop("nobody") == 401
    refused = {caller for caller, status in answers.items() if status in REFUSED}
    assert max(answers.values()) < 500
    assert refused == expected_refusals(method, path), answers


def expected_refusals(method: str, path: str) -> set[str]:
    """Who must be refused, whatever else is wrong."""
    if path.startswith(("/api/v1/people", "/api/v1/invitations")):
        return {"reads", "writes", "administers", "viewer"}
    if is_in_person(method, path):
        return {"reads", "writes", "administers"}
    if path.startswith(ADMINISTERED):
        return {"reads", "writes", "viewer"}
    return {"reads", "viewer"} if method in CHANGING else set()
