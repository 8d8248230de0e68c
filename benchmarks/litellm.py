"""The LiteLLM proxy as a yardstick, in an environment of its own."""

import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.programs import Door

VERSION = "1.106.2"
KEY = "sk-benchmark"
# It imports some hundred packages before it listens.
_START_S = 300.0
_CONFIG = """\
model_list:
  - model_name: fake
    litellm_params: {{model: openai/fake, api_base: "{url}/v1", api_key: none}}
litellm_settings: {{telemetry: false, num_retries: 0}}
general_settings: {{master_key: {key}}}
"""


def installed() -> Path:
    """This will install the proxy into the cache folder, once, and return its environment."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "olympus" / f"litellm-{VERSION}"
    done = folder / "installed"
    if not done.exists():
        print(f"Installing LiteLLM {VERSION} into {folder}; this takes some minutes, once …", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        package = f"litellm[proxy]=={VERSION}"
        subprocess.run([folder / "bin" / "pip", "install", "--quiet", package], check=True, stderr=subprocess.DEVNULL)
        done.touch()
    return folder


@contextmanager
def proxy(upstream: str, port: int) -> Iterator[Door]:
    """The proxy with one worker before a model server."""
    program = installed() / "bin" / "litellm"
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.yaml"
        config.write_text(_CONFIG.format(url=upstream, key=KEY))
        process = subprocess.Popen(
            [program, "--config", config, "--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"],
            env={
                **os.environ,
                "LITELLM_MODE": "PRODUCTION",
                "LITELLM_LOG": "ERROR",
                "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url, process)
            yield Door("LiteLLM", url, KEY, process.pid)
        finally:
            process.terminate()
            process.wait()


def _wait(url: str, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + _START_S
    while time.monotonic() < end:
        assert process.poll() is None, "LiteLLM ended while starting"
        try:
            urllib.request.urlopen(f"{url}/health/liveliness", timeout=2).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
        else:
            return
    raise TimeoutError("LiteLLM did not start")
