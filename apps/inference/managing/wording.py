"""Models on their way, their sizes and their troubles in words."""

from collections.abc import Callable

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.inference.contracts import Capability
from apps.inference.engine.managing.progress import seconds_left
from apps.inference.engine.managing.troubles import Trouble
from apps.inference.models import ModelJob

_UNITS = ("B", "KB", "MB", "GB", "TB", "PB", "EB")
_STEP = 1000
_MINUTE_S = 60
_HOUR_S = 3600
_TEN = 10

_TROUBLES: dict[Trouble, Callable[[], str]] = {
    Trouble.NO_MODEL: lambda: _("There is no such model. Check its name and tag."),
    Trouble.NO_SPACE: lambda: _("The server's disk is full. Delete a model there, then try again."),
    Trouble.NO_NETWORK: lambda: _("The server cannot reach the place the model comes from. Check its network."),
    Trouble.OLD_SERVER: lambda: _("This model needs a newer version of Ollama. Update it on the server."),
    Trouble.DAMAGED: lambda: _("What arrived is damaged. Try again: only the damaged part is fetched anew."),
    Trouble.NOT_ALLOWED: lambda: _(
        "This was refused for want of a right: the model may be private, or the server's key wrong."
    ),
    Trouble.REFUSED: lambda: _("The server could not do it."),
    Trouble.UNREACHABLE: lambda: _("The model server cannot be reached. Check that it runs, then try again."),
    Trouble.SILENT: lambda: _("The server said nothing any more. Try again: what arrived is kept."),
    Trouble.CUT: lambda: _("The connection to the server broke. Try again: what arrived is kept."),
    Trouble.MALFORMED: lambda: _("What the server said cannot be understood. Is it an Ollama?"),
    Trouble.LOST: lambda: _("This was begun several times and never came to an end. Look into the server's log."),
}
_CAPABILITIES: dict[Capability, Callable[[], str]] = {
    Capability.CHAT: lambda: _("chat"),
    Capability.TOOLS: lambda: _("tools"),
    Capability.VISION: lambda: _("vision"),
    Capability.THINKING: lambda: _("thinking"),
    Capability.EMBEDDINGS: lambda: _("embeddings"),
    Capability.IMAGES: lambda: _("images"),
    Capability.TRANSCRIPTION: lambda: _("transcription"),
    Capability.SPEECH: lambda: _("speech"),
}


def trouble_words(job: ModelJob) -> str:
    """This will say why a job failed and what to do; empty for one that did not."""
    if not job.error_code:
        return ""
    try:
        trouble = Trouble(job.error_code)
    except ValueError:
        trouble = Trouble.REFUSED
    said = job.error_words if trouble in {Trouble.REFUSED, Trouble.OLD_SERVER} else ""
    return f"{_TROUBLES[trouble]()} {_('It says: %(words)s') % {'words': said}}" if said else _TROUBLES[trouble]()


def capability_words(capabilities: frozenset[Capability]) -> list[str]:
    """This will name what a model can do; what each that chats can is left out."""
    return [words() for capability, words in _CAPABILITIES.items() if capability in capabilities]


def size_words(size_bytes: int | None) -> str:
    """This will write a size as disks are sold, 4.7 GB; empty for none."""
    if not size_bytes:
        return ""
    size, unit = float(size_bytes), 0
    while size >= _STEP and unit < len(_UNITS) - 1:
        size, unit = size / _STEP, unit + 1
    return f"{number_format(size, 1 if size < _TEN * _TEN and unit > 1 else 0)} {_UNITS[unit]}"


def step_words(job: ModelJob) -> str:
    """This will say what the server does now, how far and how fast."""
    if job.state != ModelJob.State.RUNNING:
        return ""
    parts = [_doing(job)]
    if job.total_bytes:
        done, total = size_words(job.done_bytes) or "0 B", size_words(job.total_bytes)
        parts.append(_("%(done)s of %(total)s") % {"done": done, "total": total})
    if job.bytes_per_s and job.done_bytes < (job.total_bytes or 0):
        parts.append(_("%(size)s a second") % {"size": size_words(job.bytes_per_s)})
        left = seconds_left(job.total_bytes, job.done_bytes, job.bytes_per_s)
        parts.append(_left(left) if left is not None else "")
    return " · ".join(part for part in parts if part)


def _doing(job: ModelJob) -> str:
    step = job.step
    if job.kind == ModelJob.Kind.LOAD:
        return _("loading into memory")
    for begins, words in (
        ("pulling manifest", _("looking it up")),
        ("pulling", _("downloading")),
        ("verifying", _("checking what arrived")),
        ("quantizing", _("quantizing")),
        ("converting", _("converting")),
        ("writing", _("finishing")),
        ("success", _("finishing")),
    ):
        if step.startswith(begins):
            return words
    return _("under way")


def _left(seconds: int) -> str:
    if seconds < _MINUTE_S:
        return ngettext("%(n)s second left", "%(n)s seconds left", seconds) % {"n": seconds}
    if seconds < _HOUR_S:
        minutes = round(seconds / _MINUTE_S)
        return ngettext("%(n)s minute left", "%(n)s minutes left", minutes) % {"n": minutes}
    hours = round(seconds / _HOUR_S)
    return ngettext("%(n)s hour left", "%(n)s hours left", hours) % {"n": hours}
