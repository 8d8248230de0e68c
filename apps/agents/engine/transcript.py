"""What a run has said so far, as numbered pieces on their way to the live tail and the log."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

TEXT_KINDS = frozenset({"token", "thinking"})


@dataclass(slots=True)
class Piece:
    """Text of one kind from `offset` on (code points), or one event with `data`.

    `seq` is 0 until the piece was sent.
    """

    kind: str
    offset: int | None = None
    parts: list[str] = field(default_factory=list)
    data: Mapping[str, Any] | None = None
    token_count: int = 0
    seq: int = 0

    @property
    def content(self) -> str:
        """The piece's text."""
        return "".join(self.parts)


@dataclass(slots=True)
class _Strand:
    """All text of one kind."""

    parts: list[str] = field(default_factory=list)
    length: int = 0


class Transcript:
    """All of one run, held by the worker that runs it.

    New text gathers in `unsent` until `take_unsent` numbers it; numbered pieces gather in
    `unlogged`, adjacent text merged, until a checkpoint stores them.
    """

    def __init__(self, *, seq: int = 0) -> None:
        self.seq = seq
        self.token_count = 0
        self.tool_calls: list[Mapping[str, Any]] = []
        self.told_state: Mapping[str, Any] = {}
        self.switches: list[Mapping[str, Any]] = []
        self._strands = {kind: _Strand() for kind in TEXT_KINDS}
        self._unsent: list[Piece] = []
        self._unlogged: list[Piece] = []

    @property
    def text(self) -> str:
        """The answer so far."""
        return self._joined("token")

    @property
    def thinking(self) -> str:
        """The reasoning so far."""
        return self._joined("thinking")

    @property
    def length(self) -> int:
        """How long the answer is, in code points."""
        return self._strands["token"].length

    @property
    def has_output(self) -> bool:
        """Whether a person could have seen anything of this run."""
        return bool(self.tool_calls) or any(strand.length for strand in self._strands.values())

    def add_text(self, kind: str, text: str, *, token_count: int = 0) -> None:
        """This will append text of the kind `token` or `thinking`."""
        strand = self._strands[kind]
        last = self._unsent[-1] if self._unsent else None
        if last is None or last.kind != kind:
            last = Piece(kind, strand.length)
            self._unsent.append(last)
        last.parts.append(text)
        strand.parts.append(text)
        strand.length += len(text)
        self.token_count += token_count
        last.token_count = self.token_count

    def add_event(self, kind: str, data: Mapping[str, Any]) -> None:
        """This will append an event that is not text."""
        self._keep(kind, data)
        self._unsent.append(Piece(kind, data=data, token_count=self.token_count))

    def take_unsent(self) -> list[Piece]:
        """This will number what is new, in order, and hand it over for sending."""
        pieces, self._unsent = self._unsent, []
        for piece in pieces:
            self.seq += 1
            piece.seq = self.seq
            self._remember(piece)
        return pieces

    def take_unlogged(self) -> list[Piece]:
        """This will hand over numbered pieces no checkpoint has stored."""
        pieces, self._unlogged = self._unlogged, []
        return pieces

    def give_back(self, pieces: list[Piece]) -> None:
        """This will take pieces back whose checkpoint failed."""
        self._unlogged = pieces + self._unlogged

    def restore_log(self, pieces: Iterable[Piece]) -> None:
        """This will replay the log, whose rows stand for all events up to their numbers."""
        for piece in pieces:
            self._take(piece)

    def restore_tail(self, pieces: Iterable[Piece]) -> None:
        """This will replay the live tail past what is held, up to the first missing number.

        What is kept is always a prefix of what was said.
        """
        for piece in pieces:
            if piece.seq == self.seq + 1:
                self._take(piece)

    def pieces(self) -> list[Piece]:
        """This will write down all of it in a few pieces, numbered past those that were: a log to begin from."""
        kept = [Piece("state", data=self.told_state)] if self.told_state else []
        for kind, text in (("thinking", self.thinking), ("token", self.text)):
            if text:
                kept.append(Piece(kind, 0, [text]))
        kept += [Piece("tool_request", data=call) for call in self.tool_calls]
        kept += [Piece("switch", data=switch) for switch in self.switches]
        for number, piece in enumerate(kept, start=1):
            piece.seq, piece.token_count = self.seq + number, self.token_count
        return kept

    def _keep(self, kind: str, data: Mapping[str, Any]) -> None:
        if kind == "tool_request":
            self.tool_calls.append(data)
        elif kind == "switch":
            self.switches.append(data)
        elif kind == "state":
            self.told_state = data

    def _take(self, piece: Piece) -> None:
        if piece.kind in TEXT_KINDS:
            self._splice(piece)
        else:
            self._keep(piece.kind, piece.data or {})
        self.seq = max(self.seq, piece.seq)
        self.token_count = max(self.token_count, piece.token_count)

    def _splice(self, piece: Piece) -> None:
        strand, text = self._strands[piece.kind], piece.content
        overlap = strand.length - (piece.offset or 0)
        if 0 <= overlap < len(text):
            strand.parts.append(text[overlap:])
            strand.length += len(text) - overlap

    def _remember(self, piece: Piece) -> None:
        last = self._unlogged[-1] if self._unlogged else None
        if last is not None and last.kind == piece.kind and piece.kind in TEXT_KINDS:
            last.parts.extend(piece.parts)
            last.seq, last.token_count = piece.seq, piece.token_count
        else:
            self._unlogged.append(
                Piece(piece.kind, piece.offset, list(piece.parts), piece.data, piece.token_count, piece.seq)
            )

    def _joined(self, kind: str) -> str:
        strand = self._strands[kind]
        if len(strand.parts) > 1:
            strand.parts = ["".join(strand.parts)]
        return strand.parts[0] if strand.parts else ""
