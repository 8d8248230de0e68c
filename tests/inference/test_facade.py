"""What other apps ask of inference."""

import asyncio
from collections.abc import Callable

import pytest

from apps.inference import facade
from apps.inference.contracts import (
    Caller,
    CallOptions,
    Capability,
    ChatMessage,
    ChatRequest,
    ChatRole,
    Image,
    ModelEvent,
    ModelInfo,
    ProviderKind,
)
from apps.inference.errors import ModelNotFound
from apps.inference.models import Provider, catalog_of
from olympus.kernel.errors import Invalid
from olympus.kernel.http import close_sessions
from tests.doubles.fake_ollama import FakeOllama
from tests.doubles.streaming import Script
from tests.doubles.texts import expected_text
from tests.inference.conftest import PROMPT, asking, text_of
from tests.support.cast import Someone

CHAT = frozenset({Capability.CHAT})


def provide(
    someone: Someone,
    name: str,
    *infos: ModelInfo,
    kind: ProviderKind = ProviderKind.OLLAMA,
    url: str = "http://127.0.0.1:9",
    is_enabled: bool = True,
) -> Provider:
    return Provider.objects.create(
        organization_id=someone.actor.organization_id, name=name, kind=kind.value, base_url=url,
        catalog=catalog_of(list(infos)), is_enabled=is_enabled,
    )  # fmt: skip


@pytest.mark.django_db
def test_without_a_provider_the_built_in_engine_answers(owner: Someone) -> None:
    choices = facade.models_for(owner.actor.organization_id)

    assert [choice.model for choice in choices] == ["olympus-builtin", "all-minilm-l6-v2"]
    assert {choice.label for choice in choices} == {"Olympus (built in)"}
    assert facade.choose_model(owner.actor.organization_id, None) == choices[0]
    assert choices[0].provider_id is None


@pytest.mark.django_db
def test_models_are_listed_from_the_store_in_one_query_with_the_built_in_last(
    owner: Someone, stranger: Someone, django_assert_num_queries: Callable[[int], object]
) -> None:
    provide(owner, "One", ModelInfo("a", CHAT), ModelInfo("b", CHAT))
    provide(owner, "Off", ModelInfo("c", CHAT), is_enabled=False)
    provide(stranger, "Theirs", ModelInfo("d", CHAT))

    with django_assert_num_queries(1):
        choices = facade.models_for(owner.actor.organization_id)

    assert [choice.model for choice in choices] == [
        "auto",
        "fast",
        "balanced",
        "powerful",
        "a",
        "b",
        "olympus-builtin",
        "all-minilm-l6-v2",
    ]


@pytest.mark.django_db
def test_the_default_is_a_loaded_model_then_the_first_that_chats(owner: Someone) -> None:
    organization = owner.actor.organization_id
    one = provide(owner, "One", ModelInfo("embed", frozenset({Capability.EMBEDDINGS})), ModelInfo("first", CHAT))
    provide(owner, "Two", ModelInfo("second", CHAT, is_loaded=True))

    assert facade.choose_model(organization, None).model == "second"
    Provider.objects.exclude(pk=one.pk).delete()
    assert facade.choose_model(organization, "").model == "first"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "provider"),
    [
        ("llama3.2:latest", "2 servers"),
        ("llama3.2", "2 servers"),
        ("Two/llama3.2:latest", "Two"),
        ("Two/llama3.2", "Two"),
        ("hf.co/team/model", "Two"),
        ("Two/hf.co/team/model", "Two"),
    ],
)
def test_a_model_is_found_by_name_without_tag_and_with_provider(owner: Someone, name: str, provider: str) -> None:
    provide(owner, "One", ModelInfo("llama3.2:latest", CHAT))
    provide(owner, "Two", ModelInfo("llama3.2:latest", CHAT), ModelInfo("hf.co/team/model", CHAT))

    assert facade.choose_model(owner.actor.organization_id, name).provider_name == provider


@pytest.mark.django_db
def test_a_model_of_another_organization_is_not_found(owner: Someone, stranger: Someone) -> None:
    provide(stranger, "Theirs", ModelInfo("secret", CHAT))

    with pytest.raises(ModelNotFound):
        facade.choose_model(owner.actor.organization_id, "secret")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "url", "info", "expected"),
    [
        (ProviderKind.OLLAMA, "http://h:1", ModelInfo("m", CHAT, context_length=131072), 8192),
        (ProviderKind.OLLAMA, "http://h:1", ModelInfo("m", CHAT, context_length=2048), 2048),
        (ProviderKind.OLLAMA, "http://h:1", ModelInfo("m", CHAT, context_length=32768, is_loaded=True), 32768),
        (ProviderKind.OPENAI, "http://h:1/v1", ModelInfo("m", CHAT, context_length=40960), 40960),
        (ProviderKind.OPENAI, "http://h:1/v1", ModelInfo("m", CHAT), 8192),
        (ProviderKind.OPENAI, "https://api.openai.com/v1", ModelInfo("m", CHAT), 128_000),
    ],
)
def test_the_context_length_is_what_the_server_will_really_read(
    owner: Someone, kind: ProviderKind, url: str, info: ModelInfo, expected: int
) -> None:
    provide(owner, "One", info, kind=kind, url=url)

    assert facade.choose_model(owner.actor.organization_id, "m").context_length == expected


@pytest.mark.django_db
def test_an_image_for_a_model_that_sees_none_is_refused_in_words(owner: Someone) -> None:
    provide(owner, "One", ModelInfo("blind", CHAT), ModelInfo("embed", frozenset({Capability.EMBEDDINGS})))
    request = ChatRequest("blind", (ChatMessage(ChatRole.USER, "look", images=(Image("image/png", b"x"),)),))

    with pytest.raises(Invalid, match="blind cannot see images"):
        facade.check_request(facade.choose_model(owner.actor.organization_id, "blind"), request)
    with pytest.raises(Invalid, match="does not chat"):
        facade.check_request(facade.choose_model(owner.actor.organization_id, "embed"), asking("embed"))


@pytest.mark.django_db(transaction=True)
def test_an_answer_streams_through_the_door_and_asks_for_the_context(
    owner: Someone, in_background: Callable[..., FakeOllama]
) -> None:
    server = in_background(FakeOllama(Script(tokens=30)))
    provide(owner, "One", ModelInfo("fake:latest", CHAT, context_length=131072), url=server.url)
    choice = facade.choose_model(owner.actor.organization_id, "fake")

    async def take() -> list[ModelEvent]:
        try:
            caller = Caller(organization_id=owner.actor.organization_id, user_id=owner.actor.user_id, door="chat")
            calling = facade.stream_call(caller, choice, asking("fake:latest"), CallOptions())
            return [event async for event in calling]
        finally:
            await close_sessions()

    events = asyncio.run(take())

    assert text_of(events) == expected_text(PROMPT, 30)
    assert server.log.requests[-1].body["options"] == {"num_ctx": 8192}


@pytest.mark.parametrize(("text", "count"), [("", 0), ("abcd", 1), ("hello world", 3), ("日本語", 3), ("a🏛️", 3)])
def test_tokens_are_estimated(text: str, count: int) -> None:
    assert facade.count_tokens(text) == count
