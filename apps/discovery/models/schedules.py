"""What the code last said of each schedule, to tell an owner's change from an older version's default."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class DeclaredSchedule(models.Model):
    """A schedule of the product as it was last written into the scheduler's own tables."""

    name = models.CharField(max_length=200, primary_key=True)
    every_s = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("declared schedule")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name
