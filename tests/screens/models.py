"""Models on their way and kept to some people; part of the seed."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from apps.inference.managing.rules import limit_model
from apps.inference.models import ModelJob, Provider
from olympus.kernel.actor import Actor

OWN_MODEL = "team-model-1:8b-instruct"
_LONG_MODEL = "hf.co/unsloth/Qwen3-Coder-480B-A35B-Instruct-1M-GGUF:UD-Q4_K_XL"
_GIB = 2**30


def seed_models(actor: Actor, provider_id: str) -> None:
    """This will add a pull under way, one that waits behind it, one that failed and one that was stopped; and a rule."""
    now = timezone.now()
    provider = Provider.objects.get(pk=provider_id)
    # It stays under way: its worker will be heard of in an hour.
    running = {"state": "running", "step": "pulling 6a0746a1ec1a", "total_bytes": 276 * _GIB, "done_bytes": 101 * _GIB,
               "bytes_per_s": 118_000_000, "heartbeat_at": now + timedelta(hours=1)}  # fmt: skip
    over = {"finished_at": now}
    jobs: list[tuple[str, dict[str, Any]]] = [
        (_LONG_MODEL, running),
        ("granite4:small-h", {}),
        ("gpt-oss:120b", {"state": "error", "error_code": "no_space", **over}),
        ("qwen3:32b", {"state": "cancelled", **over}),
        ("board-writer", {"kind": "create", "state": "complete", **over}),
    ]
    for model, values in jobs:
        ModelJob.objects.create(
            organization_id=actor.organization_id, ordered_by_id=actor.user_id, provider=provider, model=model, key=model,
            **{"kind": "pull", **values},
        )  # fmt: skip
    limit_model(actor, model=OWN_MODEL, roles=["admin"], user_ids=[actor.user_id])
