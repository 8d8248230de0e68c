"""The settings of accounts an owner may change."""

from enum import StrEnum

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
    "Who may make an account: closed (nobody), invited (whoever holds an invitation), open (anybody).",
)


def sign_up() -> SignUp:
    """This will read the sign-up policy."""
    return SignUp(option_value(SIGN_UP))
