"""What a container may use, from control groups of both versions."""

from pathlib import Path

import pytest

from apps.discovery.machine.limits import Limits, is_container, read_limits

GIB = 1024**3


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_version_2_in_a_container_is_read_at_the_top(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "proc/self/cgroup": "0::/\n",
            "sys/fs/cgroup/memory.max": f"{2 * GIB}\n",
            "sys/fs/cgroup/memory.current": f"{GIB}\n",
            "sys/fs/cgroup/memory.stat": f"anon 5\ninactive_file {GIB // 4}\n",
            "sys/fs/cgroup/cpu.max": "150000 100000\n",
        },
    )

    assert read_limits(root) == Limits(cpus=1.5, memory_bytes=2 * GIB, memory_used_bytes=GIB * 3 // 4)


def test_the_tightest_of_a_group_and_those_above_it_counts(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "proc/self/cgroup": "0::/ai.slice/olympus.service\n",
            "sys/fs/cgroup/ai.slice/memory.max": f"{GIB}\n",
            "sys/fs/cgroup/ai.slice/cpu.max": "max 100000\n",
            "sys/fs/cgroup/ai.slice/olympus.service/memory.max": f"{4 * GIB}\n",
            "sys/fs/cgroup/ai.slice/olympus.service/cpu.max": "50000 100000\n",
        },
    )

    assert read_limits(root) == Limits(cpus=0.5, memory_bytes=GIB)


def test_version_2_without_limits_has_none(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "max\n", "sys/fs/cgroup/cpu.max": "max 100000\n"},
    )

    assert read_limits(root) == Limits()


def test_version_1_is_read_below_its_controllers(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "proc/self/cgroup": "5:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n0::/system.slice\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": f"{GIB}\n",
            "sys/fs/cgroup/memory/memory.usage_in_bytes": "1000\n",
            "sys/fs/cgroup/memory/memory.stat": "total_inactive_file 2000\n",
            "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "200000\n",
            "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
        },
    )

    assert read_limits(root) == Limits(cpus=2.0, memory_bytes=GIB, memory_used_bytes=0)


def test_version_1_writes_no_limit_as_a_huge_number(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "proc/self/cgroup": "5:memory:/\n3:cpu:/\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
            "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
        },
    )

    assert read_limits(root) == Limits()


@pytest.mark.parametrize("text", ["", "nonsense", "::::\n", "0::/../../etc\n", "1:a\n" * 1000])
def test_a_machine_without_control_groups_has_no_limits(tmp_path: Path, text: str) -> None:
    assert read_limits(write(tmp_path, {"proc/self/cgroup": text})) == Limits()


@pytest.mark.parametrize("text", ["", "many", "-5", "9" * 5000, "1 2 3", "100000 0"])
def test_limits_that_are_no_numbers_are_none(tmp_path: Path, text: str) -> None:
    files = {"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": text, "sys/fs/cgroup/cpu.max": text}

    assert read_limits(write(tmp_path, files)) == Limits()


def test_a_container_is_known_by_its_marks(tmp_path: Path) -> None:
    docker = write(tmp_path / "docker", {".dockerenv": ""})
    podman = write(tmp_path / "podman", {"run/.containerenv": ""})

    assert is_container({}, docker)
    assert is_container({}, podman)
    assert is_container({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, tmp_path)
    assert not is_container({}, tmp_path)
