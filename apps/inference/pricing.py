"""The price table: read for every call, changed by administrators."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.db import Error as DatabaseAway
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.inference.access import require_administrator
from apps.inference.contracts import ProviderKind
from apps.inference.engine.pricing import Consumed, PriceRow, cost_nanousd, dearest_cost, price_of
from apps.inference.models import Price, Provider
from olympus.kernel import audit
from olympus.kernel.actor import Actor
from olympus.kernel.errors import Conflict, Invalid, LimitReached, NotFound
from olympus.kernel.fresh import Fresh
from olympus.kernel.text import clean_text

AMOUNTS = ("input_usd", "cached_usd", "output_usd", "image_usd", "audio_minute_usd", "gpu_hour_usd")
_NANO = 1_000_000_000
_PATTERN_CHARS = 200
# Each call looks through all of them.
_MOST_PRICES = 500
# A million dollars a million tokens; what the columns hold is a little less.
_MOST_USD = Decimal(999_999)
# Names that end so are of the network one is in.
_LOCAL_NAMES = (".local", ".internal", ".lan", ".home.arpa", "localhost")


@dataclass(frozen=True, slots=True)
class PriceTable:
    """The prices of an organization, and which of its providers run on hardware of its own."""

    rows: tuple[PriceRow, ...] = ()
    local_ids: frozenset[UUID] = frozenset()

    def cost(self, model: str, provider_id: UUID | None, consumed: Consumed) -> int:
        """This will price a call in billionths of a US dollar."""
        return cost_nanousd(price_of(self.rows, model, provider_id), consumed) if self.rows else 0

    def dearest(self, models: Sequence[str], consumed: Consumed) -> int:
        """This will price a call at most, while it is open who answers."""
        return dearest_cost(self.rows, models, consumed) if self.rows else 0


def read_table(organization_id: UUID) -> PriceTable:
    """This will read an organization's prices; two queries."""
    prices = Price.objects.filter(organization_id=organization_id)
    providers = Provider.objects.filter(organization_id=organization_id).values_list("pk", "kind", "base_url")
    local = frozenset(pk for pk, kind, base_url in providers if _is_local(kind, base_url))
    return PriceTable(tuple(_row(price) for price in prices), local)


_tables: Fresh[UUID, PriceTable] = Fresh(read_table)


async def price_table(organization_id: UUID) -> PriceTable:
    """This will give the organization's prices, at most a second old; the last known while the database is away."""
    try:
        return await _tables.get(organization_id)
    except DatabaseAway:
        return _tables.last(organization_id) or PriceTable()


def forget_prices() -> None:
    """This will have this process read prices anew; others do within a second."""
    _tables.forget()


def prices_in(organization_id: UUID) -> "QuerySet[Price]":
    """This will select an organization's prices."""
    return Price.objects.filter(organization_id=organization_id).select_related("provider")


def prices_of(organization_id: UUID) -> list[Price]:
    """This will list an organization's prices by pattern."""
    return list(prices_in(organization_id).order_by("pattern", "provider__name", "id"))


def price_for_changing(actor: Actor, price_id: UUID, *, is_locked: bool = False) -> Price:
    """This will fetch a price the actor may change; `is_locked` in a transaction, so that no other changes it meanwhile.

    Raises:
        Denied: the actor administers nothing.
        NotFound: there is none in the actor's organization.
    """
    require_administrator(actor)
    rows = Price.objects.select_related("provider")
    rows = rows.select_for_update(of=("self",), no_key=True) if is_locked else rows
    price = rows.filter(organization_id=actor.organization_id, pk=price_id).first()
    if price is None:
        raise NotFound(_("There is no such price (any more)."))
    return price


