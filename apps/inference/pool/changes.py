"""What happens to the pool when a provider's row is written or removed."""

from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save

from apps.inference.models import Provider
from apps.inference.pool.sharing import tell_of_change
from apps.inference.pool.snapshots import forget_backends


def listen() -> None:
    """This will have every process notice providers that are added, changed or removed; call it in `ready()`."""
    post_save.connect(_provider_changed, sender=Provider, dispatch_uid="pool")
    post_delete.connect(_provider_changed, sender=Provider, dispatch_uid="pool")


def changed_after_commit() -> None:
    """This will have every process notice what was written past `save()`."""
    forget_backends()
    transaction.on_commit(tell_of_change)


def _provider_changed(**_: Any) -> None:
    changed_after_commit()
