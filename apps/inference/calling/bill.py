"""One call's bill: who answered, what was used, how long it took."""

from dataclasses import replace
from time import monotonic
from uuid import UUID

from apps.accounts import facade as accounts
from apps.accounts.contracts import Charge, Hold, Spender
from apps.inference.contracts import Caller
from apps.inference.engine.pricing import Consumed
from apps.inference.pricing import PriceTable

_MS = 1000
# Twice what a token is on average: longer pieces are several tokens, as some servers send them.
_CHARS_A_TOKEN = 8


class Bill:
    """What is known of a call so far; `settle` charges it."""

    def __init__(self, table: PriceTable, caller: Caller, *, kind: str, model: str, held: Hold | None) -> None:
        self._table = table
        self._caller = caller
        self._kind = kind
        self._held = held
        self._model = model
        self._provider_id: UUID | None = None
        self._provider = ""
        self._tier = ""
        self._cache = ""
        self._state = "complete"
        self._error_code = ""
        self._counted = Consumed()
        self._pieces = self._chars = 0
        self._is_estimated = True
        self._is_over = False
        self._began_at = monotonic()
        self._first_at: float | None = None
        self._last_at: float | None = None

    @property
    def has_output(self) -> bool:
        """Whether anything of an answer came."""
        return self._first_at is not None

    def answered_by(
        self, model: str, provider_id: UUID | None, provider: str, *, tier: str = "", cache: str = ""
    ) -> None:
        """This will note who answers; the last one told is who is paid."""
        self._model, self._provider_id, self._provider = model, provider_id, provider
        self._tier, self._cache = tier or self._tier, cache

    def shared(self, *, is_paying: bool) -> None:
        """This will note whether, of all who listen to one answer, this call is the one that pays."""
        self._cache = "" if is_paying else self._cache or "exact"

    def began(self, input_tokens: int = 0) -> None:
        """This will note that output comes; `input_tokens` is our own count, kept until the server tells."""
        self._last_at = monotonic()
        if self._first_at is None:
            self._first_at = self._last_at
            self._counted = replace(self._counted, input_tokens=input_tokens)

    def wrote(self, output_tokens: int, chars: int) -> None:
        """This will add to our own count of what was written: pieces, or more where they hold several tokens each."""
        self._pieces += max(output_tokens, 0)
        self._chars += chars
        written = max(self._pieces, self._chars // _CHARS_A_TOKEN)
        self._counted = replace(self._counted, output_tokens=written)

    def used(self, consumed: Consumed, *, is_estimated: bool = False) -> None:
        """This will take the server's word for what was used, or the best estimate of it, instead of our count."""
        self._last_at = monotonic()
        self._counted, self._is_estimated = consumed, is_estimated

    def complete(self) -> None:
        """This will note that the answer is whole; going away after it changes nothing."""
        self._is_over = True

    def give_up(self, expected: Consumed) -> None:
        """This will note that whoever asked went away; before anything came, a server works on what was `expected`."""
        if not self._is_over:
            self._state, self._is_over = "cancelled", True
            if self._last_at is None:
                self._counted = expected

    def fail(self, code: str, *, is_interrupted: bool = False) -> None:
        """This will note that it failed, before or in the middle of an answer."""
        if not self._is_over:
            self._state, self._is_over = "interrupted" if is_interrupted else "error", True
            self._error_code = code

    async def settle(self) -> None:
        """This will charge it. It is queued before anything is waited for, so that a reader who is gone is charged too.

        A cached answer waits for nothing: there is no money in it.
        """
        charge, caller = self.charge(), self._caller
        spender = Spender(caller.organization_id, caller.user_id, caller.api_key_id)
        if self._cache:
            accounts.settle_soon(spender, charge, self._held)
        else:
            await accounts.settle(spender, charge, self._held)

    def charge(self) -> Charge:
        """This will write the bill."""
        consumed, gpu_ms = self._counted, self._gpu_ms()
        is_cached = bool(self._cache)
        whole = consumed.input_tokens + consumed.output_tokens
        cost = self._table.cost(self._model, self._provider_id, replace(consumed, gpu_ms=gpu_ms))
        return Charge(
            kind=self._kind,
            door=self._caller.door,
            model=self._model,
            provider_id=self._provider_id,
            provider=self._provider,
            tier=self._tier,
            cache=self._cache,
            state=self._state,
            error_code=self._error_code,
            input_tokens=0 if is_cached else consumed.input_tokens,
            output_tokens=0 if is_cached else consumed.output_tokens,
            cached_tokens=whole if is_cached else min(consumed.cached_tokens, consumed.input_tokens),
            is_estimated=self._is_estimated and consumed != Consumed(),
            cost_nanousd=0 if is_cached else cost,
            gpu_ms=gpu_ms,
            ttft_ms=None if self._first_at is None else self._ms(self._first_at),
            latency_ms=self._ms(monotonic()),
            run_id=self._caller.run_id,
        )

    def _gpu_ms(self) -> int:
        """Servers do not tell how long they computed: on our own, the time from the first word to the last.

        What is not streamed took the whole call.
        """
        if self._cache or self._provider_id not in self._table.local_ids or self._last_at is None:
            return 0
        return round((self._last_at - (self._first_at or self._began_at)) * _MS)

    def _ms(self, at: float) -> int:
        return round((at - self._began_at) * _MS)
