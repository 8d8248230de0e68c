"""What the environment says: addresses, keys, where data lies."""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

ROOT = Path(__file__).resolve().parent.parent.parent
DATA = Path(os.environ.get("OLYMPUS_DATA") or ROOT / "var").resolve()


def secret_key() -> str:
    """This will read SECRET_KEY, else the data folder's own key, made on the first start."""
    if key := os.environ.get("SECRET_KEY"):
        return key
    path = DATA / "secret.key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
        with os.fdopen(fd, "w") as file:
            file.write(secrets.token_urlsafe(50))
    return path.read_text().strip()


def trusted_proxies() -> str:
    """This will list the addresses and networks whose word is taken for where a request comes from, with commas.

    With PUBLIC_URL there is a proxy on this machine unless TRUSTED_PROXIES says otherwise; without it none.
    """
    named = os.environ.get("TRUSTED_PROXIES")
    return named if named is not None else ("127.0.0.1,::1" if os.environ.get("PUBLIC_URL") else "")


def postgres_from_url(url: str) -> dict[str, Any]:
    """This will turn `postgresql://user:password@host:port/name?option=value` into Django's form.

    A unix socket is `postgresql://user@/name?host=/socket/folder`.
    """
    parts = urlsplit(url)
    options: dict[str, Any] = {key: values[0] for key, values in parse_qs(parts.query).items()}
    host = options.pop("host", None) or parts.hostname or ""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": parts.port or "",
        "CONN_HEALTH_CHECKS": True,
        # One pool a process; a web process uses few threads, since no page waits on a model. Who cannot connect tries
        # again after a pause that doubles; past reconnect_timeout a new caller begins anew, else a database that was
        # away for minutes would be tried again only minutes after it is back.
        "OPTIONS": {**options, "pool": {"min_size": 0, "max_size": 12, "timeout": 5, "reconnect_timeout": 5}},
        "TEST": {"TEMPLATE": "template1"},
    }
