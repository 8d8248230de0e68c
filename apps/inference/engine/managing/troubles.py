"""Why a model could not be brought onto a server, sorted by what a person can do about it."""

import re
from enum import StrEnum

from apps.inference.errors import (
    MalformedStream,
    ModelError,
    ModelNotFound,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnauthorized,
    ProviderUnreachable,
    StreamCut,
)


class Trouble(StrEnum):
    """What went wrong."""

    NO_MODEL = "no_such_model"
    NO_SPACE = "no_space"
    NO_NETWORK = "no_network"
    OLD_SERVER = "server_too_old"
    DAMAGED = "damaged"
    NOT_ALLOWED = "not_allowed"
    REFUSED = "refused"
    UNREACHABLE = "server_unreachable"
    SILENT = "server_silent"
    CUT = "connection_cut"
    MALFORMED = "not_understood"
    LOST = "worker_lost"


# As Ollama, Go's network library and the operating systems word it.
# Source: github.com/ollama/ollama, server/images.go and server/download.go, as of August 2026.
_WORDS: tuple[tuple[Trouble, re.Pattern[str]], ...] = tuple(
    (trouble, re.compile(pattern, re.IGNORECASE))
    for trouble, pattern in (
        (Trouble.NO_SPACE, r"no space left|not enough space|disk (is )?full|quota exceeded"),
        (Trouble.OLD_SERVER, r"newer version of ollama|requires ollama|unsupported (model )?architecture"),
        (Trouble.DAMAGED, r"digest mismatch|unexpected eof|verify"),
        (
            Trouble.NO_NETWORK,
            r"dial tcp|no such host|network is unreachable|connection re(fused|set)|i/o timeout|tls handshake"
            r"|max retries exceeded|deadline exceeded|part stalled|server misbehaving|certificate",
        ),
        (Trouble.NOT_ALLOWED, r"unauthorized|access denied|forbidden|denied"),
        (Trouble.NO_MODEL, r"file does not exist|manifest unknown|not found|does not exist|\b404\b|no such model"),
    )
)
# Trying again may help: the server may be starting, the network come back.
PASSING = frozenset({Trouble.UNREACHABLE, Trouble.CUT, Trouble.SILENT, Trouble.NO_NETWORK})


def trouble_in(words: str) -> Trouble:
    """This will sort what a server said when it failed."""
    return next((trouble for trouble, pattern in _WORDS if pattern.search(words)), Trouble.REFUSED)


def trouble_of(error: ModelError) -> Trouble:
    """This will sort what went wrong between Olympus and a server."""
    for kind, trouble in (
        (ModelNotFound, Trouble.NO_MODEL),
        (ProviderUnauthorized, Trouble.NOT_ALLOWED),
        (ProviderTimeout, Trouble.SILENT),
        (StreamCut, Trouble.CUT),
        (ProviderUnreachable, Trouble.UNREACHABLE),
        (MalformedStream, Trouble.MALFORMED),
    ):
        if isinstance(error, kind):
            return trouble
    return trouble_in(error.message) if isinstance(error, ProviderRefused) else Trouble.REFUSED
