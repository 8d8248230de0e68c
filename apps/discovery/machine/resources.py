"""One look at the machine's resources."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from apps.discovery.machine.gpus import Gpu, read_gpus
from apps.discovery.machine.limits import Limits, is_container, read_limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The machine as it is now. `limits` are those of the container or service, which the whole does not show.

    `busy_percent` is of all processors since the last look of this process, 0 at the first. `disk_path` is where
    Olympus keeps its data.
    """

    cpu_count: int
    busy_percent: float
    load_1m: float
    memory_bytes: int
    memory_available_bytes: int
    disk_path: str
    disk_bytes: int
    disk_free_bytes: int
    limits: Limits
    gpus: tuple[Gpu, ...]
    is_container: bool

    @property
    def usable_memory_bytes(self) -> int:
        """The memory there is for Olympus and what runs beside it: the machine's, or less where a limit says so."""
        return min(self.memory_bytes, self.limits.memory_bytes or self.memory_bytes)

    @property
    def usable_cpus(self) -> float:
        """The processors there are, or less where a limit says so."""
        return min(float(self.cpu_count), self.limits.cpus or float(self.cpu_count))


def read_machine(data: Path, environment: Mapping[str, str]) -> Machine:
    """This will look at the machine: some milliseconds, 25 more when it looks for GPUs in vain.

    Runs on a thread where a loop waits: `see_machine` does that.
    """
    memory = psutil.virtual_memory()
    disk = psutil.disk_usage(str(_existing(data)))
    return Machine(
        cpu_count=psutil.cpu_count() or 1,
        busy_percent=psutil.cpu_percent(interval=None),
        load_1m=psutil.getloadavg()[0],
        memory_bytes=memory.total,
        memory_available_bytes=memory.available,
        disk_path=str(data),
        disk_bytes=disk.total,
        disk_free_bytes=disk.free,
        limits=read_limits(),
        gpus=read_gpus(time.monotonic()),
        is_container=is_container(environment),
    )


async def see_machine(data: Path, environment: Mapping[str, str]) -> Machine:
    """This will look at the machine on a thread."""
    return await asyncio.to_thread(read_machine, data, environment)


def _existing(path: Path) -> Path:
    """The folder itself, or the nearest above it that is there."""
    return next((each for each in (path, *path.parents) if each.exists()), Path("/"))
