"""A person with several pages asks and asks while everything breaks: the fault test and the benchmark run this."""

import asyncio
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

from tests.faults.injecting import Fault, Injector, Times, plan_faults, spread
from tests.faults.relay import Relay
from tests.faults.verifying import Verdict, leftovers, seen_by_a_newcomer, stored_turns, verify
from tests.faults.world import ModelServer, add_model_server, add_person, headers_of_page, headers_of_program
from tests.support.prepared import prepared_stack
from tests.support.socket import SocketClient, Turn
from tests.support.stack import Stack

_SOCKETS, _CONVERSATIONS_EACH = 5, 3
# A fault each third of a second: two or three faults hit every answer.
_PAUSE_S = (0.1, 0.55)
# After the last fault: a killed process returns, the lease of its runs runs out, queued runs have their turn.
_SETTLE_S = 60.0
# The other model answers the same words, so that both answers can be checked.
_OTHER_MODEL, _COMPARE = "fake-vision:latest", 0.2


@dataclass
class Result:
    """What one run of the scenario came to."""

    seed: int
    took_s: float
    turns: list[Turn]
    verdict: Verdict
    times: Times
    resumes_after_cut_s: list[float]
    resumes_s: list[float]
    connection_count: int
    leftovers: dict[str, int]


def run_scenario(*, faults: int, seed: int, limit_s: float, kinds: Sequence[Fault] = tuple(Fault)) -> Result:
    """This will start a stack, break it `faults` times or until the time is over, calm down and verify."""
    with ModelServer() as models, prepared_stack() as stack:
        key = add_person(stack)
        page = headers_of_page(stack)
        plan = plan_faults(faults, random.Random(seed), kinds)
        return asyncio.run(_run(stack, models, [headers_of_program(key), page], plan, seed, limit_s))


async def _run(
    stack: Stack, models: ModelServer, headers: list[dict[str, str]], plan: list[Fault], seed: int, limit_s: float
) -> Result:
    rng = random.Random(seed)
    began = monotonic()
    async with Relay(models.port) as relay:
        await asyncio.to_thread(add_model_server, stack, relay.url)
        injector = Injector(stack, relay, models, rng)
        injector.clients = [
            SocketClient(stack.url, headers[n % 2], hear=injector.hear, rng=random.Random(rng.random()))
            for n in range(_SOCKETS)
        ]
        async with asyncio.TaskGroup() as group:
            entered = [group.create_task(client.__aenter__()) for client in injector.clients]
        assert all(task.done() for task in entered)
        try:
            await _ask_while_breaking(injector, plan, rng, limit_s)
            turns = [turn for client in injector.clients for turn in client.turns]
            seen = await seen_by_a_newcomer(stack.url, headers[0], turns)
        finally:
            await injector.close()
            await asyncio.gather(*(client.__aexit__() for client in injector.clients))
    verdict = verify(turns, stored_turns(stack), seen, tokens=models.tokens)
    for client in injector.clients:
        verdict.wrong += client.complaints
    return Result(
        seed=seed,
        took_s=monotonic() - began,
        turns=turns,
        verdict=verdict,
        times=injector.times,
        resumes_after_cut_s=[s for client in injector.clients for s in client.resumes_after_cut_s],
        resumes_s=[s for client in injector.clients for s in client.resumes_s],
        connection_count=sum(client.connection_count for client in injector.clients),
        leftovers=leftovers(stack),
    )


async def _ask_while_breaking(injector: Injector, plan: list[Fault], rng: random.Random, limit_s: float) -> None:
    is_over = asyncio.Event()
    asking = [
        asyncio.create_task(_converse(client, f"{number}.{lane}", random.Random(rng.random()), is_over))
        for number, client in enumerate(injector.clients)
        for lane in range(_CONVERSATIONS_EACH)
    ]
    end = monotonic() + limit_s
    try:
        await asyncio.sleep(1.5)
        for number, fault in enumerate(plan, 1):
            if monotonic() > end:
                break
            await injector.inject(fault)
            if number % 100 == 0:
                sys.stderr.write(f"{number} faults\n")
            await asyncio.sleep(rng.uniform(*_PAUSE_S))
        is_over.set()
        await injector.rest()
        await asyncio.wait(asking, timeout=_SETTLE_S)
    finally:
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)


async def _converse(client: SocketClient, name: str, rng: random.Random, is_over: asyncio.Event) -> None:
    """Ask in one conversation after the other.

    Now and then two models answer, one of their answers is kept, or the next message does not
    wait for the answer: it queues behind it, or stops it.
    """
    count, last = 0, None
    while not is_over.is_set():
        count += 1
        compared = {"compare": _OTHER_MODEL} if rng.random() < _COMPARE else {}
        turn = client.send(f"Question {count} of conversation {name}", after=last, **compared)
        last = turn if rng.random() < 0.6 else None
        if last is not None and rng.random() < 0.3:
            count += 1
            is_steering = rng.random() < 0.5
            await asyncio.sleep(rng.uniform(0, 2) if is_steering else 0)
            last = client.send(f"Question {count} of conversation {name}", after=last, steer=is_steering)
            await last.over.wait()
        elif compared and rng.random() < 0.5:
            await turn.acked.wait()
            await asyncio.sleep(rng.uniform(0, 2))
            client.keep(turn, rng.choice(turn.answers or [""]))
        await turn.over.wait()


def report(result: Result) -> str:
    """This will word the figures."""
    times, verdict = result.times, result.verdict
    lines = [
        f"{sum(times.done.values())} faults, {len(result.turns)} messages, {result.took_s:.0f} s, seed {result.seed}"
    ]
    for fault in Fault:
        told = [f"next word: {spread(found)}"] if (found := times.to_next_word_s.get(fault)) else []
        told += [f"all ready: {spread(found)}"] if (found := times.to_ready_s.get(fault)) else []
        lines.append(f"  {times.done[fault]:>4}  {fault.value:<38}{'; '.join(told)}")
    lines += [
        f"socket cut, to the first event of a run ({len(result.resumes_after_cut_s)}): {spread(result.resumes_after_cut_s)}",
        f"web gone, to the first event of a run ({len(result.resumes_s)}): {spread(result.resumes_s)}",
        "answers: " + ", ".join(f"{count} {state}" for state, count in sorted(verdict.ended.items())),
        f"characters lost {verdict.lost_characters}, doubled {verdict.doubled_characters}, "
        f"shown and then not kept {verdict.taken_back}",
    ]
    lines += [f"left over: {count} {name}" for name, count in result.leftovers.items() if count]
    lines += [f"WRONG {complaint}" for complaint in verdict.wrong[:50]]
    return "\n".join(lines)
