"""From what was asked for to the models that may answer."""

from apps.inference.calling.call import Plan
from apps.inference.contracts import Caller, ChatRequest, ModelChoice


async def plan_call(caller: Caller, choice: ModelChoice, request: ChatRequest) -> Plan:
    """This will name the models that may answer."""
    return Plan((choice.model,))
