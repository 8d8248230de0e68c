"""One run as a client of the live protocol puts it together: by offset, in code points, without holes or doubles."""

from dataclasses import dataclass, field
from typing import Any

OVER = frozenset({"complete", "error", "cancelled", "interrupted"})


@dataclass(eq=False)
class SplicedRun:
    """What a client holds of a run; `complaints` tells what the server should not have sent."""

    run_id: str
    text: str = ""
    thinking: str = ""
    seq: int = 0
    state: str = "queued"
    error_code: str = ""
    is_over: bool = False
    taken_back: int = 0
    complaints: list[str] = field(default_factory=list)

    def take(self, event: dict[str, Any]) -> bool:
        """This will take one event of the run; False if something before it is missing: resume the run."""
        kind, seq = event["type"], event["metadata"]["seq"]
        if kind == "snapshot":
            self._take_snapshot(event)
            return True
        if seq <= self.seq:
            self.complaints.append(f"{kind} {seq} came although {self.seq} was held")
            return True
        if self.is_over:
            self.complaints.append(f"{kind} {seq} came after the end")
            return True
        if not self._take_next(kind, event):
            self.complaints.append(f"a hole before {kind} {seq}")
            return False
        self.seq = seq
        return True

    def _take_snapshot(self, event: dict[str, Any]) -> None:
        content = event["content"]
        self.text = self._replaced(self.text, content.get("text", ""))
        self.thinking = self._replaced(self.thinking, content.get("thinking", ""))
        self.seq = event["metadata"]["seq"]
        if not self.is_over and content["state"] not in OVER:
            self.state = content["state"]

    def _replaced(self, held: str, said: str) -> str:
        if self.is_over and held != said:
            self.complaints.append("the text changed after the end")
        elif not said.startswith(held) and not held.startswith(said):
            self.complaints.append(f"other text: …{held[-20:]!r} became …{said[-20:]!r}")
        self.taken_back += max(0, len(held) - len(said))
        return said

    def _take_next(self, kind: str, event: dict[str, Any]) -> bool:
        if kind == "token":
            return self._splice("text", event)
        if kind == "thinking":
            return self._splice("thinking", event)
        if kind == "state":
            self.state = event["content"]["state"]
        elif kind == "complete":
            return self._end(event["content"]["state"], event["content"]["length"])
        elif kind == "error":
            self.error_code = event["code"]
            return self._end(event.get("state", "error"), event.get("kept_length", 0))
        return True

    def _splice(self, name: str, event: dict[str, Any]) -> bool:
        held, said, offset = getattr(self, name), event["content"], event["metadata"]["offset"]
        if offset > len(held):
            return False
        overlap = held[offset : offset + len(said)]
        if not said.startswith(overlap):
            self.complaints.append(f"other text at {offset}: {overlap[:20]!r} became {said[:20]!r}")
        if offset + len(said) > len(held):
            setattr(self, name, held[:offset] + said)
        self.state = "streaming"
        return True

    def _end(self, state: str, length: int) -> bool:
        if length > len(self.text):
            return False
        if length < len(self.text):
            self.complaints.append(f"it ended with {length} characters, but {len(self.text)} were sent")
        self.state, self.is_over = state, True
        return True
