"""What an owner decides about kept answers."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.inference.caching.standing import CacheRules

_MINUTE_S = 60
_MOST_MINUTES = 30 * 24 * 60


class CacheForm(forms.Form):
    """The settings, in the words and units of a person."""

    is_exact = forms.BooleanField(
        label=_("Keep answers"),
        required=False,
        help_text=_("The same request of the same person gets the answer it got before. Never with tools."),
    )
    minutes = forms.IntegerField(
        label=_("Keep them for so many minutes"), min_value=1, max_value=_MOST_MINUTES, help_text=_("60 is an hour.")
    )
    is_shared = forms.BooleanField(
        label=_("Let all API keys of an organization share answers"),
        required=False,
        help_text=_("Otherwise each person has their own. Turn this on only if keys send nothing private."),
    )
    is_semantic = forms.BooleanField(
        label=_("Also answer questions that mean the same"),
        required=False,
        help_text=_("For single questions. Numbers, names, negations and the order of words must agree."),
    )
    threshold = forms.FloatField(
        label=_("How much alike they must be"),
        min_value=0.8,
        max_value=1.0,
        help_text=_("1 is the same meaning; below 0.9 answers to other questions come up."),
        widget=forms.NumberInput({"step": "0.01"}),
    )

    def __init__(self, data: Any = None, *, rules: CacheRules) -> None:
        initial = {
            "is_exact": rules.is_exact,
            "minutes": max(1, rules.ttl_s // _MINUTE_S),
            "is_shared": rules.is_shared,
            "is_semantic": rules.is_semantic,
            "threshold": rules.threshold,
        }
        super().__init__(data, initial=initial)
        self._ttl_s = rules.ttl_s

    def rules(self) -> CacheRules:
        """This will give what was entered; minutes that were not touched keep the seconds an operator set."""
        data = self.cleaned_data
        ttl_s = data["minutes"] * _MINUTE_S if "minutes" in self.changed_data else self._ttl_s
        return CacheRules(
            is_exact=data["is_exact"],
            ttl_s=ttl_s,
            is_shared=data["is_shared"],
            is_semantic=data["is_semantic"],
            threshold=data["threshold"],
        )
