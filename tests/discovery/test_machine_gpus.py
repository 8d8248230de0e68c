"""GPUs, as NVIDIA's library tells of them; that there are none is remembered."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pynvml
import pytest

from apps.discovery.machine.gpus import Gpu, forget_absence, read_gpus


class Library:
    """NVML's functions, as the ones that are used answer. `silent` are those a GPU does not support."""

    NVMLError = pynvml.NVMLError
    NVML_TEMPERATURE_GPU = pynvml.NVML_TEMPERATURE_GPU

    def __init__(self, *, count: int = 1, is_there: bool = True, silent: tuple[str, ...] = ()) -> None:
        self.count, self.is_there, self.silent = count, is_there, silent
        self.open_count = self.asked = 0

    def nvmlInit(self) -> None:  # noqa: N802 - the library names it so
        self.asked += 1
        if not self.is_there:
            raise pynvml.NVMLError(pynvml.NVML_ERROR_LIBRARY_NOT_FOUND)
        self.open_count += 1

    def nvmlShutdown(self) -> None:  # noqa: N802 - the library names it so
        self.open_count -= 1

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802 - the library names it so
        return self.count

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:  # noqa: N802 - the library names it so
        if "handle" in self.silent and index == 0:
            raise pynvml.NVMLError(pynvml.NVML_ERROR_GPU_IS_LOST)
        return index

    def __getattr__(self, name: str) -> Any:
        answers = {
            "nvmlDeviceGetName": "NVIDIA L4",
            "nvmlDeviceGetUUID": "GPU-1",
            "nvmlDeviceGetMemoryInfo": SimpleNamespace(total=24_000, used=6_000),
            "nvmlDeviceGetUtilizationRates": SimpleNamespace(gpu=40),
            "nvmlDeviceGetMigMode": (1, 1),
            "nvmlDeviceGetTemperature": 55,
        }

        def answer(*_: object) -> Any:
            if name in self.silent:
                raise pynvml.NVMLError(pynvml.NVML_ERROR_NOT_SUPPORTED)
            return answers[name]

        return answer


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    forget_absence()
    yield
    forget_absence()


def test_a_gpu_is_told_with_its_memory() -> None:
    library = Library()

    found = read_gpus(0.0, lambda: library)

    assert found == (
        Gpu(
            index=0,
            name="NVIDIA L4",
            uuid="GPU-1",
            memory_bytes=24_000,
            memory_used_bytes=6_000,
            busy_percent=40,
            temperature_c=55,
            is_split=True,
        ),
    )
    assert library.open_count == 0


def test_what_a_gpu_does_not_tell_is_none() -> None:
    silent = ("nvmlDeviceGetMemoryInfo", "nvmlDeviceGetUtilizationRates", "nvmlDeviceGetMigMode", "nvmlDeviceGetUUID")

    [gpu] = read_gpus(0.0, lambda: Library(silent=silent))

    assert gpu == Gpu(index=0, name="NVIDIA L4", temperature_c=55)


def test_a_gpu_that_is_lost_leaves_the_others() -> None:
    assert [gpu.index for gpu in read_gpus(0.0, lambda: Library(count=3, silent=("handle",)))] == [1, 2]


def test_a_machine_without_the_library_is_asked_again_only_after_a_while() -> None:
    library = Library(is_there=False)

    for now_s in (0.0, 1.0, 599.0):
        assert read_gpus(now_s, lambda: library) == ()

    assert library.asked == 1
    assert read_gpus(601.0, lambda: library) == ()
    assert library.asked == 2


def test_this_machine_answers_with_or_without_gpus() -> None:
    assert isinstance(read_gpus(0.0), tuple)
