"""What an actor may do at all, before any row is looked up."""

from django.utils.translation import gettext as _

from olympus.kernel.actor import Actor
from olympus.kernel.errors import Denied


def check_reads(actor: Actor) -> None:
    """This will refuse a key that may not read."""
    if not actor.may_read:
        raise Denied(_("This key may not read."))


def check_writes(actor: Actor) -> None:
    """This will refuse who only looks."""
    if not actor.may_write:
        raise Denied(_("You may read here, but not change anything."))
