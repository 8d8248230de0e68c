"""People, the organization, and who is what in it."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from olympus.kernel.actor import Role
from olympus.kernel.ids import uuid7


class Theme(models.TextChoices):
    """How the pages look."""

    SYSTEM = "system", _("Like the system")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class Language(models.TextChoices):
    """The languages pages are written in; each is named in itself."""

    BROWSER = "", _("Like the browser")
    ENGLISH = "en", "English"
    GERMAN = "de", "Deutsch"


class RoleChoices(models.TextChoices):
    """The kernel's roles with words for people."""

    OWNER = Role.OWNER.value, _("Owner")
    ADMIN = Role.ADMIN.value, _("Administrator")
    MEMBER = Role.MEMBER.value, _("Member")
    VIEWER = Role.VIEWER.value, _("Viewer")


class UserManager(BaseUserManager["User"]):
    """Makes and finds users; an email address is one, however it is capitalized."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """This will store a user; without a password nobody can sign in by one."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """This will find a user by email address in any case."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person who may sign in with an email address."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("email address"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may use the admin"), default=False)
    theme = models.CharField(_("theme"), max_length=10, choices=Theme, default=Theme.SYSTEM)
    language = models.CharField(_("language"), max_length=10, choices=Language, default=Language.BROWSER, blank=True)
    shortcuts = models.JSONField(
        default=dict, blank=True, help_text=_("Keys by action, where they are not the usual ones.")
    )
    may_switch_server = models.BooleanField(
        _("another server may go on with an answer"),
        default=True,
        help_text=_("When a model server fails in the middle of an answer."),
    )
    session_epoch = models.PositiveIntegerField(default=0, editable=False, help_text=_("Raised to end all sessions."))
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering: ClassVar = ["email"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_is_lower_case"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        """Keep the address in the one form the database accepts."""
        super().clean()
        self.email = self.email.strip().lower()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the address in lower case, so that one address is one person."""
        self.email = self.email.strip().lower()
        super().save(*args, **kwargs)

    def get_session_auth_hash(self) -> str:
        """This will give what every session of this person must hold; it changes with the password and the epoch."""
        return self._session_hash(None)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """This will give the same under the keys that were valid before."""
        return (self._session_hash(secret) for secret in settings.SECRET_KEY_FALLBACKS)

    def _session_hash(self, secret: str | None) -> str:
        salt = "apps.accounts.User.session"
        return salted_hmac(salt, f"{self.session_epoch}:{self.password}", secret=secret, algorithm="sha256").hexdigest()

    def get_full_name(self) -> str:
        """This will give the name to show for this person."""
        return self.name or self.email

    def get_short_name(self) -> str:
        """This will give the first word of the name."""
        return self.name.split()[0] if self.name.split() else self.email


class Organization(models.Model):
    """A team whose people share models, providers and, where granted, data."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=150)
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("organization")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="organization_one_default"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """What one person is in one organization."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=10, choices=RoleChoices, default=RoleChoices.MEMBER)
    is_premium = models.BooleanField(
        _("premium"), default=False, help_text=_("No rate limit but the budget, unless one is set for premium.")
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("membership")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "user"], name="membership_once"),
            models.CheckConstraint(
                condition=Q(role__in=[role.value for role in Role]), name="membership_role_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"
