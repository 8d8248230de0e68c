"""How often somebody may ask: the classes of rate limits."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.contracts import RateClassName


class RateClassChoices(models.TextChoices):
    """The classes with words for people."""

    ANONYMOUS = RateClassName.ANONYMOUS.value, _("Not signed in")
    MEMBER = RateClassName.MEMBER.value, _("Member")
    PREMIUM = RateClassName.PREMIUM.value, _("Premium")


class RateClass(models.Model):
    """How many requests a class may make in a window; a class without a row keeps its default."""

    name = models.CharField(_("class"), max_length=10, choices=RateClassChoices, primary_key=True)
    requests = models.PositiveIntegerField(
        _("requests"), null=True, blank=True, help_text=_("Empty for no limit but the budget.")
    )
    window_s = models.PositiveIntegerField(_("window in seconds"), default=3600)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("rate limit")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(window_s__gt=0), name="rate_class_window"),
            models.CheckConstraint(
                condition=Q(name__in=[name.value for name in RateClassName]), name="rate_class_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.get_name_display()
