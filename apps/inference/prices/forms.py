"""What an owner enters about a price."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.inference.pricing import AMOUNTS
from apps.inference.selectors import providers_of
from olympus.kernel.ids import parse_uuid

_DIGITS, _PLACES = 12, 6


def _usd(label: Any, *, help_text: Any = "") -> forms.DecimalField:
    widget = forms.TextInput({"inputmode": "decimal", "autocomplete": "off"})
    return forms.DecimalField(
        label=label,
        required=False,
        localize=True,
        min_value=0,
        max_digits=_DIGITS,
        decimal_places=_PLACES,
        help_text=help_text,
        widget=widget,
    )


class PriceForm(forms.Form):
    """What models whose names match cost, in dollars."""

    pattern = forms.CharField(
        label=_("Model"),
        max_length=200,
        help_text=_("Its name; * stands for anything: gpt-*. The longest that fits a model counts."),
        widget=forms.TextInput({"autocapitalize": "none", "spellcheck": "false"}),
    )
    provider = forms.ChoiceField(label=_("Model server"), required=False)
    input_usd = _usd(_("A million tokens read"))
    cached_usd = _usd(_("Of those, read from the server's cache"), help_text=_("Leave empty if they cost the same."))
    output_usd = _usd(_("A million tokens written"))
    image_usd = _usd(_("An image"))
    audio_minute_usd = _usd(_("A minute of audio"))
    gpu_hour_usd = _usd(_("An hour of your own hardware"), help_text=_("What power and wear cost while it computes."))

    def __init__(self, *args: Any, organization_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(provider.pk), provider.name) for provider in providers_of(organization_id)]
        self.fields["provider"].choices = [("", _("Any model server")), *choices]  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """This will give what `add_price` and `change_price` take."""
        cleaned = self.cleaned_data
        amounts = {name: cleaned[name] for name in AMOUNTS}
        return {"pattern": cleaned["pattern"], "provider_id": parse_uuid(cleaned["provider"]), **amounts}
