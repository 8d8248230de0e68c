"""What holds for all of Olympus."""

from apps.accounts.access import check_opens_doors
from apps.accounts.options import SIGN_UP, SignUp
from olympus.kernel.actor import Actor
from olympus.kernel.options import change_option


def set_sign_up(*, actor: Actor, policy: SignUp) -> None:
    """This will decide who may make an account.

    Raises:
        Denied: the actor does not administer Olympus itself.
    """
    check_opens_doors(actor)
    change_option(SIGN_UP.name, policy.value, actor=actor)
