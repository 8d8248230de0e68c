"""How far a model is, how fast it comes, and how long it will take; clocks are passed in."""

from collections import deque
from dataclasses import dataclass, field

from apps.inference.engine.managing.steps import LARGEST_BYTES, Step

# The speed is that of the last ten seconds: short enough to notice a change, long enough not to dance.
_WINDOW_S = 10.0
# A speed of less than this is a guess.
_LEAST_S = 1.0
# A model has some ten files; a server that names more and more of them fills no memory.
_MOST_FILES = 10_000


@dataclass(slots=True)
class Progress:
    """All steps so far, added up over the model's files. `now` is in seconds of any steady clock."""

    words: str = ""
    _files: dict[str, tuple[int, int]] = field(default_factory=dict)
    _seen: deque[tuple[float, int]] = field(default_factory=deque)

    def take(self, step: Step, *, now: float) -> None:
        """This will add a step."""
        self.words = step.words
        if step.total_bytes and (step.digest in self._files or len(self._files) < _MOST_FILES):
            known = self._files.get(step.digest, (0, 0))
            self._files[step.digest] = (step.total_bytes, max(step.done_bytes, known[1]))
        if not self._seen:
            # What an earlier try had brought is not speed.
            self._seen.append((now, self.done_bytes))
        elif now - self._seen[-1][0] >= _LEAST_S / 2:
            self._note(now)

    @property
    def total_bytes(self) -> int | None:
        """All files the server has spoken of; None as long as that is none."""
        return min(sum(total for total, _ in self._files.values()), LARGEST_BYTES) or None

    @property
    def done_bytes(self) -> int:
        """What of them is there."""
        return min(sum(done for _, done in self._files.values()), LARGEST_BYTES)

    @property
    def bytes_per_s(self) -> int | None:
        """How fast it comes; None while that is not known."""
        if len(self._seen) < 2 or self._seen[-1][0] - self._seen[0][0] < _LEAST_S:
            return None
        (since, before), (now, done) = self._seen[0], self._seen[-1]
        return round(max(0, done - before) / (now - since))

    def _note(self, now: float) -> None:
        # A file that was there already jumps to its end at once: that is not speed either.
        self._seen.append((now, self.done_bytes))
        while now - self._seen[0][0] > _WINDOW_S:
            self._seen.popleft()


def seconds_left(total_bytes: int | None, done_bytes: int, bytes_per_s: int | None) -> int | None:
    """This will estimate how long the rest takes; None while nobody can tell."""
    if not total_bytes or not bytes_per_s:
        return None
    return round(max(0, total_bytes - done_bytes) / bytes_per_s)
