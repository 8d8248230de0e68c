"""One call on its way through the servers: what has been said, who failed, who is asked next."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from apps.inference.calling.call import Call
from apps.inference.calling.candidates import LookUp, candidates_for, request_to, told_beginning
from apps.inference.contracts import CallEvent, ChatRequest, Finished, ModelEvent, Routed, Switched
from apps.inference.engine.continuing import Part, SoFar, added_up
from apps.inference.engine.failing import may_be_mended, most_helpful
from apps.inference.errors import CannotGoOn, ModelNotFound, ProviderRefused, ProviderTimeout, StreamCut
from apps.inference.pool import Backend
from olympus.kernel.errors import OlympusError

# How long a person waits for the first word, whoever is asked: two large models are read from disk in this time.
_DEADLINE_S = 180.0
# While another can be asked, one that has said nothing for so long is not waited for any more: a model in
# memory begins long before, and one that is being read from disk may be in memory elsewhere.
_PATIENCE_S = 30.0
# No model reads a longer beginning of its own answer.
_LONGEST_KEPT_CHARS = 400_000


class Course:
    """What becomes of one call. Servers are asked in turn, each once; `time` is a clock in seconds."""

    def __init__(self, call: Call, time: Callable[[], float], look_up: LookUp) -> None:
        self._call, self._time, self._look_up = call, time, look_up
        request = call.request
        self._so_far = SoFar(request.messages[-1].text if request.goes_on and request.messages else "")
        self._names = iter(call.plan.model_names)
        self._left: list[Backend] = []
        self._reasons: tuple[str, ...] = ()
        self._errors: list[OlympusError] = []
        self._silent: list[str] = []
        self._deadline = time() + _DEADLINE_S
        self._speaker: Backend | None = None
        self._part: Part | None = None
        # A server that does not take the beginning of an answer is asked once more, for all of it.
        self._plain: Backend | None = None
        self._cut: OlympusError | None = None
        self._cut_count = self._cut_tokens = 0

    async def next_backend(self) -> Backend | None:
        """This will give the server to ask: of those that have the planned model, then of those that have the next."""
        if self._plain is not None:
            self._part = Part(self._so_far, goes_on=False)
            return self._plain
        while not self._left:
            name = next(self._names, None)
            if name is None:
                return None
            await self._find(name)
        if self._time() >= self._deadline:
            return None
        if self._so_far.text:
            self._left.sort(key=lambda backend: not backend.info.goes_on)
        backend = self._left.pop(0)
        self._part = Part(self._so_far, goes_on=backend.info.goes_on) if self._so_far.has_output else None
        return backend

    async def _find(self, model_name: str) -> None:
        try:
            found, self._reasons = await candidates_for(self._call, model_name, self._look_up)
        except OlympusError as error:
            self._errors.append(error)
            return
        must_go_on = self._call.request.goes_on and self._speaker is None
        self._left = [backend for backend in found if backend.info.goes_on or not must_go_on]

    def request_for(self, backend: Backend) -> ChatRequest:
        """This will make the request: with what was said as the beginning of the answer, where something was."""
        request, kept = self._call.request, self._so_far.text
        if kept:
            told = "" if backend is self._plain else kept
            count = self._so_far.token_count
            request = told_beginning(request, told, goes_on=self._does_go_on(backend), token_count=count)
        return request_to(backend, request)

    async def first_of(self, heard: AsyncGenerator[ModelEvent, None]) -> ModelEvent:
        """This will wait for a server's first event, as long as a person would.

        Raises:
            ProviderTimeout: it is time to ask another.
        """
        until = self._deadline if not self._left else min(self._deadline, self._time() + _PATIENCE_S)
        try:
            async with asyncio.timeout_at(until):
                return await anext(heard)
        except TimeoutError as error:
            raise ProviderTimeout(
                _("The model server did not begin to answer in time. It may still be loading the model: try again.")
            ) from error
        except StopAsyncIteration as error:
            raise StreamCut from error

    def take(self, backend: Backend, said: ModelEvent) -> Sequence[CallEvent]:
        """This will give what of a server's event is news to the caller, behind who it comes from."""
        if self._part is None:
            self._so_far.add(said)
            if self._speaker is backend:
                return (said,)
            news: list[ModelEvent] = [said]
        else:
            news = self._news_of(backend, said, self._part)
        if not news or self._speaker is backend:
            return news
        announcement = self._announcement(backend)
        self._speaker = backend
        return [announcement, *news]

    def _news_of(self, backend: Backend, said: ModelEvent, part: Part) -> list[ModelEvent]:
        news = part.take(said)
        if news and isinstance(ending := news[-1], Finished):
            news[-1] = self._ending(backend, news, ending)
        for event in news:
            self._so_far.add(event)
        return news

    def _announcement(self, backend: Backend) -> Routed | Switched:
        if self._speaker is not None and self._part is not None:
            return Switched(
                model=backend.info.name,
                provider_id=backend.provider_id,
                provider_name=backend.name,
                failed_name=self._speaker.name,
                error_code=self._cut.code if self._cut else "",
                is_break=self._part.is_break,
            )
        plan = self._call.plan
        return Routed(
            model=backend.info.name,
            provider_id=backend.provider_id,
            provider_name=backend.name,
            reasons=(*plan.reasons, *self._why(backend)),
            tier=plan.tier,
        )

    def _why(self, backend: Backend) -> tuple[str, ...]:
        """The pool's reasons are for its first choice; when that one failed, this is the reason."""
        if not self._silent:
            return self._reasons
        values = {"failed": ", ".join(self._silent), "name": backend.name}
        return (_("%(failed)s could not answer, so %(name)s was asked.") % values,)

    def _ending(self, backend: Backend, news: list[ModelEvent], ending: Finished) -> Finished:
        """The end of an answer several servers wrote: what all of them used."""
        is_silent = len(news) == 1 and self._speaker is not backend
        if is_silent and self._is_going_on and self._plain is None and not backend.info.goes_on:
            # It took the beginning for the whole answer.
            raise ProviderRefused("The model server says nothing to the beginning of an answer.")
        goes_on = self._does_go_on(backend)
        return replace(
            ending, usage=added_up(ending.usage, begun=self._cut_count, counted=self._cut_tokens, goes_on=goes_on)
        )

    def _does_go_on(self, backend: Backend) -> bool:
        return backend.info.goes_on and backend is not self._plain

    @property
    def _is_going_on(self) -> bool:
        """Whether somebody spoke and broke off."""
        return self._cut is not None

    def failed(self, backend: Backend, error: OlympusError) -> None:
        """This will note the failure of a server; where no other may mend it, it is raised."""
        was_plain, self._plain = backend is self._plain, None
        if self._is_going_on and self._speaker is not backend:
            if may_be_mended(error):
                self._errors.append(error)
            elif self._so_far.text and not was_plain:
                self._plain = backend
            return
        self._errors.append(error)
        is_begun = self._speaker is not None
        if not may_be_mended(error) or (is_begun and not self._may_go_on()):
            raise error
        if not is_begun:
            self._silent.append(backend.name)
            return
        self._cut, self._cut_tokens = error, self._so_far.token_count
        self._cut_count += 1
        self._deadline = self._time() + _DEADLINE_S

    def _may_go_on(self) -> bool:
        """A tool that was asked for may run already; of an answer in a form no part may be by another hand."""
        so_far, request = self._so_far, self._call.request
        is_formed = request.response_schema is not None or "response_format" in request.extra
        is_short = len(so_far.text) <= _LONGEST_KEPT_CHARS
        return self._call.options.may_switch and is_short and not so_far.has_tool_calls and not is_formed

    def verdict(self) -> OlympusError:
        """This will give the error of a call nobody could answer: the one that helps the most."""
        if self._errors:
            return most_helpful(self._errors)
        return CannotGoOn() if self._call.request.goes_on else ModelNotFound()
