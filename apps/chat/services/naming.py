"""The name under which the model of an answer is asked for again."""

from apps.inference import facade as inference
from olympus.kernel.actor import Actor
from olympus.kernel.errors import OlympusError


def same_model(actor: Actor, provider: str, model: str) -> str:
    """This will name the model of an answer as it is asked for; empty if nobody offers it any more."""
    for name in (f"{provider}/{model}" if provider else "", model):
        try:
            if name and inference.choose_model(actor.organization_id, name):
                return name
        except OlympusError:
            continue
    return ""
