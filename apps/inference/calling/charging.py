"""What a call may cost, held before it, and what it did cost, settled after it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager

from apps.accounts import facade as accounts
from apps.accounts.contracts import Estimate, Spender
from apps.inference.caching.flights import Paying
from apps.inference.calling.bill import Bill
from apps.inference.calling.call import Call
from apps.inference.contracts import Caller, CallEvent, Finished, Routed, Switched, ToolCallRequested
from apps.inference.engine.estimating import output_tokens_at_most, prompt_tokens
from apps.inference.engine.pricing import Consumed
from apps.inference.errors import ModelDenied, ModelError
from apps.inference.managing.permitting import denied_soon, is_denied
from apps.inference.pricing import price_table
from olympus.kernel.errors import OlympusError

# What the cache says beside a call's events is for the bill alone.
Charging = Callable[[Call], AsyncGenerator[CallEvent | Paying, None]]


async def charged(call: Call, produce: Charging) -> AsyncGenerator[CallEvent, None]:
    """This will hold back what the call may use, hand on its events, and settle what it used.

    However it ends, what came is charged: also when its reader goes away, who before the first word
    is charged the reading of the prompt. What came from the cache costs nothing but its request.

    Raises:
        LimitReached: a budget does not allow the call; nothing was asked.
    """
    caller = call.caller
    table = await price_table(caller.organization_id)
    tokens_in = prompt_tokens(call.request)
    tokens_out = output_tokens_at_most(call.request, call.choice.context_length, tokens_in)
    models = (*call.plan.model_names, call.request.model)
    estimate = Estimate(tokens_in + tokens_out, table.dearest(models, Consumed(tokens_in, tokens_out)))
    held = await accounts.hold(_spender(caller), estimate)
    bill = Bill(table, caller, kind="chat", model=call.request.model, held=held)
    try:
        async with aclosing(produce(call)) as events:
            async for event in events:
                if isinstance(event, Paying):
                    bill.shared(is_paying=event.is_paying)
                    continue
                _note(bill, event, tokens_in)
                yield event
    except (GeneratorExit, asyncio.CancelledError):
        bill.give_up(Consumed(tokens_in))
        raise
    except OlympusError as error:
        bill.fail(error.code, is_interrupted=isinstance(error, ModelError) and bill.has_output)
        raise
    except Exception:
        bill.fail("internal")
        raise
    finally:
        await bill.settle()


@asynccontextmanager
async def counted(caller: Caller, kind: str, model: str, estimate: Consumed) -> AsyncIterator[Bill]:
    """This will hold back `estimate` for a call of another kind than chat, and settle what its bill says it used.

    `kind` is embeddings, images, transcription or speech. Inside, tell the bill who answers
    (`answered_by`) and what was used (`used`); who says nothing is charged a request alone, and who goes away
    before that is charged the estimate.

    Raises:
        ModelDenied: the model is not open to the caller.
        LimitReached: a budget does not allow the call; the body does not run.
    """
    if is_denied(model, await denied_soon(caller.organization_id, caller.user_id)):
        raise ModelDenied
    table = await price_table(caller.organization_id)
    tokens = estimate.input_tokens + estimate.output_tokens
    held = await accounts.hold(_spender(caller), Estimate(tokens, table.dearest((model,), estimate)))
    bill = Bill(table, caller, kind=kind, model=model, held=held)
    try:
        yield bill
        bill.complete()
    except (GeneratorExit, asyncio.CancelledError):
        bill.give_up(estimate)
        raise
    except OlympusError as error:
        bill.fail(error.code)
        raise
    except Exception:
        bill.fail("internal")
        raise
    finally:
        await bill.settle()


def _note(bill: Bill, event: CallEvent, tokens_in: int) -> None:
    match event:
        case Routed():
            tier = event.tier.value if event.tier else ""
            bill.answered_by(event.model, event.provider_id, event.provider_name, tier=tier, cache=event.cache)
        case Switched():
            bill.answered_by(event.model, event.provider_id, event.provider_name)
        case Finished(_reason, usage):
            if usage is not None:
                bill.used(Consumed(usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens))
            else:
                bill.began(tokens_in)
            bill.complete()
        case ToolCallRequested(asked):
            bill.began(tokens_in)
            bill.wrote(1, len(str(asked.arguments)))
        case _:
            bill.began(tokens_in)
            bill.wrote(event.token_count, len(event.text))


def _spender(caller: Caller) -> Spender:
    return Spender(caller.organization_id, caller.user_id, caller.api_key_id)
