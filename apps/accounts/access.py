"""Who may do what to people, their organization and their keys."""

from django.utils.translation import gettext as _

from apps.accounts.models import Membership, Organization
from olympus.kernel.actor import Actor, Role
from olympus.kernel.errors import Denied

_RANK = {Role.VIEWER: 0, Role.MEMBER: 1, Role.ADMIN: 2, Role.OWNER: 3}


class OwnersOnly(Denied):
    """Only an owner may do this."""

    code = "owners_only"


def check_administers(actor: Actor) -> None:
    """This will refuse whoever is neither owner nor administrator, and every key.

    Raises:
        Denied: the actor may not manage people.
    """
    check_is_person(actor)
    if not actor.may_administer:
        raise Denied(_("Only owners and administrators manage people."))


def check_is_person(actor: Actor) -> None:
    """This will refuse programs: a stolen key must not be able to make itself a home.

    Raises:
        Denied: the actor is an API key.
    """
    if actor.api_key_id is not None:
        raise Denied(_("API keys cannot manage accounts. Sign in and use the settings pages."))


def check_owns_everything(actor: Actor) -> None:
    """This will refuse whoever is not an owner of the organization that this installation belongs to, and every key.

    Raises:
        OwnersOnly: what holds for everybody is not theirs to change.
    """
    check_is_person(actor)
    if not _is_owner_of_all(actor):
        raise OwnersOnly


def check_reads_settings(actor: Actor) -> None:
    """This will refuse whoever may not know the product's settings: all but its owners and their keys of scope admin.

    Raises:
        OwnersOnly
    """
    if not actor.may_administer or not _is_owner_of_all(actor):
        raise OwnersOnly


def check_opens_doors(actor: Actor) -> None:
    """This will refuse whoever may not say who makes an account, which holds for every organization.

    Raises:
        Denied: the actor does not administer the organization that this installation belongs to.
    """
    check_administers(actor)
    if not _is_of_all(actor):
        raise Denied(_("Only owners and administrators of Olympus itself decide who may make an account."))


def may_open_doors(actor: Actor) -> bool:
    """This will tell whether the actor may say who makes an account."""
    return actor.may_administer and _is_of_all(actor)


def _is_owner_of_all(actor: Actor) -> bool:
    return actor.role is Role.OWNER and _is_of_all(actor)


def _is_of_all(actor: Actor) -> bool:
    return Organization.objects.filter(pk=actor.organization_id, is_default=True).exists()


def check_may_touch(actor: Actor, role: Role) -> None:
    """This will refuse to act on, or hand out, a role above the actor's own.

    Raises:
        OwnersOnly: an administrator acts on an owner.
    """
    if _RANK[role] > _RANK[actor.role]:
        raise OwnersOnly


def check_reaches(actor: Actor, membership: Membership) -> None:
    """This will refuse to act on somebody of another organization or of a higher role.

    Raises:
        Denied: it is not the actor's to do.
    """
    check_administers(actor)
    if membership.organization_id != actor.organization_id:
        raise Denied
    check_may_touch(actor, Role(membership.role))


def roles_within_reach(actor: Actor) -> list[Role]:
    """This will list the roles the actor may hand out, from most to least."""
    return [role for role in Role if _RANK[role] <= _RANK[actor.role]]
