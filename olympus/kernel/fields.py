"""Model fields that more than one app needs."""

from typing import Any

from django.db import models

from olympus.kernel.crypto import decrypt, encrypt


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]  # not generic at run time
    """Text that is AES-GCM ciphertext in the database and plain on the instance.

    The row's primary key is the associated data, so a ciphertext copied to another row
    does not decrypt. The primary key must be set before saving (UUID keys are).
    """

    description = "Encrypted text"

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:  # noqa: FBT001, FBT002 - Django's signature
        super().contribute_to_class(cls, name, private_only)
        if not cls._meta.abstract:
            setattr(cls, self.attname, _Decrypting(self))

    def pre_save(self, model_instance: models.Model, add: bool) -> str:  # noqa: FBT001 - Django's signature
        plain = getattr(model_instance, self.attname)
        return _Ciphertext(encrypt(plain, bound_to=self.place(model_instance))) if plain else ""

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        """Refuse what comes past `save()`: `update()` does not know the row, and would store it readable."""
        if value and not isinstance(value, _Ciphertext):
            raise TypeError(f"{self.attname} is encrypted for its row: set it on the instance and save that.")
        return super().get_db_prep_save(value, connection)

    def formfield(self, **_: Any) -> None:
        """Stay out of generated forms and the admin, which would show the secret."""

    def value_to_string(self, obj: models.Model) -> str:
        """Stay out of `dumpdata`, which would write the secret down."""
        return ""

    def place(self, instance: models.Model) -> str:
        """This will name the one place this value may be read from."""
        if instance.pk is None:
            raise ValueError(f"{self.attname} needs the primary key before it is encrypted.")
        return f"{self.model._meta.label_lower}.{self.attname}:{instance.pk}"

    def from_db_value(self, value: str | None, *_: Any) -> Any:
        return _Sealed(value) if value else ""


class _Sealed(str):
    """A ciphertext as it came from the database, not yet asked for."""

    __slots__ = ()


class _Ciphertext(str):
    """A ciphertext on its way into the database."""

    __slots__ = ()


class _Decrypting:
    """Decrypts when the attribute is read, so a list of rows costs no decryption."""

    def __init__(self, field: EncryptedTextField) -> None:
        self._field = field

    def __get__(self, instance: models.Model | None, owner: type[models.Model] | None = None) -> Any:
        if instance is None:
            return self
        name = self._field.attname
        if name not in instance.__dict__:
            instance.refresh_from_db(fields=[name])
        value = instance.__dict__[name]
        if isinstance(value, _Sealed):
            value = decrypt(str(value), bound_to=self._field.place(instance))
            instance.__dict__[name] = value
        return value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self._field.attname] = value
