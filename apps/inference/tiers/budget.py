"""What is left of a caller's budget, as far as a choice of model goes."""

from apps.accounts.contracts import Spender
from apps.accounts.facade import budgets_for, remaining
from apps.inference.contracts import Caller


async def budget_left(caller: Caller) -> float:
    """This will tell the share left, from 0 to 1, of the caller's tightest budget; 1 without one."""
    return await remaining(_spender(caller))


def budget_left_now(caller: Caller) -> float:
    """This will tell the same as the store has it, to who may wait for it."""
    return min((state.share_left for state in budgets_for(_spender(caller))), default=1.0)


def _spender(caller: Caller) -> Spender:
    return Spender(caller.organization_id, caller.user_id, caller.api_key_id)