def add_price(actor: Actor, *, pattern: str, provider_id: UUID | None = None, **amounts: Decimal | None) -> Price:
    """This will store what models whose names match cost; at most one a pattern and provider.

    Raises:
        Denied, Invalid
        Conflict: there is one already.
        LimitReached: there are too many.
    """
    require_administrator(actor)
    if Price.objects.filter(organization_id=actor.organization_id).count() >= _MOST_PRICES:
        raise LimitReached(_("There are %(n)d prices. Remove some, or use * in a pattern.") % {"n": _MOST_PRICES})
    price = Price(organization_id=actor.organization_id)
    _put(price, actor, {"pattern": pattern, "provider_id": provider_id, **amounts})
    _save(price, actor, "price.add")
    return price


@transaction.atomic
def change_price(actor: Actor, *, price_id: UUID, **changes: Any) -> Price:
    """This will change what is given of a price; calls that are settled keep what they cost.

    Raises: as `add_price`, and NotFound.
    """
    price = price_for_changing(actor, price_id, is_locked=True)
    _put(price, actor, changes)
    _save(price, actor, "price.change")
    return price


@transaction.atomic
def remove_price(actor: Actor, *, price_id: UUID) -> None:
    """This will remove a price; its models cost nothing from then on, or what another pattern says.

    Raises:
        Denied, NotFound
    """
    price = price_for_changing(actor, price_id, is_locked=True)
    audit.record("price.remove", actor=actor, subject=price.pattern)
    price.delete()
    transaction.on_commit(forget_prices)


def _put(price: Price, actor: Actor, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        if name == "pattern":
            price.pattern = _usable_pattern(value)
        elif name == "provider_id":
            price.provider = _usable_provider(actor, value)
        elif name in AMOUNTS:
            setattr(price, name, _usable_amount(name, value))


def _usable_pattern(pattern: str) -> str:
    pattern = clean_text(pattern).strip()
    if not pattern or len(pattern) > _PATTERN_CHARS:
        raise Invalid(_("Name a model, with at most %(n)d characters.") % {"n": _PATTERN_CHARS}, field="pattern")
    return pattern


def _usable_provider(actor: Actor, provider_id: UUID | None) -> Provider | None:
    if provider_id is None:
        return None
    provider = Provider.objects.filter(organization_id=actor.organization_id, pk=provider_id).first()
    if provider is None:
        raise Invalid(_("There is no such model server (any more)."), field="provider")
    return provider


def _usable_amount(name: str, value: Decimal | None) -> Decimal | None:
    if value is None:
        return None if name == "cached_usd" else Decimal(0)
    if not value.is_finite() or not 0 <= value <= _MOST_USD:
        raise Invalid(_("A price is a number of dollars from 0 to 999,999."), field=name)
    return value


def _save(price: Price, actor: Actor, action: str) -> None:
    try:
        with transaction.atomic():
            price.save()
            amounts = {name: str(getattr(price, name)) for name in AMOUNTS if getattr(price, name)}
            audit.record(action, actor=actor, subject=price.pattern, amounts=amounts)
            transaction.on_commit(forget_prices)
    except IntegrityError as error:
        if "price_once" not in str(error):
            raise
        raise Conflict(
            _("There is a price for %(name)s already. Change that one.") % {"name": price.pattern}
        ) from error


def _row(price: Price) -> PriceRow:
    cached = price.cached_usd
    return PriceRow(
        pattern=price.pattern,
        provider_id=price.provider_id,
        input=_nano(price.input_usd),
        cached=None if cached is None else _nano(cached),
        output=_nano(price.output_usd),
        image=_nano(price.image_usd),
        audio_minute=_nano(price.audio_minute_usd),
        gpu_hour=_nano(price.gpu_hour_usd),
    )


def _nano(usd: Decimal) -> int:
    return int(usd * _NANO)


def _is_local(kind: str, base_url: str) -> bool:
    """Ollama runs on one's own machines; of the others those in one's own network do."""
    if kind == ProviderKind.OLLAMA:
        return True
    host = urlsplit(base_url).hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return bool(host) and ("." not in host or host.endswith(_LOCAL_NAMES))
    return address.is_private
