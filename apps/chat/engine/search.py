"""Words as search sees them: folded, cut into tokens, matched and shown around the match."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, takewhile

from olympus.kernel.text import compose_text

# Markdown that means nothing inside one line: footnote marks, and signs that begin a heading, a quote or code.
_MARKUP = re.compile(r"\[\^[^\]\s]{1,40}\]|^[ ]{0,3}(?:#{1,6}|>+|`{3,}\w*)(?=\s)", re.MULTILINE)
# Signs that turn the reading direction would turn what stands around the snippet.
_TURNING = re.compile("[\u0000-\u0008\u202a-\u202e\u2066-\u2069]")
_SPACES = re.compile(r"\s+")
# What is indexed of one text: the rest of a pasted log of megabytes is not worth what it costs.
INDEXED_LENGTH = 200_000
# A tsvector holds less than 1 MB of lexemes; this leaves room for what Olympus puts before each.
_INDEXED_BYTES = 700_000
# What one search shows at most: who needs more writes another word.
MAX_RESULTS = 50
# Longer words are hashes and blobs; their beginnings find them. A lexeme may hold 2 KB.
_TOKEN_LENGTH = 40
_QUERY_LENGTH = 400
_QUERY_TOKENS = 16

# Scripts written without spaces: kana, Han, Hangul, Thai, Lao, Khmer, Burmese. Cut into pairs of characters.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3105-\u312f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
# Marks of Indic scripts belong to their words, though Python's \w leaves them out.
_WORD = re.compile(rf"[^\W_{_UNSPACED}\u0900-\u0dff]+|[\u0900-\u0dff]+|[{_UNSPACED}]+")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
# What goes on with a word on either side of it; a script without spaces does not.
_GOES_ON = rf"(?:[^\W_{_UNSPACED}]|[\u0900-\u0dff])"
_PHRASE = re.compile(r'"([^"]*)"')
# Accents of Latin, Greek and Cyrillic, points of Hebrew and Arabic. Kana's marks make other syllables and stay.
_ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u200b-\u200f\u2060\ufeff\u00ad]")


@dataclass(frozen=True, slots=True)
class Term:
    """A token to look for; as a prefix it stands for all that begin so."""

    token: str
    is_prefix: bool = False

    def is_in(self, tokens: frozenset[str]) -> bool:
        """This will tell whether a text with these tokens has it."""
        if not self.is_prefix:
            return self.token in tokens
        return any(token.startswith(self.token) for token in tokens)


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: every term, and every run of folded text in `runs` as it stands.

    `marks` are the words and runs that are shown as found; of them `unfinished` may be a word's beginning.
    """

    terms: tuple[Term, ...]
    runs: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    unfinished: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a snippet."""

    text: str
    is_match: bool = False


class _Folding(dict[str, str]):
    """Each character's folded form, made when first met."""

    def __missing__(self, character: str) -> str:
        plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", character).casefold())
        self[character] = folded = unicodedata.normalize("NFC", _ACCENTS.sub("", plain)).casefold()
        return folded


_folding = _Folding()


def fold(text: str) -> str:
    """This will drop case, accents and widths."""
    if text.isascii():
        return text.lower()
    return "".join(map(_folding.__getitem__, compose_text(text)))


def tokens_of(text: str) -> frozenset[str]:
    """This will give the tokens a text is found by, bounded in number and size."""
    found: set[str] = set()
    size_bytes = 0
    for token in _tokens(fold(text[:INDEXED_LENGTH])):
        if token in found:
            continue
        size_bytes += len(token.encode())
        if size_bytes > _INDEXED_BYTES:
            break
        found.add(token)
    return frozenset(found)


def plan_query(text: str) -> Query:
    """This will read what somebody typed; the last word may still be unfinished. Quotes keep words together.

    Whatever is no word is no operator either: it is passed over.
    """
    text = text[:_QUERY_LENGTH]
    terms: dict[Term, None] = {}
    runs: dict[str, None] = {}
    marks: dict[str, None] = {}
    for phrase in _PHRASE.findall(text):
        words = _WORD.findall(fold(phrase))
        for term in (term for word in words for term in _terms(word)):
            terms[term] = None
        if words:
            run = " ".join(words)
            marks[run] = None
            if len(words) > 1 or len(run) > 2:
                runs[run] = None
    open_text = fold(_PHRASE.sub(" ", text))
    words = _WORD.findall(open_text)
    unfinished = words[-1] if words and open_text.endswith(words[-1]) else ""
    for position, word in enumerate(words):
        marks[word] = None
        may_go_on = bool(unfinished) and position == len(words) - 1
        for term in _terms(word, may_go_on=may_go_on):
            terms[term] = None
        if _IS_UNSPACED.match(word) and len(word) > 2:
            runs[word] = None
    longest_first = sorted(list(marks)[:_QUERY_TOKENS], key=len, reverse=True)
    return Query(tuple(terms)[:_QUERY_TOKENS], tuple(runs), tuple(longest_first), unfinished)


