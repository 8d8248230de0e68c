"""What a conversation that has not begun would hold: the default preset's system prompt, and its project."""

from io import BytesIO

import pytest

from apps.chat.services.projects import add_file, create_project
from olympus.kernel.ids import uuid7
from tests.support.cast import Someone
from tests.support.runs import scripted_provider

pytestmark = pytest.mark.django_db
PATH = "/api/v1/context"


@pytest.fixture(autouse=True)
def _models() -> None:
    scripted_provider()


def test_it_is_empty_where_nothing_is_told_before(owner: Someone) -> None:
    context = owner.client().get(PATH).json()

    assert (context["used"], context["left_out_count"]) == (0, 0)
    assert context["context_length"] > 0


def test_a_project_brings_its_instructions_and_files(owner: Someone) -> None:
    project = create_project(owner.actor, name="Delphi", instructions="Speak in riddles.")
    add_file(owner.actor, project_id=project.pk, name="oracle.txt", size_bytes=4, file=BytesIO(b"Omen"))

    context = owner.client().get(f"{PATH}?project={project.pk}").json()

    assert [part["kind"] for part in context["parts"]] == ["project", "file", "history"]
    assert context["used"] > 0


def test_the_default_preset_brings_its_system_prompt(owner: Someone) -> None:
    preset = {"name": "Brief", "options": {"system": "Be brief."}, "is_default": True}
    owner.client().post("/api/v1/presets", preset, "application/json")

    context = owner.client().get(PATH).json()

    assert [part["kind"] for part in context["parts"]] == ["system", "history"]


def test_another_persons_project_and_an_unknown_model_are_not_there(owner: Someone, stranger: Someone) -> None:
    project = create_project(owner.actor, name="Delphi")

    assert stranger.client().get(f"{PATH}?project={project.pk}").status_code == 404
    assert owner.client().get(f"{PATH}?project={uuid7()}").status_code == 404
    assert owner.client().get(f"{PATH}?model=nobody").status_code == 404
