"""Rows of the ledger: one for each call, and the sums of each day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from apps.accounts.contracts import Charge, Spender
from olympus.kernel.text import clean_text

# What the columns hold; servers that count wildly must not keep a call from being charged.
_MOST_COUNT = 2**31 - 1
# A million dollars a call; nine thousand of them fit into a sum.
_MOST_NANOUSD = 10**15
_MOST_CHARS = {
    "kind": 20,
    "door": 20,
    "model": 200,
    "provider": 200,
    "tier": 10,
    "cache": 10,
    "state": 20,
    "error_code": 60,
}
_COUNTS = ("input_tokens", "output_tokens", "cached_tokens", "gpu_ms", "ttft_ms", "latency_ms")

_TYPES = {
    "run_id": "uuid",
    "kind": "text",
    "door": "text",
    "model": "text",
    "provider_id": "uuid",
    "provider": "text",
    "tier": "text",
    "cache": "text",
    "state": "text",
    "error_code": "text",
    "input_tokens": "bigint",
    "output_tokens": "bigint",
    "cached_tokens": "bigint",
    "is_estimated": "boolean",
    "cost_nanousd": "bigint",
    "gpu_ms": "bigint",
    "ttft_ms": "integer",
    "latency_ms": "integer",
}
assert set(_TYPES) == {field.name for field in fields(Charge)}
_NAMES = ", ".join(_TYPES)
# Whoever was removed while their call ran takes its entry along.
_INSERT = f"""
INSERT INTO accounts_ledgerentry (id, organization_id, owner_id, api_key_id, created_at, {_NAMES})
SELECT e.id, o.id, u.id, k.id, e.created_at, {", ".join(f"e.{name}" for name in _TYPES)}
FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::timestamptz[],
            {", ".join(f"%s::{kind}[]" for kind in _TYPES.values())})
  AS e(id, organization_id, owner_id, api_key_id, created_at, {_NAMES})
JOIN accounts_organization o ON o.id = e.organization_id
JOIN accounts_user u ON u.id = e.owner_id
LEFT JOIN accounts_apikey k ON k.id = e.api_key_id
ORDER BY e.id
ON CONFLICT (id) DO NOTHING RETURNING id
"""  # noqa: S608 - names of columns, written above

_KEYS = ("organization_id", "owner_id", "api_key_id", "day", "kind", "door", "model", "provider")
_SUMS = (
    "requests",
    "errors",
    "cache_hits",
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "cost_nanousd",
    "gpu_ms",
    "latency_ms",
    "ttft_ms",
    "ttft_count",
)
_KEY_TYPES = ("uuid", "uuid", "uuid", "date", "text", "text", "text", "text")
_ADD = f"""
INSERT INTO accounts_usageday AS d ({", ".join(_KEYS + _SUMS)})
SELECT s.organization_id, s.owner_id, k.id, {", ".join(f"s.{name}" for name in _KEYS[3:] + _SUMS)}
FROM unnest({", ".join(f"%s::{kind}[]" for kind in _KEY_TYPES)}, {", ".join("%s::bigint[]" for _ in _SUMS)})
  WITH ORDINALITY AS s({", ".join(_KEYS + _SUMS)}, place)
LEFT JOIN accounts_apikey k ON k.id = s.api_key_id
ORDER BY s.place
ON CONFLICT ({", ".join(_KEYS)})
DO UPDATE SET {", ".join(f"{name} = d.{name} + EXCLUDED.{name}" for name in _SUMS)}
"""  # noqa: S608 - names of columns, written above


@dataclass(frozen=True, slots=True)
class Settlement:
    """A call that ended. Its entry has the hold's id where it held something, so that it is charged once.

    Without `charge` the hold is given back.
    """

    id: UUID
    spender: Spender | None
    charge: Charge | None
    has_hold: bool
    ended_at: datetime


def storable(charge: Charge) -> Charge:
    """This will make a charge what the columns hold: clean text, counts within their bounds."""
    changes: dict[str, Any] = {
        name: clean_text(str(getattr(charge, name)))[:length] for name, length in _MOST_CHARS.items()
    }
    for name in _COUNTS:
        value = getattr(charge, name)
        changes[name] = None if value is None else min(max(int(value), 0), _MOST_COUNT)
    changes["cost_nanousd"] = min(max(charge.cost_nanousd, 0), _MOST_NANOUSD)
    return replace(charge, **changes)


def insert_entries(cursor: Any, settlements: Sequence[Settlement]) -> set[UUID]:
    """This will store entries and tell which are new."""
    rows = [
        (s.id, s.spender.organization_id, s.spender.user_id, s.spender.api_key_id, s.ended_at,
         *(getattr(s.charge, name) for name in _TYPES))
        for s in settlements
        if s.spender is not None
    ]  # fmt: skip
    if not rows:
        return set()
    cursor.execute(_INSERT, [list(column) for column in zip(*rows, strict=True)])
    return {row[0] for row in cursor.fetchall()}


def add_to_days(cursor: Any, settlements: Sequence[Settlement], counts_at: Mapping[UUID, datetime]) -> None:
    """This will add stored entries to the sums of their days, summed here first and in the order of their keys.

    `counts_at` says when each counts: in the same day for the sums as for the budgets.
    """
    sums: dict[tuple[Any, ...], list[int]] = {}
    for settlement in settlements:
        if settlement.spender is not None and settlement.charge is not None:
            key = _key(settlement.spender, settlement.charge, counts_at[settlement.id])
            amounts = sums.setdefault(key, [0] * len(_SUMS))
            for index, amount in enumerate(_amounts(settlement.charge)):
                amounts[index] += amount
    if not sums:
        return
    rows = [(*key, *sums[key]) for key in sorted(sums, key=lambda key: tuple(map(str, key)))]
    cursor.execute(_ADD, [list(column) for column in zip(*rows, strict=True)])


def _key(spender: Spender, charge: Charge, counts_at: datetime) -> tuple[Any, ...]:
    return (
        spender.organization_id, spender.user_id, spender.api_key_id, counts_at.astimezone(UTC).date(),
        charge.kind, charge.door, charge.model, charge.provider,
    )  # fmt: skip


def _amounts(charge: Charge) -> tuple[int, ...]:
    return (
        1,
        int(charge.state in {"error", "interrupted"}),
        int(bool(charge.cache)),
        charge.input_tokens,
        charge.output_tokens,
        charge.cached_tokens,
        charge.cost_nanousd,
        charge.gpu_ms,
        charge.latency_ms,
        charge.ttft_ms or 0,
        int(charge.ttft_ms is not None),
    )
