"""The machine's resources as people read them."""

import os
import socket
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.discovery.machine.gpus import Gpu
from apps.discovery.machine.resources import Machine, read_machine

# From here on a model may no longer fit beside what runs; and from here on things begin to fail.
_TIGHT_PERCENT = 85
_FULL_PERCENT = 95


@dataclass(frozen=True, slots=True)
class Meter:
    """How much of something is in use."""

    name: str
    percent: int
    words: str

    @property
    def kind(self) -> str:
        """Its color, by meaning."""
        if self.percent >= _FULL_PERCENT:
            return "error"
        return "warning" if self.percent >= _TIGHT_PERCENT else ""


@dataclass(frozen=True, slots=True)
class GpuView:
    """A graphics processor."""

    name: str
    line: str
    meters: list[Meter]


@dataclass(frozen=True, slots=True)
class MachinePage:
    """All of the machine."""

    name: str
    line: str
    meters: list[Meter]
    gpus: list[GpuView]


def look_at_machine() -> Machine:
    """This will look at the machine now; some milliseconds."""
    return read_machine(Path(settings.MEDIA_ROOT), dict(os.environ))


def machine_page(machine: Machine) -> MachinePage:
    """This will put the machine in words."""
    return MachinePage(
        name=socket.gethostname(),
        line=_line(machine),
        meters=[_processors(machine), _memory(machine), _disk(machine)],
        gpus=[_gpu(gpu) for gpu in machine.gpus],
    )


def _line(machine: Machine) -> str:
    parts = []
    if machine.is_container:
        parts.append(_("Olympus runs in a container"))
    if machine.limits.cpus:
        parts.append(_("limited to %(n)s processors") % {"n": f"{machine.limits.cpus:g}"})
    if machine.limits.memory_bytes:
        parts.append(_("limited to %(size)s of memory") % {"size": filesizeformat(machine.limits.memory_bytes)})
    return " · ".join(parts)


def _processors(machine: Machine) -> Meter:
    count = ngettext("%(n)s processor", "%(n)s processors", machine.cpu_count) % {"n": machine.cpu_count}
    words = _("%(count)s, %(percent)s in use; load %(load)s") % {
        "count": count,
        "percent": f"{machine.busy_percent:.0f} %",
        "load": f"{machine.load_1m:.1f}",
    }
    return Meter(_("Processors"), _bounded(machine.busy_percent), words)


def _memory(machine: Machine) -> Meter:
    total = machine.usable_memory_bytes
    used = machine.limits.memory_used_bytes if total < machine.memory_bytes else None
    return _of(_("Memory"), machine.memory_bytes - machine.memory_available_bytes if used is None else used, total)


def _disk(machine: Machine) -> Meter:
    return _of(_("Disk with Olympus' data"), machine.disk_bytes - machine.disk_free_bytes, machine.disk_bytes)


def _gpu(gpu: Gpu) -> GpuView:
    parts = [
        _("%(n)s °C") % {"n": gpu.temperature_c} if gpu.temperature_c is not None else "",
        _("split into parts (MIG)") if gpu.is_split else "",
    ]
    meters = []
    if gpu.memory_bytes and gpu.memory_used_bytes is not None:
        meters.append(_of(_("Memory"), gpu.memory_used_bytes, gpu.memory_bytes))
    if gpu.busy_percent is not None:
        meters.append(Meter(_("Use"), _bounded(gpu.busy_percent), f"{gpu.busy_percent} %"))
    return GpuView(f"{gpu.index}: {gpu.name}", " · ".join(part for part in parts if part), meters)


def _of(name: str, used: int, total: int) -> Meter:
    words = _("%(used)s of %(total)s in use") % {"used": filesizeformat(used), "total": filesizeformat(total)}
    return Meter(name, _bounded(100 * used / total if total else 0), words)


def _bounded(percent: float) -> int:
    return max(0, min(100, round(percent)))
