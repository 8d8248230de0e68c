"""A link that opens something by itself is not written into the logs."""

import logging
from io import StringIO

import pytest
from django.test import Client

from olympus.kernel.masking import MaskedLinks, masked_report
from tests.doors.walk import Door, doors

SECRET = "MQ-c0ffee-1f2e3d4c5b6a"
# Parameters that are the secret itself; every other names a thing that whoever asks must be allowed to see.
BY_LINK = [door for door in doors() if {"token", "key"} & set(door.names)]


def logged(address: str) -> str:
    record = logging.makeLogRecord({"msg": "%s: %s", "args": ("Not Found", address)})
    MaskedLinks().filter(record)
    return record.getMessage()


@pytest.mark.parametrize("door", BY_LINK, ids=lambda door: door.route)
def test_every_link_that_opens_something_is_masked(door: Door) -> None:
    uid, _dash, key = SECRET.partition("-")
    file = "0198c1a0-0000-7000-8000-000000000001"

    line = logged(door.address({"token": SECRET, "uidb36": uid, "key": key, "attachment_id": file}))

    assert line.startswith("Not Found: /")
    assert key not in line


def test_other_addresses_stay_as_they_are() -> None:
    assert logged("/settings/keys/") == "Not Found: /settings/keys/"
    assert logged("/c/0198c1a0-0000-7000-8000-000000000001/") == "Not Found: /c/0198c1a0-0000-7000-8000-000000000001/"


def test_sentry_does_not_hear_them_either() -> None:
    address = f"https://o.example.org/s/{SECRET}/"
    report = {"request": {"url": address}, "logentry": {"params": ["Not Found", address]}, "level": 1}

    masked = masked_report(report, {})

    assert SECRET not in str(masked)
    assert masked["request"]["url"] == "https://o.example.org/s/…/"
    assert masked["level"] == 1


@pytest.mark.django_db
def test_a_link_that_leads_nowhere_any_more_is_logged_without_it() -> None:
    lines = StringIO()
    handler: logging.StreamHandler[StringIO] = logging.getLogger().handlers[0]  # type: ignore[assignment]
    written_to = handler.setStream(lines)

    Client().get(f"/s/{SECRET}/")
    handler.setStream(written_to)  # type: ignore[arg-type]

    assert "Not Found: /s/" in lines.getvalue()
    assert SECRET not in lines.getvalue()
