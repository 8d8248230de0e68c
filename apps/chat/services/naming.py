"""The name under which the model of an answer is asked for again."""

from typing import Any

from apps.chat.engine.routes import read_route
from apps.inference import facade as inference
from olympus.kernel.actor import Actor
from olympus.kernel.errors import OlympusError


def same_model(actor: Actor, provider: str, model: str, route: Any) -> str:
    """This will name the model of an answer as it is asked for; empty if nobody offers it any more.

    As it was asked for then, so that a tier stays a tier and any server may answer that might have then.
    """
    qualified = f"{provider}/{model}" if provider else ""
    known = read_route(route)
    for name in (known.asked, model, qualified) if known else (qualified, model):
        try:
            if name and inference.choose_model(actor.organization_id, name, user_id=actor.user_id):
                return name
        except OlympusError:
            continue
    return ""
