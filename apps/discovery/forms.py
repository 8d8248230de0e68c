"""What an owner enters about networks and rules."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.discovery.engine.fingerprints import DEFAULT_PORTS
from apps.discovery.engine.policy import LONGEST_GRANT, MOST_PORTS
from apps.discovery.models import KindChoices
from apps.discovery.scanning import LIMITS
from apps.discovery.services.looking import NETWORKS_DEADLINE_S

MOST_DAYS = LONGEST_GRANT.days
_LAST_PORT = 65_535
_CODE = {"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}


def ports_in(text: str) -> list[int]:
    """This will read `8000, 11434`; empty text is no ports.

    Raises:
        ValidationError: one is no port, or there are too many.
    """
    words = text.replace(",", " ").split()
    if len(words) > MOST_PORTS:
        raise forms.ValidationError(_("At most %(n)s ports.") % {"n": MOST_PORTS})
    wrong = [word for word in words if not (word.isascii() and word.isdigit() and 1 <= int(word[:6]) <= _LAST_PORT)]
    if wrong:
        words_of = {"what": wrong[0][:20], "last": _LAST_PORT}
        raise forms.ValidationError(_("%(what)s is no port. Enter numbers from 1 to %(last)s.") % words_of)
    return sorted({int(word) for word in words})


class _FocusesErrors(forms.Form):
    def focus_first_error(self) -> None:
        """This will bring the first field that needs another look into view."""
        name = next((name for name in self.errors if name in self.fields), None)
        if name:
            self.fields[name].widget.attrs["autofocus"] = True


class GrantForm(_FocusesErrors):
    """A network that may be scanned, with an end and a reason."""

    # For the words that tell how long a scan of it takes.
    places_per_s = int(LIMITS.network_per_s)
    usual_port_count = len(DEFAULT_PORTS)
    longest_minutes = int(NETWORKS_DEADLINE_S / 60)

    cidr = forms.CharField(
        label=gettext_lazy("Network"),
        max_length=50,
        help_text=gettext_lazy("For example 192.168.1.0/24, or one machine: 192.168.1.20."),
        widget=forms.TextInput(_CODE),
    )
    days = forms.IntegerField(
        label=gettext_lazy("Days"),
        min_value=1,
        max_value=MOST_DAYS,
        initial=7,
        help_text=gettext_lazy("How long it may be scanned; 30 at most."),
    )
    ports = forms.CharField(
        label=gettext_lazy("Ports"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("Leave empty for the usual ports of the products Olympus knows."),
        widget=forms.TextInput({**_CODE, "inputmode": "numeric"}),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        help_text=gettext_lazy("Who reads the record later knows why it was scanned."),
    )

    def clean_ports(self) -> list[int]:
        """The ports as numbers."""
        return ports_in(self.cleaned_data["ports"])

    def values(self) -> dict[str, Any]:
        """This will return what the service takes."""
        return dict(self.cleaned_data)


class RuleForm(_FocusesErrors):
    """What is added without asking: what matches all that is filled in."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Product"),
        choices=[("", gettext_lazy("Any")), *KindChoices.choices],
        required=False,
    )
    network = forms.CharField(
        label=gettext_lazy("Network or host"),
        max_length=255,
        required=False,
        help_text=gettext_lazy("For example 127.0.0.0/8 for this machine."),
        widget=forms.TextInput(_CODE),
    )

    def values(self) -> dict[str, Any]:
        """This will return what the service takes."""
        return dict(self.cleaned_data)


class McpFileForm(_FocusesErrors):
    """A list of tool servers that another program keeps."""

    file = forms.FileField(
        label=gettext_lazy("Configuration file"),
        max_length=500,
        help_text=gettext_lazy("Such as mcp.json, claude_desktop_config.json or .claude.json; 8 MB at most."),
        widget=forms.FileInput({"accept": ".json,.jsonc,application/json"}),
    )
