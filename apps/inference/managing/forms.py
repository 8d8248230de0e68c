"""What an owner enters about models."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.inference.managing.recipe import NUMBERS, QUANTIZATIONS, SYSTEM_CHARS
from apps.inference.models import Provider
from olympus.kernel.ids import parse_uuid

_NAME = {"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}


def _name(label: Any, *, help_text: Any = "", placeholder: str = "") -> forms.CharField:
    widget = forms.TextInput({**_NAME, "placeholder": placeholder})
    return forms.CharField(label=label, max_length=300, help_text=help_text, widget=widget)


class PullForm(forms.Form):
    """A model to fetch, and onto which server."""

    model = _name(_("Model"), help_text=_("As on ollama.com, or hf.co/someone/something."), placeholder="llama3.2:3b")
    server = forms.ChoiceField(label=_("Server"))

    def __init__(self, *args: Any, servers: Sequence[Provider], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["server"].choices = [(str(each.pk), each.name) for each in servers]  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """This will give what `order_pull` takes."""
        return {"model": self.cleaned_data["model"], "provider_id": parse_uuid(self.cleaned_data["server"])}


class CopyForm(forms.Form):
    """A second name."""

    name = _name(_("New name"))


class CreateForm(forms.Form):
    """A model made of another."""

    name = _name(_("Name"), placeholder="my-assistant")
    system = forms.CharField(
        label=_("System prompt"),
        required=False,
        max_length=SYSTEM_CHARS,
        widget=forms.Textarea({"rows": 6}),
        help_text=_("What the model is told before each conversation."),
    )
    temperature = forms.FloatField(label=_("Temperature"), required=False, localize=False)
    top_p = forms.FloatField(label=_("Top p"), required=False, localize=False)
    top_k = forms.IntegerField(label=_("Top k"), required=False)
    min_p = forms.FloatField(label=_("Min p"), required=False, localize=False)
    repeat_penalty = forms.FloatField(label=_("Repeat penalty"), required=False, localize=False)
    num_ctx = forms.IntegerField(label=_("Context length in tokens"), required=False)
    num_predict = forms.IntegerField(label=_("Longest answer in tokens"), required=False)
    seed = forms.IntegerField(label=_("Seed"), required=False)
    stop = forms.CharField(
        label=_("Stop at"),
        required=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Texts that end an answer, one a line."),
    )
    quantization = forms.ChoiceField(
        label=_("Quantization"),
        required=False,
        choices=[("", _("As it is")), *((name, name) for name in QUANTIZATIONS)],
        help_text=_("Smaller and faster, a little less exact. Only of a model in F16, BF16 or F32."),
    )
    adapter = forms.FileField(
        label=_("Adapter"), required=False, help_text=_("A LoRA adapter in GGUF format, trained on this very model.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (kind, least, most) in NUMBERS.items():
            self.fields[name].widget.attrs.update({"min": least, "max": most, "step": 1 if kind is int else "any"})

    def made_of(self) -> dict[str, Any]:
        """This will give what `recipe` takes, but for the adapter."""
        data = self.cleaned_data
        parameters = {name: data[name] for name in NUMBERS if data[name] is not None}
        stops = [line.strip() for line in data["stop"].splitlines() if line.strip()]
        return {
            "system": data["system"],
            "parameters": {**parameters, **({"stop": stops} if stops else {})},
            "quantization": data["quantization"],
        }


class AccessForm(forms.Form):
    """Who may use a model."""

    everybody = forms.TypedChoiceField(
        label=_("Open to"),
        choices=[("1", _("Everybody")), ("", _("Only these"))],
        coerce=bool,
        empty_value="",
        required=False,
        widget=forms.RadioSelect,
    )
    roles = forms.MultipleChoiceField(
        label=_("Everyone who is"),
        required=False,
        choices=[("admin", _("Administrator")), ("member", _("Member"))],
        widget=forms.CheckboxSelectMultiple,
    )
    people = forms.MultipleChoiceField(label=_("These people"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, people: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"].choices = list(people)  # type: ignore[attr-defined]
        if not people:
            del self.fields["people"]

    def user_ids(self) -> list[UUID]:
        """This will give the people chosen."""
        return [UUID(value) for value in self.cleaned_data.get("people", [])]
