"""What a container or service may use of the machine, from control groups, version 2 and 1.

Source: docs.kernel.org/admin-guide/cgroup-v2.html (memory.max, cpu.max) and cgroup-v1/memory.html, scheduler/sched-bwc.html.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

# Version 1 writes «no limit» as the largest number of pages that fits.
_NO_LIMIT = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What may be used: `cpus` is a number of processors such as 1.5. None means without a limit of its own."""

    cpus: float | None = None
    memory_bytes: int | None = None
    memory_used_bytes: int | None = None


def read_limits(root: Path = Path("/")) -> Limits:
    """This will read the limits this process runs under; of several groups above it the tightest counts."""
    groups = _groups(root)
    if "" in groups:
        return _version_2(_folders(root / "sys/fs/cgroup", groups[""]))
    memory = _folders(root / "sys/fs/cgroup/memory", groups.get("memory", "/"))
    return _version_1(memory, _folders(root / "sys/fs/cgroup/cpu", groups.get("cpu", "/")))


def is_container(environment: Mapping[str, str], root: Path = Path("/")) -> bool:
    """This will tell whether this process runs in a container of Docker, Podman or Kubernetes."""
    marks = (root / ".dockerenv", root / "run/.containerenv")
    return "KUBERNETES_SERVICE_HOST" in environment or any(mark.exists() for mark in marks)


def _groups(root: Path) -> dict[str, str]:
    """The group of each controller; the one without a name is version 2's, if all controllers are there."""
    found = {}
    for line in (_text(root / "proc/self/cgroup") or "").splitlines()[:100]:
        _number, _colon, rest = line.partition(":")
        controllers, _colon, path = rest.partition(":")
        for controller in controllers.split(","):
            found[controller] = path
    # A mixed set-up has both: there memory and cpu are still version 1's.
    return {name: path for name, path in found.items() if name} if "memory" in found else found


def _folders(top: Path, path: str) -> list[Path]:
    """The folders of a group and of those above it. In a container the group itself is at the top."""
    parts = [part for part in PurePosixPath(path).parts if part not in {"/", ".."}]
    return [top.joinpath(*parts[:count]) for count in range(len(parts), -1, -1)]


def _version_2(folders: list[Path]) -> Limits:
    quotas = [(_text(folder / "cpu.max") or "").split() for folder in folders]
    cpus = [_share(*quota) for quota in quotas if len(quota) == 2]
    return Limits(
        cpus=min((each for each in cpus if each), default=None),
        memory_bytes=_tightest([_number(folder / "memory.max") for folder in folders]),
        memory_used_bytes=_used(folders, "memory.current", "inactive_file"),
    )


def _version_1(memory: list[Path], cpu: list[Path]) -> Limits:
    quotas = [(_text(each / "cpu.cfs_quota_us") or "", _text(each / "cpu.cfs_period_us") or "") for each in cpu]
    cpus = [_share(quota.strip(), period.strip()) for quota, period in quotas]
    return Limits(
        cpus=min((each for each in cpus if each), default=None),
        memory_bytes=_tightest([_number(folder / "memory.limit_in_bytes") for folder in memory]),
        memory_used_bytes=_used(memory, "memory.usage_in_bytes", "total_inactive_file"),
    )


def _share(quota: str, period: str) -> float | None:
    is_limit = quota.isdigit() and period.isdigit() and int(period) > 0
    return int(quota) / int(period) if is_limit else None


def _tightest(limits: list[int | None]) -> int | None:
    return min((each for each in limits if each is not None and each < _NO_LIMIT), default=None)


def _used(folders: list[Path], name: str, cache: str) -> int | None:
    """What the group uses, without the file cache that the kernel gives back when it is needed."""
    for folder in folders:
        used = _number(folder / name)
        if used is not None:
            rows = [line.split() for line in (_text(folder / "memory.stat") or "").splitlines()]
            cached = next((int(row[1]) for row in rows if len(row) == 2 and row[0] == cache and row[1].isdigit()), 0)
            return max(0, used - cached)
    return None


def _number(path: Path) -> int | None:
    text = (_text(path) or "").strip()
    return int(text) if text.isdigit() and len(text) <= 20 else None


def _text(path: Path) -> str | None:
    try:
        with path.open(encoding="ascii", errors="replace") as file:
            return file.read(64 * 1024)  # a kernel's file; a page or two
    except OSError:
        return None
