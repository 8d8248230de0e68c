"""The people of the tests: an owner, a member, and a stranger from elsewhere."""

from dataclasses import dataclass

from django.test import Client

from apps.accounts import facade
from apps.accounts.models import Membership, Organization, User
from olympus.kernel.actor import Actor, Role

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PASSWORD = "a mountain of marble"


@dataclass(frozen=True)
class Someone:
    """A person with what tests need of one."""

    user: User
    actor: Actor
    session_key: str

    def client(self, *, enforce_csrf_checks: bool = False) -> Client:
        """A browser this person is signed in with."""
        client = Client(enforce_csrf_checks=enforce_csrf_checks)
        client.force_login(self.user, backend=BACKEND)
        return client

    def socket_headers(self) -> dict[str, str]:
        """The headers of a socket this person's browser opens."""
        return {"cookie": f"olympus_session={self.session_key}", "origin": "http://localhost", "host": "localhost"}


def someone(email: str, role: Role, organization: Organization | None = None) -> Someone:
    """Make a person with a role in the default organization, or in another."""
    user = User.objects.create_user(email=email, password=PASSWORD, name=email.partition("@")[0].title())
    organization = organization or Organization.objects.get(pk=facade.default_organization_id())
    Membership.objects.create(user=user, organization=organization, role=role.value)
    actor = facade.actor_for_user(user)
    assert actor is not None
    browser = Client()
    browser.force_login(user, backend=BACKEND)
    return Someone(user, actor, browser.cookies["olympus_session"].value)
