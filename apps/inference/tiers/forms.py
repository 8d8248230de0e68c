"""What an owner enters about a tier."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.inference.tiers.changing import MOST_MEMORY_GB, MOST_TOKENS_PER_S, USES_CHARS
from apps.inference.tiers.pages import TierView


class ModelNames(forms.Field):
    """Names in the order their hidden fields stand in the form."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[str]:
        """This will take the names as they are; the service checks them."""
        return [str(name) for name in value or []]


class TierForm(forms.Form):
    """A tier's models and what is known of them."""

    models = ModelNames(required=False)
    memory_gb = forms.FloatField(
        label=_("Memory in GB"), required=False, min_value=0.01, max_value=MOST_MEMORY_GB, localize=False
    )
    tokens_per_s = forms.FloatField(
        label=_("Tokens a second"), required=False, min_value=0.01, max_value=MOST_TOKENS_PER_S, localize=False
    )
    uses = forms.CharField(label=_("Good for"), required=False, max_length=USES_CHARS)

    def __init__(self, data: Mapping[str, Any] | None = None, *, tier: TierView) -> None:
        initial = {"memory_gb": _plain(tier.memory_gb), "tokens_per_s": _plain(tier.tokens_per_s), "uses": tier.uses}
        super().__init__(data, auto_id=f"{tier.name}_%s", initial=initial)
        if tier.likely_memory_gb:
            self.fields["memory_gb"].widget.attrs["placeholder"] = f"{tier.likely_memory_gb:g}"
        self.fields["uses"].widget.attrs["placeholder"] = tier.purpose
        for name in ("memory_gb", "tokens_per_s"):
            self.fields[name].widget.attrs["step"] = "any"

    def values(self) -> dict[str, Any]:
        """This will return what `change_tier` takes."""
        data = dict(self.cleaned_data)
        data["model_names"] = data.pop("models")
        return data


def _plain(number: float | None) -> str:
    """A number as a number field reads it, without a needless .0."""
    return "" if number is None else f"{number:.10g}"
