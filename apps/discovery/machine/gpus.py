"""The GPUs of this machine, asked of NVIDIA's management library; that there are none is remembered for a while."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# Looking for the library in vain takes 25 ms and more; a driver is not installed more often than this.
_ABSENT_FOR_S = 600.0
_MOST_GPUS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpu:
    """A GPU. None means that it does not tell, as those that share the machine's memory do. `is_split` is MIG."""

    index: int
    name: str
    uuid: str = ""
    memory_bytes: int | None = None
    memory_used_bytes: int | None = None
    busy_percent: int | None = None
    temperature_c: int | None = None
    is_split: bool = False


_lock = threading.Lock()
_absent_until: dict[str, float] = {}


def read_gpus(now_s: float, load: Callable[[], Any] | None = None) -> tuple[Gpu, ...]:
    """This will list the GPUs; `now_s` is a clock that does not jump. Threads take turns."""
    with _lock:
        if now_s < _absent_until.get("nvml", now_s):
            return ()
        nvml = (load or _load)()
        try:
            nvml.nvmlInit()
        except nvml.NVMLError:
            _absent_until["nvml"] = now_s + _ABSENT_FOR_S
            return ()
        try:
            count = min(nvml.nvmlDeviceGetCount(), _MOST_GPUS)
            found = [_read(nvml, index) for index in range(count)]
        except nvml.NVMLError:
            found = []
        finally:
            nvml.nvmlShutdown()
    return tuple(gpu for gpu in found if gpu is not None)


def forget_absence() -> None:
    """This will look for GPUs again the next time, also if there were none a moment ago."""
    with _lock:
        _absent_until.clear()


def _load() -> Any:
    import pynvml  # noqa: PLC0415 - it searches for the driver's library, which few machines have

    return pynvml


def _read(nvml: Any, index: int) -> Gpu | None:
    try:
        handle = nvml.nvmlDeviceGetHandleByIndex(index)
    except nvml.NVMLError:
        return None  # fallen off the bus; the others are fine

    def told(name: str, *arguments: Any) -> Any:
        try:
            return getattr(nvml, name)(handle, *arguments)
        except nvml.NVMLError:
            return None

    memory = told("nvmlDeviceGetMemoryInfo")
    rates = told("nvmlDeviceGetUtilizationRates")
    split = told("nvmlDeviceGetMigMode")
    return Gpu(
        index=index,
        name=_text(told("nvmlDeviceGetName")) or "GPU",
        uuid=_text(told("nvmlDeviceGetUUID")),
        memory_bytes=None if memory is None else memory.total,
        memory_used_bytes=None if memory is None else memory.used,
        busy_percent=None if rates is None else rates.gpu,
        temperature_c=told("nvmlDeviceGetTemperature", nvml.NVML_TEMPERATURE_GPU),
        is_split=bool(split and split[0]),
    )


def _text(value: Any) -> str:
    """Older bindings answer in bytes."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")
