"""What the page of prices shows."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from apps.inference.models import Price
from apps.inference.pricing import AMOUNTS, prices_of
from olympus.kernel.actor import Actor

_CENTS = 2


@dataclass(frozen=True, slots=True)
class PriceRow:
    """One price in the list; `amounts` are those that are not nothing, in words."""

    id: UUID
    pattern: str
    provider: str
    amounts: list[str]


def price_rows(actor: Actor) -> list[PriceRow]:
    """This will describe an organization's prices."""
    return [_row(price) for price in prices_of(actor.organization_id)]


def initial_of(price: Price) -> dict[str, object]:
    """This will give a stored price as its form shows it."""
    amounts = {name: _plain(getattr(price, name)) for name in AMOUNTS}
    return {"pattern": price.pattern, "provider": str(price.provider_id or ""), **amounts}


def _row(price: Price) -> PriceRow:
    words = [
        (_("%(usd)s a million read"), price.input_usd),
        (_("%(usd)s of those cached"), price.cached_usd),
        (_("%(usd)s a million written"), price.output_usd),
        (_("%(usd)s an image"), price.image_usd),
        (_("%(usd)s a minute of audio"), price.audio_minute_usd),
        (_("%(usd)s an hour of hardware"), price.gpu_hour_usd),
    ]
    amounts = [sentence % {"usd": _dollars(usd)} for sentence, usd in words if usd]
    return PriceRow(price.pk, price.pattern, price.provider.name if price.provider else "", amounts or [_("free")])


def _dollars(usd: Decimal) -> str:
    """As it is: to the cent, and below it without zeros behind."""
    places = max(_CENTS, len(f"{usd:f}".partition(".")[2].rstrip("0")))
    return f"${number_format(usd, places, use_l10n=True, force_grouping=True)}"


def _plain(usd: Decimal | None) -> str:
    """As one types it: no zeros behind, no exponent; nothing for nothing."""
    return number_format(f"{usd:f}".rstrip("0").rstrip("."), use_l10n=True) if usd else ""
