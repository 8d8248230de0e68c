"""Which request, trace and run a piece of work belongs to, carried along with it and into every log line.

Ids are kept by Olympus itself; spans are sent only where OTEL_EXPORTER_OTLP_ENDPOINT names a collector.
"""

import os
import re
import secrets
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")

# Versions to come may say more after another dash. Source: W3C Trace Context, section 3.2.
_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_NO_TRACE, _NO_SPAN, _BAD_VERSION = "0" * 32, "0" * 16, "ff"
_LONGEST_HEADER = 200
_SAMPLED = 1


@dataclass(frozen=True, slots=True)
class Trace:
    """A place in a trace: hexadecimal ids as W3C Trace Context writes them."""

    trace_id: str
    span_id: str
    is_sampled: bool = True

    @property
    def traceparent(self) -> str:
        """The header that hands the trace on."""
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.is_sampled else '00'}"


_trace: ContextVar[Trace | None] = ContextVar("trace", default=None)
_request_id: ContextVar[str] = ContextVar("request_id", default="")
_run_id: ContextVar[str] = ContextVar("run_id", default="")
_tracer: Any = None


def parse_traceparent(header: str) -> Trace | None:
    """This will read a traceparent header; None for what is none, which begins a trace of its own."""
    found = _TRACEPARENT.fullmatch(header.strip()) if len(header) <= _LONGEST_HEADER else None
    if found is None:
        return None
    version, trace_id, span_id, flags, more = found.groups()
    if version == _BAD_VERSION or trace_id == _NO_TRACE or span_id == _NO_SPAN or (version == "00" and more):
        return None
    return Trace(trace_id, span_id, bool(int(flags, 16) & _SAMPLED))


def current_traceparent() -> str:
    """This will give the header that hands the current trace on; empty outside of one."""
    trace = _trace.get()
    return trace.traceparent if trace else ""


def current_ids() -> Mapping[str, str]:
    """This will name what the current work belongs to; only what there is."""
    trace = _trace.get()
    ids = {"request_id": _request_id.get(), "run_id": _run_id.get()}
    if trace:
        ids |= {"trace_id": trace.trace_id, "span_id": trace.span_id}
    return {name: value for name, value in ids.items() if value}


def begin_request(traceparent: str = "") -> str:
    """This will begin a request, in the trace it was sent in if it names one, and give the request's id.

    It holds for the current context: the task of the request.
    """
    _trace.set(parse_traceparent(traceparent) if traceparent else None)
    _run_id.set("")
    request_id = secrets.token_hex(8)
    _request_id.set(request_id)
    return request_id


def request_id() -> str:
    """This will give the current request's id, made here for one that has none yet."""
    return _request_id.get() or secrets.token_hex(8)


@contextmanager
def in_run(run_id: object, traceparent: str = "") -> Iterator[None]:
    """This will mark what is done inside as part of a run, in the trace it was ordered in."""
    run_token, trace_token = _run_id.set(str(run_id)), _trace.set(parse_traceparent(traceparent))
    try:
        yield
    finally:
        _run_id.reset(run_token)
        _trace.reset(trace_token)


@contextmanager
def span(name: str, **attributes: str | int | float | bool) -> Iterator[None]:
    """This will mark what is done inside as a step of its trace, which begins here if there is none."""
    parent = _trace.get()
    if _tracer is None:
        token = _trace.set(Trace(parent.trace_id if parent else secrets.token_hex(16), secrets.token_hex(8)))
        try:
            yield
        finally:
            _trace.reset(token)
        return
    with _recorded(name, parent, attributes) as trace:
        token = _trace.set(trace)
        try:
            yield
        finally:
            _trace.reset(token)


async def traced(name: str, work: Coroutine[Any, Any, T], **attributes: str | int | float | bool) -> T:
    """This will do work as a step of its trace."""
    with span(name, **attributes):
        return await work


def configure() -> None:
    """This will send spans to the collector that the environment names, if it names one; else nothing is imported."""
    global _tracer
    if _tracer is None and os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        _tracer = _exporting_tracer()


def _exporting_tracer() -> Any:
    # Imported only where it is configured: it costs every process memory and start-up time.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    name = os.environ.get("OTEL_SERVICE_NAME", "olympus")
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider.get_tracer("olympus")


@contextmanager
def _recorded(name: str, parent: Trace | None, attributes: Mapping[str, Any]) -> Iterator[Trace]:
    from opentelemetry import trace as api  # noqa: PLC0415 - see above

    context = None
    if parent is not None:
        flags = api.TraceFlags(_SAMPLED if parent.is_sampled else 0)
        place = api.SpanContext(int(parent.trace_id, 16), int(parent.span_id, 16), True, flags)  # noqa: FBT003 - remote
        context = api.set_span_in_context(api.NonRecordingSpan(place))
    with _tracer.start_as_current_span(name, context=context, attributes={**current_ids(), **attributes}) as live:
        own = live.get_span_context()
        yield Trace(f"{own.trace_id:032x}", f"{own.span_id:016x}", bool(own.trace_flags & _SAMPLED))
