"""What people fill in."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from allauth.account.forms import ChangeEmailForm as AllauthChangeEmailForm
from allauth.account.forms import ResetPasswordForm as AllauthResetPasswordForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.adapter import is_mail_configured
from apps.accounts.models import Language, RoleChoices, Theme
from apps.accounts.options import SignUp
from apps.accounts.services.limits import LEAST_REQUESTS, MOST_REQUESTS
from olympus.kernel.actor import Role, Scope

SCOPE_CHOICES = [
    (Scope.READ.value, _("Read: see what is yours")),
    (Scope.WRITE.value, _("Write: chat, create and change what is yours")),
    (Scope.ADMIN.value, _("Administer: model servers and the organization")),
]
EXPIRY_CHOICES = [("30", _("30 days")), ("90", _("90 days")), ("365", _("One year")), ("", _("Never"))]


def name_field(*, required: bool = True) -> forms.CharField:
    """This will make the field for what a person is called."""
    attrs = {"autocomplete": "name"}
    return forms.CharField(label=_("Name"), max_length=150, required=required, widget=forms.TextInput(attrs))


class NewPersonForm(forms.Form):
    """Who a new person is: on the first page of all and on accepting an invitation."""

    name = name_field()
    email = forms.EmailField(
        label=_("Email"), max_length=254, widget=forms.EmailInput({"autocomplete": "username", "inputmode": "email"})
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=1024,
        help_text=password_validators_help_text_html,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )


class SignUpForm(AllauthSignupForm):
    """allauth's form with a name."""

    field_order = ("name", "email", "password1")
    name = name_field()


class ResetPasswordForm(AllauthResetPasswordForm):
    """A request for a reset link by mail, refused where there is no mail."""

    has_mail = property(lambda _: is_mail_configured())

    def clean(self) -> dict[str, Any]:
        """Say at once that nothing will arrive."""
        if not is_mail_configured():
            raise forms.ValidationError(_("This Olympus sends no mail. Ask an owner for a reset link."))
        cleaned: dict[str, Any] = super().clean()
        return cleaned


class ChangeEmailForm(AllauthChangeEmailForm):
    """A change of address that is confirmed by mail, refused where there is no mail."""

    has_mail = property(lambda _: is_mail_configured())

    def clean(self) -> dict[str, Any]:
        """Point to the form that needs no mail."""
        if not is_mail_configured():
            raise forms.ValidationError(_("This Olympus sends no mail. Change your address on the profile page."))
        cleaned: dict[str, Any] = super().clean()
        return cleaned


class ProfileForm(forms.Form):
    """What a person is called."""

    name = name_field(required=False)


class AppearanceForm(forms.Form):
    """How pages look and in which language."""

    # What the page showed goes along: a page that was open for long changes only what was changed on it.
    theme = forms.ChoiceField(
        label=_("Theme"), choices=Theme.choices, widget=forms.RadioSelect, show_hidden_initial=True
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=Language.choices,
        required=False,
        widget=forms.RadioSelect,
        show_hidden_initial=True,
    )

    def shown(self) -> list[str]:
        """This will give the hidden fields that say what the page shows."""
        return [field.as_hidden(only_initial=True) for field in self.visible_fields()]

    def is_chosen(self, name: str) -> bool:
        """This will tell whether something was changed on the page; who sends no more than a choice means it."""
        return name in self.changed_data or self.add_initial_prefix(name) not in self.data


class AnswersForm(forms.Form):
    """What becomes of answers that break off."""

    prefix = "answers"
    may_switch_server = forms.BooleanField(
        label=_("Let another model server go on with an answer when one fails in the middle"),
        required=False,
        help_text=_("The answer shows where. Otherwise what was written is kept, and you can continue it yourself."),
    )


class EmailForm(forms.Form):
    """A new address, with the password since it changes how one signs in."""

    email = forms.EmailField(label=_("New email"), max_length=254, widget=forms.EmailInput({"autocomplete": "email"}))
    current_password = forms.CharField(
        label=_("Your password"), strip=False, widget=forms.PasswordInput({"autocomplete": "current-password"})
    )


