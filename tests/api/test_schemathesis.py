"""schemathesis asks every operation of the API's description, rightly and wrongly; each answer must be as described."""

import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from django.conf import settings as django_settings
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, settings
from pytest_django import Settings
from schemathesis.checks import load_all_checks

from apps.accounts.services.doors import invite
from apps.accounts.services.keys import create_api_key
from apps.chat.attaching import attach_file
from apps.chat.services.presets import create_preset
from apps.chat.services.projects import add_file, create_project
from apps.chat.services.prompts import create_prompt
from apps.chat.services.sharing import create_share_link
from apps.chat.services.transfer import order_export
from apps.inference.models import Provider
from olympus.api_docs import description
from olympus.kernel.actor import Role, Scope
from tests.chat.saying import answer, picture, post
from tests.support.cast import Someone, someone
from tests.support.runs import scripted_provider

# What a description cannot say may still be wrong: a project that is not there, a title of spaces.
_EXCLUDED_CHECKS = ("positive_data_acceptance",)
# These are for whoever is signed in, so no key opens them.
_IN_PERSON = ("/keys", "/people", "/invitations")
# No test streams for ever; tests/api/test_run_events.py has these.
_WITHOUT_OBJECT = {"runs_events"}
_CSRF_TOKEN = "a" * 32
# Half of them wrong on purpose; all operations together stay under a minute and a half.
_EXAMPLES = 12

schema = schemathesis.openapi.from_dict(description())
schema.app = get_wsgi_application()
schema.config.generation.update(max_examples=_EXAMPLES, deterministic=True)
# Every corner of every parameter, one by one, is some hundred requests an operation: for when there is time.
schema.config.phases.coverage.enabled = "SCHEMATHESIS_DEEP" in os.environ


@pytest.fixture
def settings_apart(settings: Settings, tmp_path: Path) -> Iterator[None]:
    """Files and rate limits of this test's own, and requests that leave its transaction open, as Django's client does."""
    settings.MEDIA_ROOT = tmp_path
    cache.clear()
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def world(owner: Someone, settings_apart: None) -> dict[str, Any]:
    """One of everything, by the name its id has in addresses."""
    scripted_provider()
    return make_world(owner)


def make_world(owner: Someone) -> dict[str, Any]:
    """Make one of everything that is the owner's."""
    actor, said = owner.actor, post(owner, model="demo")
    answer(said)
    project = create_project(actor, name="Temple").pk
    return {
        "owner": owner,
        "key": create_api_key(actor=actor, name="all", scopes=list(Scope))[1],
        "conversation_id": said.conversation,
        "message_id": said.answer,
        "run_id": said.run_id,
        "attachment_id": attach_file(actor, name="a.png", size_bytes=len(picture()), file=BytesIO(picture())).pk,
        "project_id": project,
        "file_id": add_file(actor, project_id=project, name="a.txt", size_bytes=4, file=BytesIO(b"Zeus")).pk,
        "user_id": someone("second@example.org", Role.MEMBER).user.pk,
        "prompt_id": create_prompt(actor, title="Door", text="Open {{what}}").pk,
        "preset_id": create_preset(actor, name="Door").pk,
        "provider_id": Provider.objects.get().pk,
        "key_id": create_api_key(actor=actor, name="reads", scopes=[Scope.READ])[0].pk,
        "invitation_id": invite(actor=actor)[0].pk,
        "link_id": create_share_link(
            actor, conversation_id=said.conversation, expires_in_days=7, with_branches=False
        ).pk,
        "transfer_id": order_export(actor, format="json").pk,
    }


@pytest.mark.timeout(300)
@schema.parametrize()
@settings(
    max_examples=_EXAMPLES, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)
def test_every_answer_is_as_described(case: Any, world: dict[str, Any]) -> None:
    aim(case, world)
    is_in_person = any(part in case.operation.path for part in _IN_PERSON) or case.operation.label == "PATCH /api/v1/me"
    how: dict[str, Any] = in_person(world["owner"]) if is_in_person else {}
    how = how or {"headers": {"Authorization": f"Bearer {world['key']}"}}
    excluded = [*_EXCLUDED_CHECKS, *(["ignored_auth"] if is_in_person else [])]

    with transaction.atomic():  # each case finds the same world
        case.call_and_validate(**how, excluded_checks=[c for c in ALL_CHECKS if c.__name__ in excluded])
        transaction.set_rollback(True)


def aim(case: Any, world: dict[str, Any]) -> None:
    """Have an address lead to something that is there, and no model server be looked for elsewhere."""
    if case.operation.definition.raw.get("operationId") not in _WITHOUT_OBJECT:
        for name, value in (case.path_parameters or {}).items():
            if name in world and is_uuid(value):
                case.path_parameters[name] = str(world[name])
    if isinstance(case.body, dict) and isinstance(case.body.get("base_url"), str) and case.body["base_url"]:
        case.body["base_url"] = "http://127.0.0.1:9/v1"


def is_uuid(value: Any) -> bool:
    """Whether this is what the address should have."""
    try:
        return bool(UUID(str(value)))
    except ValueError:
        return False


def in_person(who: Someone) -> dict[str, Any]:
    """What a browser sends that is signed in."""
    cookies = {django_settings.SESSION_COOKIE_NAME: who.session_key, django_settings.CSRF_COOKIE_NAME: _CSRF_TOKEN}
    return {"cookies": cookies, "headers": {"X-CSRFToken": _CSRF_TOKEN}}


load_all_checks()
ALL_CHECKS = schemathesis.checks.CHECKS.get_all()
