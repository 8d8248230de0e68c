"""The model field for secrets, on a table made for these tests."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.core import serializers
from django.db import connection, models, transaction
from django.forms.models import modelform_factory
from django.test.utils import isolate_apps

from olympus.kernel.crypto import Undecipherable
from olympus.kernel.fields import EncryptedTextField

pytestmark = pytest.mark.django_db


@pytest.fixture
def vault() -> Iterator[type[models.Model]]:
    with isolate_apps("olympus.kernel"):

        class Vault(models.Model):
            id = models.UUIDField(primary_key=True, default=uuid4)
            label = models.CharField(max_length=10, default="")
            secret = EncryptedTextField(blank=True, default="")

            class Meta:
                app_label = "kernel"

            def __str__(self) -> str:
                return self.label

        with connection.schema_editor() as editor:
            editor.create_model(Vault)
        yield Vault
        with connection.schema_editor() as editor:
            editor.delete_model(Vault)


def stored(vault: Any, pk: object) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT secret FROM "{vault._meta.db_table}" WHERE id = %s', [pk])
        return str(cursor.fetchone()[0])


def test_it_is_plain_on_the_instance_and_unreadable_in_the_database(vault: Any) -> None:
    row = vault.objects.create(secret="sk-123")

    assert vault.objects.get().secret == "sk-123"
    assert "sk-123" not in stored(vault, row.pk)


def test_a_ciphertext_copied_from_another_row_is_refused(vault: Any) -> None:
    rich, poor = vault.objects.create(secret="rich"), vault.objects.create(secret="poor")
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{vault._meta.db_table}" SET secret = %s WHERE id = %s', [stored(vault, rich.pk), poor.pk]
        )

    swapped = vault.objects.get(pk=poor.pk)
    with pytest.raises(Undecipherable):
        _ = swapped.secret


def test_saving_a_row_that_was_read_keeps_the_secret(vault: Any) -> None:
    vault.objects.create(secret="sk-123")
    row = vault.objects.get()
    row.label = "changed"
    row.save()

    assert vault.objects.get().secret == "sk-123"


def test_nothing_stays_nothing(vault: Any) -> None:
    row = vault.objects.create()

    assert (vault.objects.get().secret, stored(vault, row.pk)) == ("", "")


def test_it_is_read_when_deferred_and_after_a_refresh(vault: Any) -> None:
    row = vault.objects.create(secret="sk-123")
    other = vault.objects.get()
    other.secret = "sk-456"
    other.save()

    assert vault.objects.defer("secret").get().secret == "sk-456"
    row.refresh_from_db()
    assert row.secret == "sk-456"


def test_many_at_once_are_encrypted_too(vault: Any) -> None:
    vault.objects.bulk_create([vault(secret="a"), vault(secret="b")])

    assert {row.secret for row in vault.objects.all()} == {"a", "b"}


def test_what_comes_past_save_is_refused_and_not_stored_readable(vault: Any) -> None:
    row = vault.objects.create(secret="sk-123")

    with pytest.raises(TypeError, match="encrypted for its row"), transaction.atomic():
        vault.objects.update(secret="readable")
    row.secret = "readable"
    with pytest.raises(TypeError, match="encrypted for its row"), transaction.atomic():
        vault.objects.bulk_update([row], ["secret"])


def test_forms_and_dumps_do_not_show_it(vault: Any) -> None:
    row = vault.objects.create(secret="sk-123")

    form = modelform_factory(vault, fields=["label", "secret"])(instance=row)

    assert "secret" not in form.fields
    assert "sk-123" not in serializers.serialize("json", [row])
