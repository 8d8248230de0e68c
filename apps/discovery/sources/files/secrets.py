"""Commands as they may be shown and kept: what could be a secret is left out."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from olympus.kernel.text import clean_text

HIDDEN = "…"
# A command has a handful of arguments; what is longer is no command a person reads.
_MOST_ARGUMENTS = 40
_LONGEST = 200
# Options without a value: the word after them is the program's name or its own argument.
_SWITCHES = frozenset({"-y", "--yes", "-q", "--quiet", "-i", "--rm", "-it", "-m", "-d", "--stdio", "--init"})
# Programs that start the one that matters, and the words between the two.
_RUNNERS = frozenset(
    "npx npm pnpm pnpx bun bunx yarn node deno uv uvx pipx python python3 docker podman cmd sh bash env".split()
)
_BETWEEN = frozenset({"run", "tool", "exec", "x", "dlx", "container", "/c"})
_NAME = re.compile(r"@?[A-Za-z][\w.-]*(?:[/:@=~^<>]{1,2}[\w.-]+)*")
_PATH = re.compile(r"(?:~|\.{1,2}|[A-Za-z]:)?[/\\][\w./\\@ -]*")
_NUMBER = re.compile(r"\d{1,6}")
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=")


def shown_command(command: str, arguments: Sequence[str]) -> tuple[str, ...]:
    """This will give a command with its arguments, and `…` for each that may be a secret.

    Shown are the programs it starts, names of options, paths, small numbers, and addresses without their passwords.
    """
    shown: list[str] = []
    is_value = is_started = False
    for word in [*command.split(), *arguments][:_MOST_ARGUMENTS]:
        word = clean_text(word[: _LONGEST + 1])
        if word.startswith("-"):
            name, equals, value = word.partition("=")
            shown.append(_option(name) + (equals and f"={_value(value)}"))
            is_value = not equals and name not in _SWITCHES
        elif is_value or is_started:
            shown.append(_value(word))
            is_value = False
        else:
            shown.append(_word(word))
            is_started = not _leads_on(word)
    return tuple(shown)


def _leads_on(word: str) -> bool:
    """Whether the program that matters is still to come."""
    name = re.split(r"[/\\]", word)[-1].lower().removesuffix(".exe").removesuffix(".cmd")
    return name in _RUNNERS or word in _BETWEEN or bool(_ASSIGNMENT.match(word))


def _option(name: str) -> str:
    return name if re.fullmatch(r"--?[A-Za-z][\w-]{0,40}|-+", name) else HIDDEN


def _word(word: str) -> str:
    if found := _ASSIGNMENT.match(word):
        return f"{found[1]}={HIDDEN}"
    is_login = ":" in word and "@" in word
    if len(word) <= 100 and _NAME.fullmatch(word) and not is_login and not _is_token(word):
        return word
    return _value(word)


def _value(word: str) -> str:
    if _NUMBER.fullmatch(word) or (len(word) <= _LONGEST and _PATH.fullmatch(word) and not _is_token(word)):
        return word
    if word.startswith(("http://", "https://")):
        return _address(word)
    return HIDDEN


def _address(word: str) -> str:
    try:
        parts = urlsplit(word)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return HIDDEN
    if not host or len(word) > _LONGEST:
        return HIDDEN
    path = parts.path if _PATH.fullmatch(parts.path) and not _is_token(parts.path) else HIDDEN * bool(parts.path)
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}{path}"


def _is_token(word: str) -> bool:
    """Whether a part of the word is long and mixes letters and digits, as keys do and names do not."""
    return any(
        len(part) >= 16 and re.search(r"\d", part) and re.search(r"[A-Za-z]", part)
        for part in re.split(r"[/\\.:@=-]", word)
    ) or bool(re.match(r"(?:sk|pk|rk|ghp|gho|github_pat|glpat|xox[a-z]|hf|AKIA|eyJ)[-_A-Z0-9]", word))
