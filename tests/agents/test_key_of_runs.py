"""A program's key holds for the answers it has a worker write: its models and its budgets."""

from collections.abc import Collection

import pytest

from apps.accounts.facade import actor_for_key
from apps.accounts.services.keys import create_api_key
from apps.agents.leases import enroll_worker
from apps.agents.models import Run
from apps.agents.worker.preparing import Prepared, prepare_run
from apps.chat.services import post_message
from apps.inference.models import Provider
from apps.inference.tiers import reading
from olympus.kernel.actor import Actor, Scope
from olympus.kernel.ids import uuid7
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def servers(owner: Someone) -> None:
    reading.current.forget()
    for name in ("Here", "There"):
        catalog = [{"name": model, "capabilities": ["chat"], "context_length": 8192} for model in ("small", "large")]
        Provider.objects.create(
            organization_id=owner.actor.organization_id, name=name, kind="scripted", catalog=catalog
        )


def program(who: Someone, allowed: Collection[str]) -> Actor:
    _key, secret = create_api_key(actor=who.actor, name="a program", scopes=[Scope.WRITE], allowed_models=allowed)
    actor = actor_for_key(secret)
    assert actor is not None
    return actor


def prepared(actor: Actor, model: str) -> Prepared:
    receipt = post_message(actor, client_id=uuid7().hex, text="Tell me", model=model)
    found = prepare_run(receipt.run_id, enroll_worker())
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("allowed", "model"),
    [
        (["small"], "large"),
        (["small"], "Here/large"),
        (["Here/small"], "small"),
        (["Here/small"], "There/small"),
        (["auto"], "small"),
    ],
)
def test_a_model_the_key_may_not_use_is_not_asked(owner: Someone, allowed: list[str], model: str) -> None:
    found = prepared(program(owner, allowed), model)

    assert found.error is not None
    assert found.error.code == "model_not_found"
    assert "may not use" in found.error.message


def test_what_is_refused_is_refused_in_the_owners_language(owner: Someone) -> None:
    owner.user.language = "de"
    owner.user.save()

    found = prepared(program(owner, ["small"]), "large")

    assert found.error is not None
    assert found.error.message.startswith("Ihr Schlüssel darf")


@pytest.mark.parametrize(
    ("allowed", "model"),
    [(["small"], "small"), (["small"], "There/small"), (["Here/small"], "Here/small"), ([], "large")],
)
def test_a_model_the_key_may_use_is(owner: Someone, allowed: list[str], model: str) -> None:
    found = prepared(program(owner, allowed), model)

    assert found.error is None
    assert found.caller.allowed_models == frozenset()


def test_what_a_tier_stands_for_is_held_to_the_keys_models(owner: Someone) -> None:
    found = prepared(program(owner, ["small"]), "auto")

    assert found.error is None
    assert found.caller.allowed_models == {"small"}


def test_a_programs_run_is_charged_to_its_key_and_a_persons_to_none(owner: Someone) -> None:
    actor = program(owner, [])

    by_program, by_person = prepared(actor, "small"), prepared(owner.actor, "small")

    assert by_program.caller.api_key_id == actor.api_key_id
    assert by_person.caller.api_key_id is None
    assert Run.objects.filter(api_key_id=None).count() == 1
