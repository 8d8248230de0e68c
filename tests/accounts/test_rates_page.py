"""Rate limits as an owner changes them: on the page, over REST, from the terminal."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from apps.accounts.contracts import RateClassName, RateSubjects
from apps.accounts.models import Membership, Organization, RateClass
from apps.accounts.rates import counting
from apps.accounts.services.keys import create_api_key
from olympus.kernel.actor import Scope
from olympus.kernel.models import AuditEntry
from tests.accounts.cast import Cast

PAGE = "/settings/rate-limits/"
REST = "/api/v1/rate-limits"

at_once = pytest.mark.django_db(transaction=True)


def in_force(name: RateClassName = RateClassName.MEMBER) -> tuple[int | None, int]:
    state = counting.count(RateSubjects(name, ("user:somebody",)))
    return state.limit, state.window_s


def change(browser: Client, name: str, body: object) -> object:
    return browser.patch(f"{REST}/{name}", json.dumps(body), content_type="application/json")


@at_once
def test_a_limit_set_on_the_page_holds_at_once_everywhere(owner: Cast) -> None:
    answer = owner.browser.post(f"{PAGE}member/", {"requests": "1234", "window_s": "86400"}, follow=True)

    assert "The limit holds from now on." in answer.content.decode()
    assert in_force() == (1234, 86_400)
    assert AuditEntry.objects.filter(action="rate_limit.change", subject="member").exists()


def test_the_page_shows_each_class_as_it_is(owner: Cast, django_assert_max_num_queries: object) -> None:
    RateClass.objects.create(name="anonymous", requests=77, window_s=90)

    with django_assert_max_num_queries(11):  # type: ignore[operator]
        page = owner.browser.get(PAGE).content.decode()

    assert 'value="77"' in page
    assert "90 seconds" in page
    assert 'value="5000"' in page
    assert page.count("Back to the default") == 1


@at_once
def test_a_limit_given_back_is_the_default(owner: Cast) -> None:
    owner.browser.post(f"{PAGE}member/", {"requests": "50", "window_s": "60"})

    owner.browser.post(f"{PAGE}member/reset/")

    assert in_force() == (5000, 3600)
    assert not RateClass.objects.exists()


@at_once
def test_premium_may_be_given_a_limit_and_members_none(owner: Cast) -> None:
    owner.browser.post(f"{PAGE}premium/", {"requests": "100", "window_s": "3600"})
    owner.browser.post(f"{PAGE}member/", {"requests": "", "window_s": "3600"})

    assert in_force(RateClassName.PREMIUM) == (100, 3600)
    assert in_force() == (None, 3600)


@pytest.mark.parametrize("requests", ["0", "-5", "29", "1000000001", "many", "1e9", "\x00", "9" * 400])
def test_what_is_no_limit_is_refused_in_words_and_changes_nothing(owner: Cast, requests: str) -> None:
    answer = owner.browser.post(f"{PAGE}member/", {"requests": requests, "window_s": "3600"})

    assert answer.status_code == 422
    assert "errorlist" in answer.content.decode()
    assert not RateClass.objects.exists()


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}member/", f"{PAGE}member/reset/"])
def test_the_page_is_the_owners_alone(member: Cast, admin: Cast, stranger: Client, path: str) -> None:
    elsewhere = Organization.objects.create(name="Elsewhere")
    ask = (
        (lambda who: who.get(path))
        if path == PAGE
        else (lambda who: who.post(path, {"requests": "50", "window_s": 60}))
    )

    assert ask(member.browser).status_code == 403
    assert ask(admin.browser).status_code == 403
    assert ask(stranger)["Location"].startswith("/accounts/login/")
    Membership.objects.filter(user=member.user).update(organization=elsewhere, role="owner")
    assert ask(member.browser).status_code == 403
    assert not RateClass.objects.exists()


def test_an_unknown_class_is_not_found(owner: Cast) -> None:
    assert owner.browser.post(f"{PAGE}gods/", {"requests": "50", "window_s": "60"}).status_code == 404
    assert change(owner.browser, "gods", {"requests": 50}).status_code == 404  # type: ignore[attr-defined]


def test_everybody_may_read_the_limits_over_rest(member: Cast) -> None:
    answer = member.browser.get(REST).json()

    assert answer["factor"] == 1.0
    assert [(each["name"], each["requests"]) for each in answer["results"]] == [
        ("anonymous", 1000),
        ("member", 5000),
        ("premium", None),
    ]


def test_an_owner_changes_and_resets_over_rest_and_what_is_left_out_stays(owner: Cast) -> None:
    first = change(owner.browser, "member", {"requests": 60})
    second = change(owner.browser, "member", {"window_s": 60})
    reset = owner.browser.delete(f"{REST}/member")

    assert [first.json()["requests"], first.json()["window_s"]] == [60, 3600]  # type: ignore[attr-defined]
    assert [second.json()["requests"], second.json()["window_s"]] == [60, 60]  # type: ignore[attr-defined]
    assert reset.json()["is_default"] is True


@pytest.mark.parametrize(
    "body", [{"requests": -1}, {"requests": 0}, {"requests": "x"}, {"requests": 10**30}, {"window_s": 0}, []]
)
def test_rest_refuses_what_is_no_limit(owner: Cast, body: object) -> None:
    assert change(owner.browser, "member", body).status_code == 422  # type: ignore[attr-defined]
    assert not RateClass.objects.exists()


def test_no_key_changes_a_limit_and_no_member(owner: Cast, member: Cast) -> None:
    _, secret = create_api_key(actor=owner.actor, name="k", scopes=[Scope.ADMIN])
    by_key = Client().patch(
        f"{REST}/member", b"{}", content_type="application/json", headers={"Authorization": f"Bearer {secret}"}
    )

    assert by_key.status_code == 403
    assert change(member.browser, "member", {"requests": 60}).status_code == 403  # type: ignore[attr-defined]


@at_once
def test_the_terminal_sets_a_limit(owner: Cast) -> None:
    call_command("set_rate_limit", "member", "none")

    assert in_force() == (None, 3600)
    with pytest.raises(CommandError):
        call_command("set_rate_limit", "member", "lots")
    with pytest.raises(CommandError):
        call_command("set_rate_limit", "gods", "100")
