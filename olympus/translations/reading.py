"""Finding the texts people read: in Python, in templates and in the browser's code."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from babel.messages.extract import extract
from django.template.base import Lexer, Token, TokenType
from django.utils.text import smart_split
from django.utils.translation import trim_whitespace

# A text and, where it depends on a number, its plural.
Text = tuple[str, str | None]
_PYTHON_WORDS = {"_": None, "gettext": None, "gettext_lazy": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2)}
_BROWSER_WORDS = {"t": None, "nt": (1, 2)}
_IN_EXPRESSION = re.compile(r"""_\((?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')\)""")


@dataclass(frozen=True, slots=True)
class Texts:
    """What Django translates, and what the browser does."""

    server: frozenset[Text]
    browser: frozenset[Text]


def texts_in(root: Path) -> Texts:
    """This will read every text of the checkout."""
    server: set[Text] = set()
    for folder in ("olympus", "apps"):
        for path in (root / folder).rglob("*.py"):
            server.update(_python(path))
            server.update(_error_sentences(path))
    for path in (root / "templates").rglob("*.html"):
        server.update(_template(path.read_text()))
    browser = {text for path in (root / "frontend" / "src").rglob("*.js") for text in _script(path)}
    return Texts(frozenset(server), frozenset(browser))


def _python(path: Path) -> Iterator[Text]:
    yield from _extracted("python", path, _PYTHON_WORDS)


def _script(path: Path) -> Iterator[Text]:
    yield from _extracted("javascript", path, _BROWSER_WORDS)


def _extracted(method: str, path: Path, keywords: Mapping[str, tuple[int, ...] | None]) -> Iterator[Text]:
    with path.open("rb") as source:
        for _line, message, _comments, _context in extract(method, source, keywords, options={"encoding": "utf-8"}):
            if isinstance(message, tuple):
                yield message[0], message[1]
            elif message:
                yield message, None


def _error_sentences(path: Path) -> Iterator[Text]:
    """The first line of an error's docstring is what a person reads when nothing else is said."""
    for node in ast.parse(path.read_text()).body:
        if not isinstance(node, ast.ClassDef) or not (path.name == "errors.py" or _has_code(node)):
            continue
        if doc := ast.get_docstring(node):
            yield doc.strip().splitlines()[0], None


def _has_code(node: ast.ClassDef) -> bool:
    """Errors stand beside what raises them too, and are known by their stable code."""
    return any(
        isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "code" and isinstance(line.value, ast.Constant)
        for line in node.body
    )


def _template(source: str) -> Iterator[Text]:
    tokens = iter(Lexer(source).tokenize())
    for token in tokens:
        if token.token_type in {TokenType.VAR, TokenType.BLOCK}:
            for match in _IN_EXPRESSION.finditer(token.contents):
                yield _literal(match[1] or match[2]), None
        if token.token_type is not TokenType.BLOCK:
            continue
        words = list(smart_split(token.contents))
        if words[0] in {"translate", "trans"} and words[1][0] in "\"'":
            yield _literal(words[1][1:-1]), None
        elif words[0] in {"blocktranslate", "blocktrans"}:
            yield _block(tokens, is_trimmed="trimmed" in words)


def _block(tokens: Iterator[Token], *, is_trimmed: bool) -> Text:
    parts: list[list[str]] = [[]]
    for token in tokens:
        if token.token_type is TokenType.BLOCK:
            if token.contents.split()[0] != "plural":
                break
            parts.append([])
        elif token.token_type is TokenType.VAR:
            parts[-1].append(f"%({token.contents})s")
        elif token.token_type is TokenType.TEXT:
            parts[-1].append(token.contents.replace("%", "%%"))
    whole = ["".join(part) for part in parts]
    if is_trimmed:
        whole = [trim_whitespace(part) for part in whole]
    return whole[0], whole[1] if len(whole) > 1 else None


def _literal(text: str) -> str:
    """As Django looks it up: a literal of a template stands in the catalog with its percent signs doubled."""
    return text.replace("%", "%%").replace(r"\"", '"').replace(r"\'", "'").replace(r"\\", "\\")
