"""One look at the machine these tests run on."""

from dataclasses import replace
from pathlib import Path

from apps.discovery.machine.limits import Limits
from apps.discovery.machine.resources import see_machine


async def test_a_look_at_this_machine_tells_its_resources(tmp_path: Path) -> None:
    machine = await see_machine(tmp_path / "not" / "made" / "yet", {})

    assert machine.cpu_count >= 1
    assert machine.memory_bytes > machine.memory_available_bytes > 0
    assert machine.disk_bytes > machine.disk_free_bytes > 0
    assert machine.disk_path.endswith("yet")


async def test_a_limit_makes_what_can_be_used_smaller(tmp_path: Path) -> None:
    machine = await see_machine(tmp_path, {})

    limited = replace(machine, limits=Limits(cpus=0.5, memory_bytes=1000))
    free = replace(machine, limits=Limits())

    assert (limited.usable_cpus, limited.usable_memory_bytes) == (0.5, 1000)
    assert (free.usable_cpus, free.usable_memory_bytes) == (float(machine.cpu_count), machine.memory_bytes)
