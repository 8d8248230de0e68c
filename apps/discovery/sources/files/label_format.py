"""Workloads with labels, in files: lists of targets, `docker inspect`, compose files, Kubernetes services.

A workload is taken up when it carries `olympus.discover=true`. The other labels say how it is reached: `olympus.kind`,
`olympus.port`, `olympus.scheme`, `olympus.path`, `olympus.name`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from apps.discovery.contracts import Candidate, ServiceKind
from apps.discovery.sources.addresses import parse_place
from apps.discovery.sources.context import Named, Problem
from apps.discovery.sources.files.jsonc import parse_json
from apps.discovery.sources.files.reading import text_of
from apps.discovery.sources.files.workloads import Workload, workloads_in
from apps.discovery.sources.files.yaml_text import parse_yaml
from apps.discovery.sources.ports import ports_of
from olympus.kernel.errors import Invalid
from olympus.kernel.text import clean_text

NAME = "labels"
_MOST_TARGETS = 500
# Prometheus writes the dots of a label's name as underscores, after a prefix of its own.
_LABEL = re.compile(r"(?:^|[._])olympus[._/](discover|kind|port|scheme|path|name)$")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the labels of a workload say."""

    kind: ServiceKind | None
    port: int
    scheme: str
    path: str
    name: str


def parse_label_file(content: bytes) -> Named:
    """This will read the workloads of a JSON or YAML file that carry `olympus.discover=true`.

    Raises:
        Invalid: it is no such file, or too large.
    """
    found: list[Candidate] = []
    problems: list[Problem] = []
    for workload in _workloads(text_of(content)):
        labels = labels_of(workload.labels)
        if labels.get("discover", "").lower() != "true":
            continue
        if len(found) >= _MOST_TARGETS:
            problems.append(Problem(NAME, _("The file names more than %(most)d targets.") % {"most": _MOST_TARGETS}))
            break
        try:
            found.append(_candidate(workload, _wanted(labels)))
        except Invalid as error:
            problems.append(Problem(NAME, f"{clean_text(workload.host).rpartition('@')[2][:100]}: {error.message}"))
    return Named(candidates=found, problems=tuple(problems))


def labels_of(labels: Any) -> dict[str, str]:
    """This will read the labels that are meant for Olympus, from an object or a list of `name=value`."""
    if isinstance(labels, list):
        labels = dict(each.partition("=")[::2] for each in labels if isinstance(each, str))
    if not isinstance(labels, dict):
        return {}
    named = [(_LABEL.search(str(name)), value) for name, value in labels.items()]
    return {name[1]: _text(value) for name, value in named if name}


def _text(value: Any) -> str:
    return clean_text(str(value)).strip() if isinstance(value, str | int | float | bool) else ""


def _workloads(text: str) -> Iterator[Workload]:
    documents = [parse_json(text)] if text.lstrip()[:1] in {"{", "["} else parse_yaml(text)
    for document in documents:
        yield from workloads_in(document)


def _wanted(labels: dict[str, str]) -> _Wanted:
    kind = labels.get("kind", "").lower().replace("-", "_")
    if kind and kind not in set(ServiceKind):
        raise Invalid(_("olympus.kind is none of %(kinds)s.") % {"kinds": ", ".join(ServiceKind)}, field="file")
    port = labels.get("port", "")
    if port and not (port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) < 65536):
        raise Invalid(_("olympus.port is no port."), field="file")
    scheme = labels.get("scheme", "").lower() or "http"
    if scheme not in {"http", "https", "redis", "rediss", "postgresql"}:
        raise Invalid(_("olympus.scheme is none of http, https, redis, rediss, postgresql."), field="file")
    path = labels.get("path", "")[:200]
    if path and not path.startswith("/"):
        # `@elsewhere` behind a host's name would make that a user of another host.
        raise Invalid(_("olympus.path does not begin with a slash."), field="file")
    return _Wanted(
        kind=ServiceKind(kind) if kind else None,
        port=int(port or 0),
        scheme=scheme,
        path=path,
        name=labels.get("name", "")[:100],
    )


def _candidate(workload: Workload, wanted: _Wanted) -> Candidate:
    if any(mark in workload.host for mark in "/\\@?#"):
        raise Invalid(_("this is not a host's name."), field="file")
    place = parse_place(f"{wanted.scheme}://{workload.host}{wanted.path}")
    port = wanted.port or workload.port or (ports_of(wanted.kind)[0] if wanted.kind else 0)
    if not port:
        raise Invalid(_("no port is known; add the label olympus.port."), field="file")
    name = wanted.name or clean_text(workload.name)[:100]
    return Candidate(
        source=NAME,
        host=place.host,
        port=port,
        scheme=place.scheme,
        path=place.path,
        kind=wanted.kind or place.kind,
        name=name,
        identity=f"label:{name}",
        is_named=True,
    )
