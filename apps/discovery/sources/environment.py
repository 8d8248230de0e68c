"""The source of what environment variables name: model servers as inference reads them, stores, SearXNG."""

from collections.abc import Mapping

from apps.discovery.contracts import Candidate, ServiceKind
from apps.discovery.sources.addresses import parse_place, server_path
from apps.discovery.sources.context import Named, Problem, SourceContext
from apps.inference.contracts import ProviderKind
from apps.inference.facade import providers_named_in
from olympus.kernel.errors import Invalid

NAME = "environment"

# The variables of Olympus itself and those that other products give to their neighbors in a compose file.
_VARIABLES = {
    "OPENAI_API_BASE": None,
    "DATABASE_URL": ServiceKind.POSTGRES,
    "REDIS_URL": ServiceKind.REDIS,
    "VALKEY_URL": ServiceKind.REDIS,
    "SEARXNG_URL": ServiceKind.SEARXNG,
}
# A key without an address is for OpenAI's own servers, which no scan goes to.
_KEY_ALONE = "OPENAI_API_KEY"
# Stores on a socket of this machine are Olympus' own, and no place a scan could go to.
_SOCKETS = ("unix://", "postgres:///", "postgresql:///")
_KINDS = {ProviderKind.OLLAMA: ServiceKind.OLLAMA}


async def candidates(context: SourceContext) -> Named:
    """This will name the servers that environment variables name, without the keys and passwords in them."""
    servers, said = providers_named_in(context.environment)
    named = [
        (server.base_url, server.variable, _KINDS.get(server.kind))
        for server in servers
        if server.variable != _KEY_ALONE
    ]
    for variable, address in _addresses_in(context.environment).items():
        named.append((address, variable, _VARIABLES[variable]))
    found: list[Candidate] = []
    problems = [Problem(NAME, sentence) for sentence in said]
    for address, variable, kind in named:
        try:
            found.append(_candidate(address, variable, kind))
        except Invalid as error:
            problems.append(Problem(NAME, f"{variable}: {error.message}"))
    return Named(candidates=found, problems=tuple(problems))


def _addresses_in(environment: Mapping[str, str]) -> dict[str, str]:
    values = {variable: environment.get(variable, "").strip() for variable in _VARIABLES}
    return {variable: value for variable, value in values.items() if value and not _is_socket(value)}


def _is_socket(address: str) -> bool:
    """Postgres writes a socket's folder behind the address: `postgresql://user@/database?host=/run`."""
    return address.startswith(_SOCKETS) or "host=/" in address or "host=%2F" in address


def _candidate(address: str, variable: str, kind: ServiceKind | None) -> Candidate:
    place = parse_place(address)
    return Candidate(
        source=NAME,
        host=place.host,
        port=place.port or (80 if place.scheme == "http" else 443),
        scheme=place.scheme,
        path=server_path(place.path),
        kind=place.kind or kind,
        name=variable,
        identity=f"env:{variable}",
        is_named=True,
    )
