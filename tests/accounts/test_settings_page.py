"""All settings on one page and over REST: for the owner to find, change, undo; for nobody else."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from msgspec import Meta

from apps.accounts.models import Organization
from olympus.kernel.actor import Role, Scope
from olympus.kernel.models import AuditEntry, Setting, SettingVersion
from olympus.kernel.options import ENVIRONMENT, change_option, declared_options
from olympus.kernel.options.environment import HIDDEN, without_secrets
from tests.accounts.cast import Cast
from tests.support.cast import someone
from tests.support.options import declaring

PAGE = "/settings/all/"
REST = "/api/v1/settings"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def size() -> Iterator[str]:
    shape = Annotated[int, Meta(ge=1, le=9)]
    with declaring("test.size", shape, 3, "How large a thing is.", unit="apples") as option:
        yield option.name


def patch(browser: Client, name: str, body: object, **headers: str) -> Any:
    return browser.patch(f"{REST}/{name}", json.dumps(body), content_type="application/json", headers=headers)


def undo(browser: Client, name: str, body: object, **headers: str) -> Any:
    return browser.post(f"{REST}/{name}/undo", json.dumps(body), content_type="application/json", headers=headers)


def test_there_are_fewer_than_sixty_settings_in_all() -> None:
    declared = {name for name in declared_options() if not name.startswith("test.")}

    assert len(declared) + len(ENVIRONMENT) < 60


def test_every_setting_says_how_it_is_called_and_what_it_means() -> None:
    declared = [each for each in declared_options().values() if not each.name.startswith("test.")]
    meanings = [str(each.help) for each in (*declared, *ENVIRONMENT)]

    assert [each.name for each in declared if not each.label] == []
    assert all(len(meaning) > 10 and meaning.endswith((".", ")")) for meaning in meanings)


# What the machine or a test sets, and nobody who runs Olympus chooses.
_NOT_SETTINGS = {
    "CI",
    "DJANGO_SETTINGS_MODULE",
    "LD_LIBRARY_PATH",
    "OLYMPUS_CHROMIUM",
    "PATH",
    "PROMETHEUS_MULTIPROC_DIR",
    "XDG_RUNTIME_DIR",
}


def test_the_environment_has_no_setting_the_page_does_not_show() -> None:
    asked = re.compile(r"""environ(?:ment)?(?:\.get\(|\[)\s*["']([A-Z][A-Z0-9_]+)["']""")
    root: Path = django_settings.ROOT_DIR
    read = {
        name
        for folder in ("olympus", "apps")
        for path in (root / folder).rglob("*.py")
        for name in asked.findall(path.read_text())
    }

    assert read - _NOT_SETTINGS - {each.name for each in ENVIRONMENT} == set()


@pytest.mark.django_db(transaction=True)
def test_the_owner_sees_every_setting_with_its_meaning(owner: Cast, django_assert_max_num_queries: Any) -> None:
    change_option("test.size", 5, changed_by_id=owner.user.pk)

    with django_assert_max_num_queries(13):
        page = owner.browser.get(PAGE).content.decode()

    assert all(name in page for name in declared_options())
    assert all(each.name in page for each in ENVIRONMENT)
    assert "How large a thing is." in page
    assert "Default: 3 apples" in page
    assert "Changed by Hera" in page


def test_secrets_are_never_on_the_page(owner: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METRICS_TOKEN", "very-secret-token")
    monkeypatch.setenv(
        "DATABASE_URL", "postgresql://olympus:very-secret-word@db.example/olympus?password=very-secret-too"
    )
    monkeypatch.setenv("PUBLIC_URL", "https://olympus.example.org")

    page = owner.browser.get(PAGE).content.decode() + owner.browser.get(f"{REST}?source=environment").content.decode()

    assert "very-secret" not in page
    assert "db.example" in page
    assert "https://olympus.example.org" in page


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:pw@[::1]:5432/db?sslmode=require", f"postgresql://me:{HIDDEN}@[::1]:5432/db?sslmode=require"),
        ("unix:///run/valkey.sock?db=1", f"unix:///run/valkey.sock?db={HIDDEN}"),
        ("http://127.0.0.1:11434", "http://127.0.0.1:11434"),
        ("password=hunter2", HIDDEN),
        ("http://[::1", HIDDEN),
    ],
)
def test_an_address_is_shown_without_its_secrets(url: str, shown: str) -> None:
    assert without_secrets(url) == shown


def test_settings_are_found_by_their_words(owner: Cast) -> None:
    found = owner.browser.get(PAGE, {"q": "large thing"}).content.decode()
    nothing = owner.browser.get(PAGE, {"q": "zzz\x00" + "z" * 5000}).content.decode()

    assert 'data-setting="test.size"' in found
    assert 'data-setting="chat.sharing"' not in found
    assert "No setting holds these words" in nothing
    assert "data-setting=" not in nothing


def test_a_change_on_the_page_holds_and_is_undone(owner: Cast) -> None:
    changed = owner.browser.post(f"{PAGE}test.size/change/", {"value": "5", "version": "0"}, follow=True)
    stored = Setting.objects.get().value

    owner.browser.post(f"{PAGE}test.size/undo/", {"version": "1"})
    owner.browser.post(f"{PAGE}test.size/undo/", {"version": "2", "to": "1"})
    again = Setting.objects.get().value
    owner.browser.post(f"{PAGE}test.size/reset/", {"version": "3", "page": "one"})

    assert "<p>Size: 5 apples</p>" in changed.content.decode()
    assert 'data-now="Size: 5 apples"' in changed.content.decode()
    assert (stored, again, Setting.objects.count()) == (5, 5, 0)
    history = owner.browser.get(f"{PAGE}test.size/").content.decode()
    assert history.count("Back to this") == 3
    assert "Before all changes" in history


def test_what_an_older_version_stored_and_is_not_possible_any_more_is_said_and_mended(owner: Cast) -> None:
    change_option("test.size", 5)
    Setting.objects.update(value="large " * 100)

    pages = [owner.browser.get(address).content.decode() for address in (PAGE, f"{PAGE}test.size/")]
    read = owner.browser.get(f"{REST}/test.size").json()
    owner.browser.post(f"{PAGE}test.size/reset/", {"version": "1"})

    assert all("An older version stored large large" in page for page in pages)
    assert "not in force" in pages[0]
    assert (read["value"], read["misfit"], read["is_default"]) == (3, "large " * 100, False)
    assert "An older version" not in owner.browser.get(PAGE).content.decode()


def test_a_switch_that_is_off_sends_nothing(owner: Cast) -> None:
    owner.browser.post(f"{PAGE}chat.sharing/change/", {"version": "0"})

    assert Setting.objects.get().value is False


@pytest.mark.parametrize("value", ["12", "many", "", "1e9", "9" * 5000, "\x00", "<b>"])
def test_what_does_not_fit_is_said_beside_the_setting(owner: Cast, value: str) -> None:
    answer = owner.browser.post(f"{PAGE}test.size/change/", {"value": value, "version": "0"})

    assert answer.status_code == 422
    assert "Enter a whole number from 1 to 9." in answer.content.decode()
    assert not Setting.objects.exists()


def test_a_change_of_another_owner_is_not_lost(owner: Cast) -> None:
    change_option("test.size", 5)

    on_page = owner.browser.post(f"{PAGE}test.size/change/", {"value": "7", "version": "0"})

    assert on_page.status_code == 409
    assert "Somebody else changed this setting meanwhile." in on_page.content.decode()
    assert 'value="5"' in on_page.content.decode()
    assert Setting.objects.get().value == 5
    assert 'value="5"' in owner.browser.get(f"{PAGE}test.size/").content.decode()


def test_over_rest_a_setting_is_changed_only_if_it_is_still_what_was_read(owner: Cast) -> None:
    tag = owner.browser.get(f"{REST}/test.size").headers["ETag"]

    first = patch(owner.browser, "test.size", {"value": 5}, **{"If-Match": tag})
    second = patch(owner.browser, "test.size", {"value": 7}, **{"If-Match": tag})

    assert (first.status_code, second.status_code) == (200, 412)
    body = first.json()
    assert (body["value"], body["version"], body["is_default"], body["changed_by"]["name"]) == (5, 1, False, "Hera")
    known = owner.browser.get(f"{REST}/test.size", headers={"If-None-Match": first.headers["ETag"]})
    assert known.status_code == 304


def test_over_rest_a_setting_is_undone_and_reset(owner: Cast) -> None:
    for value in (5, 6):
        patch(owner.browser, "test.size", {"value": value})

    undone = undo(owner.browser, "test.size", {})
    repeated = [undo(owner.browser, "test.size", {"version": 2}, **{"Idempotency-Key": "a"}) for _each in range(2)]
    reset = owner.browser.delete(f"{REST}/test.size")
    versions = owner.browser.get(f"{REST}/test.size/versions", {"limit": 2}).json()
    rest = owner.browser.get(f"{REST}/test.size/versions", {"cursor": versions["next"]}).json()

    assert undone.json()["value"] == 5
    assert [each.json()["version"] for each in repeated] == [4, 4]
    assert (reset.json()["value"], reset.json()["is_default"]) == (3, True)
    assert [each["number"] for each in (*versions["results"], *rest["results"])] == [5, 4, 3, 2, 1]
    assert undo(owner.browser, "test.size", {"version": 99}).status_code == 404
    assert undo(owner.browser, "chat.sharing", {}).json()["code"] == "nothing_to_undo"


def test_over_rest_settings_are_listed_a_page_at_a_time_and_searched(owner: Cast) -> None:
    first = owner.browser.get(REST, {"limit": 3}).json()
    names, following = [each["name"] for each in first["results"]], first["next"]
    while following:
        page = owner.browser.get(REST, {"limit": 20, "cursor": following}).json()
        names += [each["name"] for each in page["results"]]
        following = page["next"]

    assert names == [*sorted(declared_options()), *(each.name for each in ENVIRONMENT)]
    found = owner.browser.get(REST, {"q": "large THING"}).json()["results"]
    assert [(each["name"], each["least"], each["most"], each["unit"]) for each in found] == [
        ("test.size", 1, 9, "apples")
    ]
    assert owner.browser.get(REST, {"cursor": "made up"}).status_code == 422


@pytest.mark.parametrize("body", [{}, {"value": "5"}, {"value": 50}, {"value": None}, {"value": [1]}, [], "x"])
def test_over_rest_what_does_not_fit_is_refused(owner: Cast, body: object) -> None:
    answer = patch(owner.browser, "test.size", body)

    assert answer.status_code == 422
    assert not SettingVersion.objects.exists()


def test_what_the_environment_says_is_not_changed_here(owner: Cast) -> None:
    answers = [
        patch(owner.browser, "LOG_LEVEL", {"value": "DEBUG"}),
        owner.browser.delete(f"{REST}/LOG_LEVEL"),
        undo(owner.browser, "LOG_LEVEL", {}),
    ]

    assert [each.json()["code"] for each in answers] == ["environment_only"] * 3
    assert owner.browser.get(f"{REST}/LOG_LEVEL").json()["source"] == "environment"


def test_what_is_no_setting_is_not_found(owner: Cast) -> None:
    answers = [
        owner.browser.get(f"{PAGE}test.nothing/"),
        owner.browser.post(f"{PAGE}test.nothing/change/", {"value": "1"}),
        owner.browser.get(f"{REST}/test.nothing"),
        patch(owner.browser, "test.nothing", {"value": 1}),
        owner.browser.get(f"{REST}/test.nothing/versions"),
    ]

    assert [each.status_code for each in answers] == [404] * 5


def attempts(browser: Client) -> list[int]:
    """This will try every door and give what each answered."""
    answers = [
        browser.get(PAGE),
        browser.get(f"{PAGE}test.size/"),
        *(browser.post(f"{PAGE}test.size/{verb}/", {"value": "5"}) for verb in ("change", "reset", "undo")),
        browser.get(REST),
        browser.get(f"{REST}/test.size"),
        patch(browser, "test.size", {"value": 5}),
        browser.delete(f"{REST}/test.size"),
        browser.get(f"{REST}/test.size/versions"),
        undo(browser, "test.size", {}),
    ]
    return [each.status_code for each in answers]


def test_nobody_but_an_owner_of_this_olympus_sees_or_changes_settings(admin: Cast, member: Cast, viewer: Cast) -> None:
    stranger = someone("stranger@example.net", Role.OWNER, Organization.objects.create(name="Elsewhere")).client()

    answers = [attempts(browser) for browser in (admin.browser, member.browser, viewer.browser, stranger)]

    assert answers == [[403] * 11] * 4
    assert not SettingVersion.objects.exists()


def test_who_is_not_signed_in_is_sent_to_the_sign_in_page() -> None:
    assert [status for status in attempts(Client()) if status not in {302, 401}] == []


def test_a_key_of_an_owner_reads_and_never_changes(owner: Cast, key_of: Callable[..., str]) -> None:
    bearer = {"Authorization": f"Bearer {key_of(owner, Scope.READ, Scope.WRITE, Scope.ADMIN)}"}
    less = {"Authorization": f"Bearer {key_of(owner)}"}
    program = Client()

    assert program.get(f"{REST}/test.size", headers=bearer).status_code == 200
    assert patch(program, "test.size", {"value": 5}, **bearer).status_code == 403
    assert program.get(f"{REST}/test.size", headers=less).status_code == 403


def test_every_change_is_in_the_audit_log_with_who_made_it(owner: Cast) -> None:
    patch(owner.browser, "test.size", {"value": 5})

    entry = AuditEntry.objects.get(action="setting.change")
    assert (entry.actor_id, entry.organization_id, entry.subject) == (
        owner.user.pk,
        owner.actor.organization_id,
        "test.size",
    )


def test_reading_changes_nothing(owner: Cast) -> None:
    for address in (PAGE, f"{PAGE}test.size/", REST, f"{REST}/test.size", f"{REST}/test.size/versions"):
        assert owner.browser.get(address).status_code == 200

    assert not SettingVersion.objects.exists()
    assert not Setting.objects.exists()


def test_the_admin_shows_settings_and_what_they_were_and_edits_neither(owner: Cast) -> None:
    change_option("test.size", 5, changed_by_id=owner.user.pk)
    version = SettingVersion.objects.get()

    shown = owner.browser.get("/admin/kernel/settingversion/").content.decode()
    answer = owner.browser.post(f"/admin/kernel/settingversion/{version.pk}/change/", {"value": "7"})

    assert "test.size" in shown
    assert answer.status_code == 403
    assert owner.browser.get("/admin/kernel/setting/").status_code == 200
