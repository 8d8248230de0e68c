"""The settings of accounts an owner may change."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from olympus.kernel.options import declare_option, option_value


class SignUp(StrEnum):
    """Who may make an account."""

    CLOSED = "closed"
    INVITED = "invited"
    OPEN = "open"


SIGN_UP = declare_option(
    "accounts.sign_up",
    SignUp,
    SignUp.INVITED.value,
    _("Who may make an account."),
    label=_("New accounts"),
    words={
        SignUp.CLOSED.value: _("nobody"),
        SignUp.INVITED.value: _("whoever holds an invitation"),
        SignUp.OPEN.value: _("anybody"),
    },
)


def sign_up() -> SignUp:
    """This will read the sign-up policy."""
    return SignUp(option_value(SIGN_UP))
