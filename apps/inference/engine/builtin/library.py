"""The documentation as searchable sections, read once when first asked."""

import math
import re
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from apps.inference.engine.builtin.vocabulary import STOP_WORDS, SYNONYMS

# A page of documentation is a few kilobytes; what is larger is not documentation.
MAX_FILE_BYTES = 500_000
MAX_FILES = 200
# The table of capabilities mentions every topic and explains none; a log of changes likewise.
UNSEARCHED = frozenset({"capabilities.md", "CHANGELOG.md"})

# The usual constants of BM25. Source: Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009.
_K1, _B = 1.2, 0.75
# A word of a heading says more about a section than a word of its text; one of the file's title helps a little.
_HEADING_WEIGHT, _TITLE_WEIGHT = 4, 1
# At least this share of what the question asks for (by rarity) must be in a section, else it is about something else.
_LEAST_COVERAGE = 0.6

_WORD = re.compile(r"[a-z0-9]+(?:[._][a-z0-9]+)*")
_FENCE = re.compile(r"^ *```.*?(?:^ *```|\Z)", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*$")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of a document with the text below it, to the next heading."""

    file: str
    title: str
    heading: str
    body: str


@dataclass(frozen=True, slots=True)
class _Indexed:
    section: Section
    heading: frozenset[str]
    counts: Counter[str]
    length: int


@dataclass(frozen=True, slots=True)
class _Index:
    entries: tuple[_Indexed, ...]
    rarity: dict[str, float]
    mean_length: float
    # What a word weighs that no section has.
    unknown: float


class Library:
    """The sections of `docs_dir`/*.md and of the README.md beside that folder."""

    def __init__(self, docs_dir: Path) -> None:
        self._docs_dir = docs_dir
        self._lock = threading.Lock()
        self._index: _Index | None = None

    def best_section(self, question: str) -> Section | None:
        """This will find the section that answers a question best, or None if none is about it."""
        wanted = set(terms(question))
        index = self._read()
        if not wanted or not index.entries:
            return None
        total = sum(index.rarity.get(term, index.unknown) for term in wanted)
        scored = [
            (_score(index, entry, wanted), -position)
            for position, entry in enumerate(index.entries)
            if _coverage(index, entry, wanted) >= _LEAST_COVERAGE * total
        ]
        return index.entries[-max(scored)[1]].section if scored else None

    def _read(self) -> _Index:
        with self._lock:
            if self._index is None:
                self._index = _index_of(_sections(self._docs_dir))
            return self._index


@cache
def library_at(docs_dir: Path) -> Library:
    """This will give the one library of a folder: clients come and go with each answer, the index stays."""
    return Library(docs_dir)


def terms(text: str) -> list[str]:
    """This will reduce a text to the words it is searched by."""
    found = []
    for word in _WORD.findall(text.lower().replace("'", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", "")):
        for part in {word, *re.split(r"[._]", word)}:
            if part not in STOP_WORDS:
                stem = _stem(SYNONYMS.get(part, part))
                found.append(SYNONYMS.get(stem, stem))
    return found


def sections_of(file: str, text: str) -> list[Section]:
    """This will cut a Markdown text at its headings; what is inside a code fence is no heading."""
    title = heading = Path(file).stem.replace("-", " ").capitalize()
    found: list[Section] = []
    body: list[str] = []
    is_code, is_first = False, True
    for line in text.splitlines():
        is_code ^= line.lstrip().startswith("```")
        match = None if is_code else _HEADING.match(line)
        if match is None:
            body.append(line)
            continue
        found.append(Section(file, title, heading, "\n".join(body).strip()))
        heading, body = match[2].replace("`", ""), []
        title, is_first = (heading, False) if is_first else (title, False)
    found.append(Section(file, title, heading, "\n".join(body).strip()))
    return [section for section in found if section.body]


def _stem(word: str) -> str:
    for ending, least in (("ies", 5), ("ing", 6), ("ed", 5), ("es", 6), ("s", 4)):
        if word.endswith(ending) and len(word) >= least and not word.endswith("ss"):
            stem = word[: -len(ending)]
            return stem + "y" if ending == "ies" else stem.removesuffix("e")
    return word.removesuffix("e") if len(word) > 4 else word  # "file" keeps its e


def _sections(docs_dir: Path) -> list[Section]:
    files = [docs_dir.parent / "README.md", *sorted(docs_dir.glob("*.md"))[:MAX_FILES]]
    found: list[Section] = []
    for file in files:
        if file.name not in UNSEARCHED and file.is_file() and file.stat().st_size <= MAX_FILE_BYTES:
            name = file.relative_to(docs_dir.parent).as_posix()
            found += sections_of(name, file.read_text(encoding="utf-8", errors="replace"))
    return found


def _index_of(sections: Iterable[Section]) -> _Index:
    entries = tuple(_indexed(section) for section in sections)
    holders = Counter(term for entry in entries for term in entry.counts)
    rarity = {term: _rarity(len(entries), count) for term, count in holders.items()}
    mean_length = sum(entry.length for entry in entries) / max(len(entries), 1)
    return _Index(entries, rarity, max(mean_length, 1.0), _rarity(len(entries), 0))


def _rarity(total: int, holders: int) -> float:
    return math.log(1 + (total - holders + 0.5) / (holders + 0.5))


def _indexed(section: Section) -> _Indexed:
    # Without its examples: a greeting inside one is no documentation of greetings.
    body = terms(_FENCE.sub("", section.body))
    heading = frozenset(terms(section.heading))
    counts = Counter(body)
    for term in heading:
        counts[term] += _HEADING_WEIGHT
    for term in terms(section.title):
        counts[term] += _TITLE_WEIGHT
    return _Indexed(section, heading, counts, len(body))


def _coverage(index: _Index, entry: _Indexed, wanted: set[str]) -> float:
    return sum(index.rarity[term] for term in wanted if term in entry.counts)


def _score(index: _Index, entry: _Indexed, wanted: set[str]) -> float:
    norm = _K1 * (1 - _B + _B * entry.length / index.mean_length)
    # A heading that asks the very question doubles the score, one that only shares a word of many adds little.
    of_heading = 1 + len(entry.heading & wanted) / max(len(entry.heading), 1)
    return of_heading * sum(
        index.rarity[term] * entry.counts[term] * (_K1 + 1) / (entry.counts[term] + norm)
        for term in wanted
        if term in entry.counts
    )