def has_runs(query: Query, text: str) -> bool:
    """This will tell whether a text holds every run of the query, whatever stands between the words."""
    if not query.runs:
        return True
    folded = fold(text[:INDEXED_LENGTH])
    return all(_pattern(run).search(folded) for run in query.runs)


def has_terms(query: Query, text: str) -> bool:
    """This will tell whether a text has all that is looked for; slower than an index and of the same opinion."""
    tokens = tokens_of(text)
    return all(term.is_in(tokens) for term in query.terms) and has_runs(query, text)


def snippet(query: Query, text: str, *, length: int = 160) -> list[Piece]:
    """This will cut a text around its first matches and mark them; the pieces are plain text."""
    text = compose_text(text[:INDEXED_LENGTH])
    start, end, spans = _window(query, text, length)
    return _pieces(text, start, end, spans)


def _window(query: Query, text: str, length: int) -> tuple[int, int, list[tuple[int, int]]]:
    """Look for the first match in windows, since folding with offsets costs more than folding."""
    step, overlap = 4000, 200
    for begin in range(0, max(len(text), 1), step):
        part = text[begin : begin + step + overlap]
        spans = [(begin + a, begin + b) for a, b in _spans(query, part, length)]
        if spans:
            start = max(0, spans[0][0] - length // 3)
            end = min(len(text), max(start + length, spans[0][1]))
            return start, end, [span for span in spans if span[1] <= end]
    return 0, min(len(text), length), []


def _spans(query: Query, text: str, length: int) -> list[tuple[int, int]]:
    """Where the marks are from the first one on, as far as a snippet goes; apart and in order."""
    parts = [text.lower()] if text.isascii() else list(map(_folding.__getitem__, text))
    folded = "".join(parts)
    # Looking for a part of it first is much quicker where there is none.
    present = [mark for mark in query.marks if mark.split(" ")[0] in folded]
    patterns = [_pattern(mark, is_prefix=mark == query.unfinished) for mark in present]
    firsts = [found.start() for pattern in patterns if (found := pattern.search(folded))]
    if not firsts:
        return []
    end = min(firsts) + length
    offsets = _offsets(parts) if len(parts) > 1 and any(len(part) != 1 for part in parts) else None
    taken: list[tuple[int, int]] = []
    for pattern in patterns:
        for found in takewhile(lambda found: found.start() < end, pattern.finditer(folded)):
            span = (offsets[found.start()], offsets[found.end() - 1] + 1) if offsets else found.span()
            if not any(span[0] < b and a < span[1] for a, b in taken):
                taken.append(span)
    return sorted(taken)


def _offsets(parts: list[str]) -> list[int]:
    return [index for index, part in enumerate(parts) for _ in part]


@lru_cache(maxsize=256)
def _pattern(run: str, *, is_prefix: bool = False) -> re.Pattern[str]:
    """A run of words matches whatever stands between them; scripts without spaces match anywhere."""
    words = run.split(" ")
    body = r"[\W_]+".join(re.escape(word) for word in words)
    before = "" if _IS_UNSPACED.match(words[0]) else f"(?<!{_GOES_ON})"
    after = "" if is_prefix or _IS_UNSPACED.match(words[-1]) else f"(?!{_GOES_ON})"
    return re.compile(before + body + after)


def _pieces(text: str, start: int, end: int, spans: list[tuple[int, int]]) -> list[Piece]:
    if start:
        start = _next_word(text, start, spans[0][0] if spans else end)
    if end < len(text):
        end = _last_word(text, end, spans[-1][1] if spans else start)
    pieces = [Piece("…")] if start else []
    at = start
    for a, b in spans:
        pieces += [Piece(_plain(text[at:a])), Piece(_plain(text[a:b]), is_match=True)]
        at = b
    pieces += [Piece(_plain(text[at:end])), Piece("…" if end < len(text) else "")]
    return [piece for piece in pieces if piece.text]


def _next_word(text: str, start: int, limit: int) -> int:
    space = text.find(" ", start, limit)
    return space + 1 if space >= 0 else start


def _last_word(text: str, end: int, limit: int) -> int:
    space = text.rfind(" ", limit, end)
    return space if space > limit else end


def _plain(text: str) -> str:
    return _SPACES.sub(" ", _TURNING.sub("", _MARKUP.sub("", text)))


def _tokens(folded: str) -> list[str]:
    tokens: list[str] = []
    for word in _WORD.findall(folded):
        if _IS_UNSPACED.match(word):
            tokens.extend(a + b for a, b in pairwise(word))
            tokens.append(word[-1])
        else:
            tokens.append(word[:_TOKEN_LENGTH])
    return tokens


def _terms(word: str, *, may_go_on: bool = False) -> list[Term]:
    if not _IS_UNSPACED.match(word):
        return [Term(word[:_TOKEN_LENGTH], is_prefix=may_go_on or len(word) > _TOKEN_LENGTH)]
    if len(word) == 1:
        return [Term(word, is_prefix=True)]
    return [Term(a + b) for a, b in pairwise(word)]
