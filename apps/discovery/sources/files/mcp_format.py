"""Lists of MCP servers as Claude, Cursor and VS Code keep them, read into candidates. Nothing in them is started.

Sources: code.claude.com/docs/en/mcp, "MCP installation scopes" and "Environment variable expansion";
cursor.com/docs/mcp, "Using mcp.json" and "Config interpolation"; code.visualstudio.com/docs/copilot/reference/mcp-configuration.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from apps.discovery.contracts import Candidate, ServiceKind
from apps.discovery.sources.addresses import LONGEST_ADDRESS, Place, parse_place
from apps.discovery.sources.context import Named, Problem
from apps.discovery.sources.files.jsonc import parse_json
from apps.discovery.sources.files.reading import text_of
from apps.discovery.sources.files.secrets import shown_command
from olympus.kernel.errors import Invalid
from olympus.kernel.text import clean_text

NAME = "mcp_config"
# Programs become slow with fifty servers; what lists more is not a person's list.
_MOST_SERVERS = 200
_LONGEST_NAME = 100
_PROGRAM_TYPES = frozenset({"stdio", "local"})
_DEFAULT = re.compile(r"\$\{\w+:-([^${}]*)\}")


def parse_mcp_file(content: bytes, label: str) -> Named:
    """This will read the servers a file lists; `label` names the file in identities and sentences.

    Programs become candidates with a `command` and no host. Values of `env` and `headers` are not kept, only their
    names. Entries that cannot be used are sentences in `problems`.

    Raises:
        Invalid: it is no such file, or too large.
    """
    found: list[Candidate] = []
    problems: list[Problem] = []
    for name, entry in _entries(parse_json(text_of(content))):
        if len(found) + len(problems) >= _MOST_SERVERS:
            said = _("%(file)s lists more than %(most)d servers; the rest was left out.")
            problems.append(Problem(NAME, said % {"file": label, "most": _MOST_SERVERS}))
            break
        shown = clean_text(name)[:_LONGEST_NAME]
        try:
            found.extend(_candidates_of(shown, entry, label))
        except Invalid as error:
            said = _("%(file)s, server %(name)s: %(why)s")
            problems.append(Problem(NAME, said % {"file": label, "name": shown, "why": error.message}))
    return Named(candidates=found, problems=tuple(problems))


def _entries(document: Any) -> Iterator[tuple[str, Any]]:
    lists = _lists_in(document)
    if lists is None:
        raise Invalid(_("The file lists no MCP servers: it has neither mcpServers nor servers."), field="file")
    for servers in lists:
        if not isinstance(servers, dict):
            raise Invalid(_("The file's list of servers is not an object with their names."), field="file")
        yield from servers.items()


def _lists_in(document: Any) -> list[Any] | None:
    """The places where the three products keep servers; None when the file has none of them."""
    if not isinstance(document, dict):
        return None
    found = [document[key] for key in ("mcpServers", "servers") if key in document]
    older = document.get("mcp")  # VS Code's settings.json, before servers had a file of their own
    if isinstance(older, dict) and "servers" in older:
        found.append(older["servers"])
    projects = document.get("projects")  # ~/.claude.json keeps those of one project under its path
    if isinstance(projects, dict):
        found.extend(
            each["mcpServers"] for each in projects.values() if isinstance(each, dict) and "mcpServers" in each
        )
    return found if found or projects is not None else None


def _candidates_of(name: str, entry: Any, label: str) -> list[Candidate]:
    if not isinstance(entry, dict):
        raise Invalid(_("it is not an object."), field="file")
    if entry.get("disabled") is True:
        return []
    identity = f"{label}:{name}"
    url = entry.get("url") or entry.get("serverUrl")
    if entry.get("type") not in _PROGRAM_TYPES and isinstance(url, str):
        return [_over_http(name, identity, url, entry)]
    return [_program(name, identity, entry)]


def _program(name: str, identity: str, entry: Mapping[str, Any]) -> Candidate:
    command, arguments = entry.get("command"), entry.get("args", [])
    if not isinstance(command, str) or not command.strip():
        raise Invalid(_("it has neither a command nor a URL."), field="file")
    if not isinstance(arguments, list) or not all(isinstance(each, str) for each in arguments):
        raise Invalid(_("its arguments are not a list of texts."), field="file")
    return Candidate(
        source=NAME,
        kind=ServiceKind.MCP,
        name=name,
        identity=identity,
        is_named=True,
        command=shown_command(command, arguments),
        env_names=_names(entry.get("env")),
    )


def _over_http(name: str, identity: str, url: str, entry: Mapping[str, Any]) -> Candidate:
    place = _place(url)
    return Candidate(
        source=NAME,
        host=place.host,
        port=place.port,
        scheme=place.scheme,
        path=place.path,
        kind=ServiceKind.MCP,
        name=name,
        identity=identity,
        is_named=True,
        env_names=(*_names(entry.get("headers")), *(clean_text(each)[:_LONGEST_NAME] for each in place.secret_names)),
    )


def _place(url: str) -> Place:
    url = _DEFAULT.sub(r"\1", url[: LONGEST_ADDRESS + 1])
    if "${" in url or "$env:" in url:
        # Ours are not put in: a file from elsewhere could send them wherever it likes.
        raise Invalid(_("its address has a variable in it; add the server by its address."), field="file")
    if not url.startswith(("http://", "https://")):
        raise Invalid(_("its address does not start with http:// or https://."), field="file")
    return parse_place(url)


def _names(values: Any) -> tuple[str, ...]:
    if values is None:
        return ()
    if not isinstance(values, dict):
        raise Invalid(_("its variables or headers are not an object."), field="file")
    return tuple(clean_text(name)[:_LONGEST_NAME] for name in list(values)[:50])
