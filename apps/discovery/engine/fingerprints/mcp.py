"""MCP over HTTP. Source: github.com/modelcontextprotocol/modelcontextprotocol, schema/2026-07-28 and schema/2025-11-25."""

import json
from collections.abc import Mapping
from typing import Any

from apps.discovery.contracts import ServiceKind
from apps.discovery.engine.fingerprint import Fingerprint, Reading, Sign
from apps.discovery.engine.listing import items
from apps.discovery.engine.wire import Answer, Answers, Probe, short_text

PATH = "/mcp"
_MODERN, _HANDSHAKE = "2026-07-28", "2025-11-25"
_CLIENT = {"name": "Olympus", "version": "1"}
_ACCEPT = "application/json, text/event-stream"
_SERVER_INFO = "io.modelcontextprotocol/serverInfo"
# "Unsupported protocol version": only a server of a stateless revision says this.
_OTHER_VERSION = -32022


def discover(path: str = PATH) -> Probe:
    """This will make the request that every server of the stateless revisions answers."""
    meta = {
        "io.modelcontextprotocol/protocolVersion": _MODERN,
        "io.modelcontextprotocol/clientInfo": _CLIENT,
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    payload = {"jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": {"_meta": meta}}
    headers = {"MCP-Protocol-Version": _MODERN, "Mcp-Method": "server/discover", "Accept": _ACCEPT}
    return Probe("POST", path, payload, headers, label="server/discover")


def initialize(path: str = PATH) -> Probe:
    """This will make the handshake of the older revisions."""
    params = {"protocolVersion": _HANDSHAKE, "capabilities": {}, "clientInfo": _CLIENT}
    payload = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}
    return Probe("POST", path, payload, {"Accept": _ACCEPT}, label="initialize")


def message_in(answer: Answer) -> Mapping[str, Any]:
    """This will return the JSON-RPC message of an answer, plain or as the first one of an event stream."""
    value = answer.json if not answer.headers.get("content-type", "").startswith("text/event-stream") else None
    for event in answer.text.replace("\r\n", "\n").split("\n\n") if value is None else []:
        data = "\n".join(line[5:].strip() for line in event.split("\n") if line.startswith("data:"))
        value = value or (Answer(200, body=data.encode()).json if data else None)
    return value if isinstance(value, dict) and value.get("jsonrpc") == "2.0" else {}


def _result(answer: Answer) -> Mapping[str, Any]:
    result = message_in(answer).get("result") if answer.status == 200 else None
    return result if isinstance(result, dict) else {}


def _modern(answer: Answer) -> str:
    versions = [each for each in items(_result(answer).get("supportedVersions")) if isinstance(each, str)]
    if versions and isinstance(_result(answer).get("capabilities"), dict):
        return f'"supportedVersions": {short_text(json.dumps(versions), 80)}'
    error = message_in(answer).get("error")
    is_other = isinstance(error, dict) and error.get("code") == _OTHER_VERSION
    return f'"code": {_OTHER_VERSION}' if is_other else ""


def _older(answer: Answer) -> str:
    version = _result(answer).get("protocolVersion")
    is_known = isinstance(version, str) and isinstance(_result(answer).get("capabilities"), dict)
    return f'"protocolVersion": "{short_text(version, 40)}"' if is_known else ""


def _speaks(answer: Answer) -> str:
    """Even a refusal in JSON-RPC is a sign of life, and it opens no session as a handshake would."""
    return '"jsonrpc": "2.0"' if message_in(answer) else ""


def _locked(answer: Answer) -> str:
    """The authorization part of the specification has the server say where its metadata is."""
    challenge = answer.headers.get("www-authenticate", "") if answer.status == 401 else ""
    return f"WWW-Authenticate: {short_text(challenge, 100)}" if "resource_metadata" in challenge else ""


def read_at(path: str, answers: Answers) -> Reading:
    """This will read a server's answers to both requests at the path."""
    found = [answers[each.name] for each in (discover(path), initialize(path)) if each.name in answers]
    result = next((_result(each) for each in found if _result(each)), {})
    meta = result.get("_meta")
    info = result.get("serverInfo") or (meta.get(_SERVER_INFO) if isinstance(meta, dict) else None)
    info = info if isinstance(info, dict) else {}
    can = result.get("capabilities")
    return Reading(
        version=short_text(info.get("version"), 60),
        name=short_text(info.get("title") or info.get("name")),
        capabilities=frozenset({"tools", "prompts", "resources"} & set(can if isinstance(can, dict) else ())),
        needs_key=not result and any(each.status in {401, 403} for each in found),
        is_self_named=bool(info.get("name")),
    )


def fingerprint_at(path: str) -> Fingerprint:
    """This will make the fingerprint of a server at another path than /mcp."""
    first, second = discover(path), initialize(path)
    signs = (Sign(first, _modern), Sign(second, _older), Sign(first, _locked, 0.8), Sign(second, _locked, 0.8))
    return Fingerprint(
        kind=ServiceKind.MCP,
        ports=(),
        signs=tuple((sign,) for sign in signs),
        read=lambda answers: read_at(path, answers),
        watch=(first,),
        watch_else=(second,),
        alive=(*signs, Sign(first, _speaks)),
        base=path,
    )


FINGERPRINT = fingerprint_at(PATH)
