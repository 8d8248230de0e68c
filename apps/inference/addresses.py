"""Addresses of model servers as people and environments write them."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from apps.inference.contracts import ProviderKind
from olympus.kernel.errors import OlympusError
from olympus.kernel.http import PROVIDERS, check_url

OLLAMA_PORT = 11434
LOCAL_OLLAMA = f"http://127.0.0.1:{OLLAMA_PORT}"
OPENAI = "https://api.openai.com/v1"
_ANY_HOST = {"0.0.0.0", "::", ""}  # noqa: S104 - what a server listens on; a client reaches it at localhost
_LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class NamedProvider:
    """A provider the environment names; `variable` is where it comes from."""

    kind: ProviderKind
    name: str
    base_url: str
    api_key: str
    variable: str


def base_url_for(kind: ProviderKind, url: str) -> str:
    """This will make the address a client of this kind builds on, from what a person pastes.

    Raises:
        Invalid, AddressRefused
    """
    if kind is ProviderKind.SCRIPTED:
        return ""
    if "://" not in url:
        url = f"http://{url}"
    checked = check_url(url, PROVIDERS)
    if kind is ProviderKind.OLLAMA:
        return checked.removesuffix("/v1").removesuffix("/api")
    checked = checked.removesuffix("/chat/completions").removesuffix("/models")
    return checked if urlsplit(checked).path else f"{checked}/v1"


def is_same_server(one: str, other: str) -> bool:
    """This will tell whether two addresses name one server, by host and port."""
    return _host_and_port(one) == _host_and_port(other)


def keeps_secrets(old: str, new: str) -> bool:
    """This will tell whether a key for the old address may go to the new one: the same host, as well encrypted."""
    before, after = urlsplit(old), urlsplit(new)
    return before.hostname == after.hostname and not (before.scheme == "https" and after.scheme != "https")


def needs_no_lookup(url: str) -> bool:
    """This will tell whether an address is this machine or a plain IP address, so that no name server is asked."""
    host = urlsplit(url).hostname or ""
    try:
        return host in _LOCAL_HOSTS or bool(ip_address(host))
    except ValueError:
        return False


def _host_and_port(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    return "localhost" if host in _LOCAL_HOSTS else host, parts.port or (443 if parts.scheme == "https" else 80)


def ollama_url(value: str) -> str:
    """This will read OLLAMA_HOST: `host`, `host:port`, `http://…`; 0.0.0.0 means this machine.

    Source: github.com/ollama/ollama, envconfig/config.go, `Host`.
    """
    value = value.strip().strip("\"'")
    scheme, _, rest = value.rpartition("://")
    default_port = {"http": 80, "https": 443}.get(scheme, OLLAMA_PORT)
    if not scheme and rest.count(":") > 1 and not rest.startswith("["):
        rest = f"[{rest}]"  # a bare IPv6 address
    parts = urlsplit(f"{scheme or 'http'}://{rest}")
    host = parts.hostname or ""
    host = "127.0.0.1" if host in _ANY_HOST else host
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme or 'http'}://{shown}:{parts.port or default_port}{parts.path}".rstrip("/")


def providers_named_in(environment: Mapping[str, str]) -> tuple[list[NamedProvider], list[str]]:
    """This will read the providers an environment names, and a sentence for each that cannot be used."""
    wanted: list[NamedProvider] = []
    if host := environment.get("OLLAMA_HOST", "").strip():
        wanted.append(NamedProvider(ProviderKind.OLLAMA, "Ollama", host, "", "OLLAMA_HOST"))
    base_url = environment.get("OPENAI_BASE_URL", "").strip()
    key = environment.get("OPENAI_API_KEY", "").strip()
    if base_url or key:
        name = "OpenAI" if not base_url or "//api.openai.com" in base_url else "OpenAI-compatible"
        variable = "OPENAI_BASE_URL" if base_url else "OPENAI_API_KEY"
        wanted.append(NamedProvider(ProviderKind.OPENAI, name, base_url or OPENAI, key, variable))
    usable: list[NamedProvider] = []
    problems: list[str] = []
    for each in wanted:
        try:
            url = ollama_url(each.base_url) if each.kind is ProviderKind.OLLAMA else each.base_url
            usable.append(
                NamedProvider(each.kind, each.name, base_url_for(each.kind, url), each.api_key, each.variable)
            )
        except (OlympusError, ValueError) as error:
            problems.append(f"{each.variable} cannot be used: {error}")
    return usable, problems