class ModelsField(forms.MultipleChoiceField):
    """The models a key may use, out of those that are connected; none for all."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Only these models"),
            required=False,
            help_text=_("Choose none to allow all that you may use."),
            widget=forms.CheckboxSelectMultiple,
        )


def offer_models(form: forms.Form, models: Collection[str]) -> None:
    """This will let a form choose among models; without any there is no choice to make."""
    if models:
        form.fields["allowed_models"].choices = [(name, name) for name in models]  # type: ignore[attr-defined]
    else:
        del form.fields["allowed_models"]


class KeyChangeForm(forms.Form):
    """What may be changed of a key."""

    name = forms.CharField(label=_("Name"), max_length=100)
    allowed_models = ModelsField()

    def __init__(self, *args: Any, models: Collection[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_models(self, models)


class KeyForm(forms.Form):
    """A new API key."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("What will use it, so that you know later."))
    scopes = forms.MultipleChoiceField(
        label=_("It may"),
        choices=SCOPE_CHOICES,
        initial=[Scope.READ.value, Scope.WRITE.value],
        widget=forms.CheckboxSelectMultiple,
    )
    expiry = forms.ChoiceField(label=_("It ends after"), choices=EXPIRY_CHOICES, initial="90", required=False)
    allowed_models = ModelsField()

    def __init__(
        self, *args: Any, models: Collection[str] = (), scopes: Collection[Scope] = tuple(Scope), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offered = [choice for choice in SCOPE_CHOICES if choice[0] in scopes]
        self.fields["scopes"].choices = offered  # type: ignore[attr-defined]
        offer_models(self, models)

    def expires_at(self) -> Any:
        """This will give the moment the key ends, or None for never."""
        days = self.cleaned_data["expiry"]
        return timezone.now() + timedelta(days=int(days)) if days else None


class InvitationForm(forms.Form):
    """Who may join, and as what."""

    role = forms.ChoiceField(label=_("Role"), initial=Role.MEMBER.value)
    email = forms.EmailField(
        label=_("Only for this email"),
        required=False,
        max_length=254,
        help_text=_("Leave empty for anybody with the link."),
    )

    def __init__(self, *args: Any, roles: list[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = role_choices(roles)  # type: ignore[attr-defined]


class RoleForm(forms.Form):
    """What a member becomes."""

    role = forms.ChoiceField(choices=RoleChoices.choices)


def role_choices(roles: list[Role]) -> list[tuple[str, str]]:
    """This will give the roles with words for people."""
    return [(role.value, str(RoleChoices(role.value).label)) for role in roles]


class RateLimitForm(forms.Form):
    """How often a class may ask."""

    requests = forms.IntegerField(
        label=_("Requests"),
        required=False,
        min_value=LEAST_REQUESTS,
        max_value=MOST_REQUESTS,
        help_text=_("Leave empty for no limit but the budget."),
        widget=forms.NumberInput({"inputmode": "numeric", "placeholder": _("no limit")}),
    )
    window_s = forms.TypedChoiceField(label=_("In"), coerce=int, choices=[])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: dict[int, Any] = {60: _("a minute"), 3600: _("an hour"), 86_400: _("a day")}
        # A program may have chosen another.
        own = (self.initial or {}).get("window_s") or 3600
        choices.setdefault(own, _("%(n)s seconds") % {"n": own})
        self.fields["window_s"].choices = sorted(choices.items())  # type: ignore[attr-defined]

    @classmethod
    def of(cls, name: str, requests: int | None, window_s: int) -> "RateLimitForm":
        """This will make the form of a class as it is."""
        return cls(initial={"requests": requests, "window_s": window_s}, auto_id=f"{name}-%s")

    def limit(self) -> dict[str, Any]:
        """This will give what was chosen."""
        return {"requests": self.cleaned_data["requests"], "window_s": self.cleaned_data["window_s"]}


class SignUpPolicyForm(forms.Form):
    """Who may make an account."""

    policy = forms.ChoiceField(
        label=_("New accounts"),
        choices=[
            (SignUp.INVITED.value, _("By invitation")),
            (SignUp.OPEN.value, _("Open to everybody who reaches this page")),
            (SignUp.CLOSED.value, _("Closed")),
        ],
    )

    def policy_chosen(self) -> SignUp:
        """This will give the choice."""
        return SignUp(self.cleaned_data["policy"])
