"""Rate limits at Django's doors: who is counted, where, and what the refused are told."""

import json
from collections.abc import Iterator
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient, Client

from apps.accounts.contracts import RateClassName
from apps.accounts.models import Membership, User
from apps.accounts.rates import counting
from apps.accounts.rates.classes import Limit
from apps.accounts.rates.subjects import subjects_of
from apps.accounts.services.keys import create_api_key
from olympus.kernel.actor import Scope
from tests.accounts.cast import Cast

ME = "/api/v1/me"
SIGN_IN = "/accounts/login/"


@pytest.fixture
def three() -> Iterator[None]:
    """Everybody but the premium may ask three times an hour."""
    counting.publish_limits({RateClassName.MEMBER: Limit(3), RateClassName.ANONYMOUS: Limit(3)})
    yield
    counting.valkey_for_rates().delete(counting.POLICY_KEY)


def address() -> str:
    """An address nobody asked from before."""
    number = uuid4().int
    return f"10.{number % 250}.{number // 250 % 250}.{number // 62_500 % 250}"


def test_rest_says_what_is_left_and_then_answers_with_a_problem(member: Cast, three: None) -> None:
    browser = member.browser

    answers = [browser.get(ME) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer["X-RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert answers[0]["RateLimit-Policy"] == '"member";q=3;w=3600'
    problem = json.loads(answers[3].content)
    assert answers[3]["Content-Type"] == "application/problem+json"
    assert (problem["code"], problem["status"]) == ("rate_limited", 429)
    assert "3 requests in 60 minutes" in problem["detail"]
    assert int(answers[3]["Retry-After"]) > 0


def test_a_persons_key_and_their_browser_are_counted_together(member: Cast, three: None) -> None:
    _, secret = create_api_key(actor=member.actor, name="k", scopes=[Scope.READ])
    program, headers = Client(), {"Authorization": f"Bearer {secret}"}
    for _ in range(2):
        program.get(ME, headers=headers)

    answers = [member.browser.get(ME), program.get(ME, headers=headers), member.browser.get(ME)]

    assert [answer.status_code for answer in answers] == [200, 429, 429]


def test_reading_pages_costs_a_signed_in_person_nothing(member: Cast, three: None) -> None:
    browser = member.browser

    answers = [browser.get("/settings/keys/") for _ in range(6)]

    assert {answer.status_code for answer in answers} == {200}
    assert "RateLimit" not in answers[0]


def test_changes_from_pages_are_counted_and_the_refused_read_a_page(member: Cast, three: None) -> None:
    browser = member.browser
    form = {"name": "x", "scopes": ["read"], "expiry": "30"}
    for _ in range(3):
        browser.post("/settings/keys/", form)

    page = browser.post("/settings/keys/", form)
    script = browser.post("/settings/keys/", form, headers={"Sec-Fetch-Mode": "cors"})

    assert (page.status_code, script.status_code) == (429, 429)
    assert "Try again in" in page.content.decode()
    assert script["Content-Type"].startswith("text/plain")


def test_the_refused_read_a_page_as_they_like_it_also_on_an_event_loop(member: Cast, three: None) -> None:
    browser = AsyncClient()
    browser.cookies = member.browser.cookies
    User.objects.filter(pk=member.user.pk).update(theme="dark")

    answers = [async_to_sync(browser.post)("/settings/profile/", {"name": "x"}) for _ in range(4)]

    assert answers[-1].status_code == 429
    assert 'data-theme="dark"' in answers[-1].content.decode()


def test_strangers_are_counted_by_their_address_at_every_page(db: None, three: None) -> None:
    here, there = address(), address()

    answers = [Client().get(SIGN_IN, REMOTE_ADDR=here) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert Client().get(SIGN_IN, REMOTE_ADDR=there).status_code == 200


def test_whoever_tries_keys_is_counted_as_a_stranger(db: None, three: None) -> None:
    here = address()

    answers = [
        Client().get(ME, headers={"Authorization": f"Bearer oly_abcdefgh_{n:043}"}, REMOTE_ADDR=here) for n in range(4)
    ]

    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]


def test_a_forged_forwarded_address_is_not_believed(db: None, three: None) -> None:
    here = address()

    answers = [
        Client().get(SIGN_IN, REMOTE_ADDR=here, headers={"X-Forwarded-For": address(), "Forwarded": "for=192.0.2.1"})
        for _ in range(4)
    ]

    assert answers[-1].status_code == 429


def test_the_premium_have_no_limit(member: Cast, three: None) -> None:
    Membership.objects.filter(user=member.user).update(is_premium=True)
    browser = member.browser

    answers = [browser.get(ME) for _ in range(5)]

    assert {answer.status_code for answer in answers} == {200}
    assert "RateLimit" not in answers[0]


@pytest.mark.parametrize("path", ["/healthz", "/static/none.css"])
def test_health_and_files_are_not_counted(db: None, three: None, path: str) -> None:
    here = address()

    answers = [Client().get(path, REMOTE_ADDR=here) for _ in range(5)]

    assert 429 not in {answer.status_code for answer in answers}


def test_counting_costs_no_query_beyond_who_asks(member: Cast, django_assert_num_queries: object) -> None:
    browser = member.browser
    browser.get(ME)

    # The session, the person, their membership, and what the answer shows.
    with django_assert_num_queries(4):  # type: ignore[operator]
        browser.get(ME)


@pytest.mark.parametrize(
    ("given", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("", "unknown"),
        (None, "unknown"),
        ("not an address\x00", "unknown"),
    ],
)
def test_an_address_of_the_new_kind_is_counted_by_its_household(given: str | None, counted: str) -> None:
    assert subjects_of(None, address=given).names == (f"address:{counted}",)


def test_a_session_is_counted_without_its_name_being_stored(member: Cast) -> None:
    names = subjects_of(member.actor, address="192.0.2.7", session_key="abcdefgh12345678").names

    assert names[0] == f"user:{member.user.pk}"
    assert names[1].startswith("session:")
    assert "abcdefgh" not in names[1]
