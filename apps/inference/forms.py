"""What an owner enters about a model server."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.inference.contracts import ProviderKind
from apps.inference.models import KindChoices
from apps.inference.services import MOST_SHARE

_KEY_HINT = _("Stored encrypted. Leave empty if the server asks for none.")
# A JSON web token, the longest kind of key in use, stays well below.
_KEY_CHARS = 4000


class ProviderForm(forms.Form):
    """A new model server."""

    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[(kind.value, kind.label) for kind in (KindChoices.OLLAMA, KindChoices.OPENAI)],
        initial=KindChoices.OLLAMA.value,
    )
    name = forms.CharField(label=_("Name"), max_length=60, help_text=_("How people see it in the model menu."))
    base_url = forms.CharField(
        label=_("Address"),
        max_length=500,
        help_text=_("For example http://192.168.1.20:11434 or https://api.openai.com/v1."),
        widget=forms.TextInput({"inputmode": "url", "autocapitalize": "none", "spellcheck": "false"}),
    )
    api_key = forms.CharField(
        label=_("Key"),
        max_length=_KEY_CHARS,
        required=False,
        help_text=_KEY_HINT,
        widget=forms.PasswordInput({"autocomplete": "off"}),
    )

    def focus_first_error(self) -> None:
        """This will bring the first field that needs another look into view."""
        for name in self.errors:
            if name in self.fields:
                self.fields[name].widget.attrs["autofocus"] = True
                return

    def values(self) -> dict[str, Any]:
        """This will return what `services.add_provider` takes."""
        return {**self.cleaned_data, "kind": ProviderKind(self.cleaned_data["kind"])}


class ProviderChangeForm(ProviderForm):
    """A model server that is there; its kind stays."""

    kind = None  # type: ignore[assignment]  # Django's way to leave out an inherited field
    forget_key = forms.BooleanField(label=_("Remove the stored key"), required=False)
    priority = forms.IntegerField(
        label=_("Priority"),
        min_value=0,
        max_value=MOST_SHARE,
        required=False,
        help_text=_("Of the servers that have a model, those of the lowest number are asked first."),
    )
    weight = forms.IntegerField(
        label=_("Weight"),
        min_value=0,
        max_value=MOST_SHARE,
        required=False,
        help_text=_("Its share of the calls among servers of one priority; 0 only when no other is left."),
    )

    def __init__(self, *args: Any, has_key: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["api_key"].help_text = _("A key is stored. Leave empty to keep it.") if has_key else _KEY_HINT
        if not has_key:
            del self.fields["forget_key"]

    def values(self) -> dict[str, Any]:
        """This will return what `services.change_provider` takes; an empty key field keeps the stored one."""
        data = dict(self.cleaned_data)
        forget = data.pop("forget_key", False)
        key = data.pop("api_key")
        return {**data, "api_key": key or ("" if forget else None)}
