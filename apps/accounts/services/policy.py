"""What holds for all of the organization."""

from django.db import transaction

from apps.accounts.access import check_administers
from apps.accounts.options import SIGN_UP, SignUp
from olympus.kernel import audit
from olympus.kernel.actor import Actor
from olympus.kernel.options import change_option


@transaction.atomic
def set_sign_up(*, actor: Actor, policy: SignUp) -> None:
    """This will decide who may make an account.

    Raises:
        Denied: the actor does not administer.
    """
    check_administers(actor)
    change_option(SIGN_UP.name, policy.value, changed_by_id=actor.user_id)
    audit.record("setting.change", actor=actor, subject=SIGN_UP.name, value=policy.value)
