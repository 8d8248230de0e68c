"""What the environment says: read at the start, shown to the owner, with what is secret hidden."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qsl, urlsplit

from django.utils.translation import gettext_lazy as _

from olympus.kernel.options.declared import Words

HIDDEN = "••••••"
# Parts of a database's address that name a place rather than a secret.
_OPEN_PARAMETERS = frozenset({"host", "port", "dbname", "sslmode", "connect_timeout", "application_name"})


class Secrecy(StrEnum):
    """How much of a value the owner sees."""

    OPEN = "open"
    ADDRESS = "address"
    SECRET = "secret"  # noqa: S105 - a kind of value


@dataclass(frozen=True, slots=True)
class EnvironmentSetting:
    """One variable; `default` is what holds without it, in words where it is no value."""

    name: str
    help: Words
    default: Words = ""
    secrecy: Secrecy = Secrecy.OPEN

    def is_set(self, environment: Mapping[str, str] | None = None) -> bool:
        """Whether the environment says anything."""
        return bool((os.environ if environment is None else environment).get(self.name))

    def shown(self, environment: Mapping[str, str] | None = None) -> str:
        """This will give the value as the owner may see it; nothing where the environment says nothing."""
        value = (os.environ if environment is None else environment).get(self.name, "")
        if not value or self.secrecy is Secrecy.OPEN:
            return value
        return HIDDEN if self.secrecy is Secrecy.SECRET else without_secrets(value)


def without_secrets(url: str) -> str:
    """This will hide the user's password in an address, and every parameter that might be one."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return HIDDEN
    if not parts.scheme:
        return HIDDEN
    who = f"{parts.username or ''}{':' + HIDDEN if parts.password is not None else ''}"
    place = f"{who + '@' if who else ''}{_bracketed(parts.hostname or '')}{port}"
    named = [
        f"{name}={value if name in _OPEN_PARAMETERS else HIDDEN}"
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    ]
    return f"{parts.scheme}://{place}{parts.path}{'?' + '&'.join(named) if named else ''}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


_SECRET, _ADDRESS = Secrecy.SECRET, Secrecy.ADDRESS

ENVIRONMENT: tuple[EnvironmentSetting, ...] = (
    EnvironmentSetting("PUBLIC_URL", _("The address people use. Hosts, secure cookies and links follow from it.")),
    EnvironmentSetting("OLYMPUS_PORT", _("The port of the pages, as bin/up chose it."), "8000"),
    EnvironmentSetting("OLYMPUS_DATA", _("The folder where everything lies."), "var/"),
    EnvironmentSetting(
        "DATABASE_URL", _("Postgres, where all is that must not be lost."), _("the embedded one"), _ADDRESS
    ),
    EnvironmentSetting("REDIS_URL", _("Valkey or Redis, for what may be lost."), _("the embedded one"), _ADDRESS),
    EnvironmentSetting(
        "SECRET_KEY", _("Signs sessions and encrypts stored keys."), _("the file secret.key among the data"), _SECRET
    ),
    EnvironmentSetting("SECRET_KEY_FALLBACKS", _("Older secret keys that are still read, with commas."), "", _SECRET),
    EnvironmentSetting(
        "TRUSTED_PROXIES",
        _("Proxies, with commas, whose word is taken for where a request comes from."),
        _("this machine with PUBLIC_URL, else none"),
    ),
    EnvironmentSetting("EMAIL_HOST", _("The mail server. Without one, links are shown to the owner instead of sent.")),
    EnvironmentSetting("EMAIL_PORT", _("The mail server's port; at 465 the line is encrypted from the start."), "587"),
    EnvironmentSetting("EMAIL_HOST_USER", _("Whom Olympus signs in as at the mail server.")),
    EnvironmentSetting("EMAIL_HOST_PASSWORD", _("The password for that."), "", _SECRET),
    EnvironmentSetting("EMAIL_USE_TLS", _("0: speak to the mail server without encryption."), "1"),
    EnvironmentSetting("EMAIL_FROM", _("Who the mails are from."), _("olympus at the host of PUBLIC_URL")),
    EnvironmentSetting("OLLAMA_HOST", _("An Ollama to take up at each start."), "", _ADDRESS),
    EnvironmentSetting(
        "OPENAI_BASE_URL", _("A server that speaks as OpenAI's, to take up at each start."), "", _ADDRESS
    ),
    EnvironmentSetting("OPENAI_API_KEY", _("The key of that server."), "", _SECRET),
    EnvironmentSetting("OLYMPUS_AUTODETECT", _("0: do not look for model servers on this machine."), "1"),
    EnvironmentSetting("OLYMPUS_DRAIN_S", _("Seconds that a stopping worker gives to answers being written."), "5"),
    EnvironmentSetting("LOG_LEVEL", _("From what on something is logged: DEBUG, INFO, WARNING, ERROR."), "WARNING"),
    EnvironmentSetting(
        "LOG_FORMAT", _("How lines of the log are written: line or json."), _("line in a terminal, else json")
    ),
    EnvironmentSetting("METRICS_TOKEN", _("Lets a Prometheus that is no administrator read the metrics."), "", _SECRET),
    EnvironmentSetting(
        "OTEL_EXPORTER_OTLP_ENDPOINT", _("The OpenTelemetry collector that gets the traces."), "", _ADDRESS
    ),
    EnvironmentSetting("OTEL_SERVICE_NAME", _("How Olympus is called in the traces."), "olympus"),
    EnvironmentSetting("SENTRY_DSN", _("Where errors are reported, if anywhere."), "", _SECRET),
)
