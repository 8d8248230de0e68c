"""Entries of the ledger as CSV, a piece at a time: a million of them take no more memory than a thousand."""

import csv
from collections.abc import AsyncGenerator
from datetime import datetime
from decimal import Decimal
from io import StringIO
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.accounts.ledger.words import NANO
from apps.accounts.models import LedgerEntry
from olympus.kernel.db import in_thread

_ROWS_A_PIECE = 2000
_COLUMNS = (
    "time",
    "person",
    "key",
    "kind",
    "door",
    "model",
    "server",
    "tier",
    "cache",
    "state",
    "error",
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "is_estimated",
    "cost_usd",
    "gpu_ms",
    "ttft_ms",
    "latency_ms",
    "run",
)
_FIELDS = (
    "pk", "created_at", "owner__email", "api_key__name", "kind", "door", "model", "provider", "tier", "cache", "state",
    "error_code", "input_tokens", "output_tokens", "cached_tokens", "is_estimated", "cost_nanousd", "gpu_ms",
    "ttft_ms", "latency_ms", "run_id",
)  # fmt: skip
# A spreadsheet takes what begins so for a formula, and a model's name is anybody's to choose.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


async def entries_as_csv(rows: "QuerySet[LedgerEntry]") -> AsyncGenerator[bytes, None]:
    """This will write entries as CSV (RFC 4180), the newest first; each piece is one query."""
    yield _lines([_COLUMNS])
    place: tuple[datetime, UUID] | None = None
    while True:
        piece = await in_thread(_piece, rows, place)
        if not piece:
            return
        yield _lines([_row(values) for values in piece])
        place = (piece[-1][1], piece[-1][0])


def _piece(rows: "QuerySet[LedgerEntry]", place: tuple[datetime, UUID] | None) -> list[tuple[Any, ...]]:
    if place is not None:
        at, pk = place
        rows = rows.filter(Q(created_at__lte=at) & (Q(created_at__lt=at) | Q(pk__lt=pk)))
    return list(rows.order_by("-created_at", "-pk").values_list(*_FIELDS)[:_ROWS_A_PIECE])


def _row(values: tuple[Any, ...]) -> list[str]:
    row = dict(zip(_FIELDS, values, strict=True))
    row["created_at"] = row["created_at"].isoformat()
    row["cost_nanousd"] = f"{Decimal(row['cost_nanousd']) / NANO:.9f}"
    row["is_estimated"] = str(row["is_estimated"]).lower()
    return [_harmless(value) for name, value in row.items() if name != "pk"]


def _harmless(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULAS) else text


def _lines(rows: Any) -> bytes:
    file = StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue().encode()
