"""Readiness of the two stores everything stands on."""

import redis
from django.db import DatabaseError, connection
from django.utils.translation import gettext as _

from olympus.kernel.errors import Unavailable
from olympus.kernel.health import register_check
from olympus.kernel.valkey import valkey


def register() -> None:
    """This will add Postgres and Valkey to /readyz."""
    register_check("postgres", _postgres_answers)
    register_check("valkey", _valkey_answers)


def _postgres_answers() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        raise Unavailable(_("Postgres does not answer.")) from error


def _valkey_answers() -> None:
    try:
        valkey().ping()
    except (redis.RedisError, OSError) as error:
        raise Unavailable(_("Valkey does not answer.")) from error
