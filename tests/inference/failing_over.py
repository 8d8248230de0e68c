"""A pool of fake servers in a test's own loop, and calls to it."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

from apps.inference.calling.call import Call, Plan
from apps.inference.calling.pooling import pooled
from apps.inference.contracts import (
    Caller,
    CallEvent,
    CallOptions,
    Capability,
    ChatRequest,
    Finished,
    ModelChoice,
    ModelClient,
    ModelInfo,
    ProviderKind,
    Routed,
    Switched,
    TextDelta,
)
from apps.inference.engine.wire import Timeouts
from apps.inference.pool import Backend
from olympus.kernel.errors import OlympusError
from tests.doubles.fake_ollama import FakeOllama
from tests.doubles.model_server import ModelServer
from tests.inference.conftest import IMPATIENT, asking, client_of

MODEL = "fake"


@dataclass
class Heard:
    """What a caller got."""

    events: list[CallEvent] = field(default_factory=list)
    error: OlympusError | None = None

    @property
    def text(self) -> str:
        """The answer."""
        return "".join(event.text for event in self.events if isinstance(event, TextDelta))

    @property
    def routed(self) -> Routed:
        """Who answered; fails unless that is said once, and first."""
        (routed,) = [event for event in self.events if isinstance(event, Routed)]
        assert self.events[0] is routed
        return routed

    @property
    def switches(self) -> list[Switched]:
        """Where others went on."""
        return [event for event in self.events if isinstance(event, Switched)]

    @property
    def finished(self) -> Finished:
        """The end; fails unless it is the last event."""
        assert isinstance(self.events[-1], Finished)
        return self.events[-1]


class TestPool:
    """Servers of one organization, asked in the order they were connected."""

    __test__ = False

    def __init__(self) -> None:
        self.organization_id = uuid4()
        self._backends: list[Backend] = []

    def connect(
        self,
        server: ModelServer | ModelClient,
        name: str,
        *,
        model: str = MODEL,
        goes_on: bool | None = None,
        timeouts: Timeouts = IMPATIENT,
    ) -> UUID:
        """Add a server; an Ollama goes on with answers unless told otherwise."""
        client = client_of(server, timeouts) if isinstance(server, ModelServer) else server
        capabilities = frozenset({Capability.CHAT})
        info = ModelInfo(
            model, capabilities, 8192, goes_on=isinstance(server, FakeOllama) if goes_on is None else goes_on
        )
        provider_id = uuid4()
        self._backends.append(
            Backend(
                provider_id=provider_id, name=name, kind=ProviderKind.OLLAMA, base_url="", info=info,
                priority=len(self._backends), weight=10, context_length=8192, number=len(self._backends),
                is_loaded=True, _make=lambda: client,
            )
        )  # fmt: skip
        return provider_id

    async def look_up(self, organization_id: UUID, model_name: str, provider_id: UUID | None = None) -> list[Backend]:
        """Find servers as the pool does, without stored rows."""
        assert organization_id == self.organization_id
        found = [backend for backend in self._backends if backend.info.name.removesuffix(":latest") == model_name]
        return [backend for backend in found if provider_id in {None, backend.provider_id}]

    def call(
        self,
        request: ChatRequest | None = None,
        *,
        models: tuple[str, ...] = (MODEL,),
        provider_id: UUID | None = None,
        options: CallOptions | None = None,
    ) -> Call:
        """Make a call to a model of the pool."""
        choice = ModelChoice(
            model=models[0], label=models[0], provider_id=provider_id, provider_name="", kind=ProviderKind.POOL,
            capabilities=frozenset({Capability.CHAT}), context_length=8192,
        )  # fmt: skip
        caller = Caller(organization_id=self.organization_id, user_id=uuid4(), door="chat")
        return Call(caller, choice, request or asking(models[0]), options or CallOptions(), Plan(models))


async def hear(pool: TestPool, call: Call) -> Heard:
    """Take a call to its end."""
    heard = Heard()
    try:
        async for event in await pooled(call, look_up=pool.look_up):
            heard.events.append(event)
    except OlympusError as error:
        heard.error = error
    return heard
