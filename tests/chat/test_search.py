"""Search: what is found, by what words, and by whom."""

from time import perf_counter
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apps.chat.engine.search import Piece, fold, has_terms, plan_query, snippet
from apps.chat.models import Conversation, Message, SearchEntry, SearchPending
from apps.chat.pages.search import Hit, search_conversations
from apps.chat.services import delete_conversation, rename_conversation, restore_conversation
from apps.chat.services.indexing import index_pending
from tests.chat.saying import answer, post
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db
# Session, person, membership; then unread texts, titles with their conversations, messages with theirs.
SEARCH = 8
# The projects to narrow it to; the person, the side bar's rows, its pinned ones and those being answered.
PAGE = SEARCH + 5


@pytest.fixture(params=["at once", "once it is read"])
def indexed(request: pytest.FixtureRequest) -> bool:
    """What was just written is found before and after the background has read it."""
    return bool(request.param == "once it is read")


def found(who: Someone, text: str, *, indexed: bool = True, **more: object) -> list[Hit]:
    if indexed:
        while index_pending():
            pass
        assert not SearchPending.objects.exists()
    return search_conversations(who.actor, text, **more).hits  # type: ignore[arg-type]


def shown(hits: list[Hit]) -> list[str]:
    return [
        "".join(f"[{piece.text}]" if piece.is_match else piece.text for piece in (hit.snippet or hit.title))
        for hit in hits
    ]


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("The quick brown fox", "brown quick", "The [quick] [brown] fox"),
        ("A Résumé of it", "resume", "A [Résumé] of it"),
        ("Straße am Fluß", "STRASSE fluss", "[Straße] am [Fluß]"),
        ("ΠΑΡΆΔΕΙΓΜΑ", "παραδειγμα", "[ΠΑΡΆΔΕΙΓΜΑ]"),
        ("Ёлка стоит", "елка", "[Ёлка] стоит"),
        ("typing goes on", "typ", "[typ]ing goes on"),
        ("then the there", "the", "[the]n [the] [the]re"),
        ("then the there", "the the", "[the]n [the] [the]re"),
        ("then the there", "the then", "[then] [the] there"),
        ("once again, on and on: " + "on " * 20, "on again ", "once [again], " + "[on] and [on]: " + "[on] " * 20),
        ("検索api and apiary", "api and", "検索[api] [and] apiary"),
        ("हिन्दी में खोज", "में ", "हिन्दी [में] खोज"),
        ("検索の速度について", "速度", "検索の[速度]について"),
        ("検索の速度について", "検", "[検]索の速度について"),
        ("検索の速度について", "て", "検索の速度につい[て]"),
        ("한국어 검색", "검색", "한국어 [검색]"),
        ("การค้นหาข้อความ", "ค้นหา", "การ[ค้นหา]ข้อความ"),
        ("हिन्दी में खोज", "खोज", "हिन्दी में [खोज]"),
        ("snake_case and kebab-case", "case", "snake_[case] and kebab-[case]"),
        ("one, two: three", '"two three"', "one, [two: three]"),
        ("ＦＵＬＬ ｗｉｄｔｈ", "full width", "[ＦＵＬＬ] [ｗｉｄｔｈ]"),
    ],
)
def test_words_are_found_whatever_their_script_case_and_accents(
    text: str, query: str, expected: str, indexed: bool, owner: Someone
) -> None:
    receipt = post(owner, "Start")
    post(owner, text, conversation_id=receipt.conversation)

    hits = found(owner, query, indexed=indexed)

    assert shown(hits) == [expected]


@pytest.mark.parametrize("query", ["fox hound", '"brown quick"', "quic k", "rown", "索検", "検度", ""])
def test_what_is_not_there_is_not_found(query: str, indexed: bool, owner: Someone) -> None:
    post(owner, "The quick brown fox 検索の速度")

    assert found(owner, query, indexed=indexed) == []


def test_titles_come_before_messages_and_the_newest_first(owner: Someone) -> None:
    for number in range(3):
        receipt = post(owner, f"Marble {number}")
        answer(receipt, f"Of marble, the {number}th")
    rename_conversation(owner.actor, conversation_id=receipt.conversation, title="Gold")

    hits = found(owner, "marble")

    assert [bool(hit.message_id) for hit in hits] == [False] * 2 + [True] * 6
    assert shown(hits)[:4] == ["[Marble] 1", "[Marble] 0", "Of [marble], the 2th", "[Marble] 2"]


def test_nobody_finds_what_is_anothers(owner: Someone, member: Someone, stranger: Someone, indexed: bool) -> None:
    post(owner, "a secret of mine")

    assert found(member, "secret", indexed=indexed) == found(stranger, "secret", indexed=indexed) == []
    assert len(found(owner, "secret")) == 2


def test_deleted_conversations_are_not_found_until_they_are_restored(owner: Someone, indexed: bool) -> None:
    receipt = post(owner, "pebbles")
    delete_conversation(owner.actor, conversation_id=receipt.conversation)

    while_deleted = found(owner, "pebbles", indexed=indexed)
    restore_conversation(owner.actor, conversation_id=receipt.conversation)

    assert while_deleted == []
    assert len(found(owner, "pebbles", indexed=indexed)) == 2


def test_archived_ones_are_found_and_marked(owner: Someone) -> None:
    receipt = post(owner, "pebbles")
    Conversation.objects.filter(pk=receipt.conversation).update(archived_at=timezone.now())

    assert [hit.is_archived for hit in found(owner, "pebbles")] == [True, True]
    assert found(owner, "pebbles", is_archived=False) == []


def test_a_changed_text_is_found_by_its_new_words_alone(owner: Someone, indexed: bool) -> None:
    receipt = post(owner, "Question")
    answer(receipt, "before")
    found(owner, "before", indexed=indexed)
    answer(receipt, "afterwards")

    assert found(owner, "before", indexed=indexed) == []
    assert shown(found(owner, "afterwards", indexed=indexed)) == ["[afterwards]"]


def test_texts_without_bounds_are_stored_and_their_beginning_is_found(owner: Someone) -> None:
    receipt = post(owner, "Question")
    answer(receipt, "needle " + "x" * 1_000_000)
    wide = post(owner, "Another")
    answer(wide, " ".join(f"{number:x}字" * 8 for number in range(50_000)))

    assert len(found(owner, "needle")) == 1
    assert SearchEntry.objects.count() == 6


@pytest.mark.parametrize(
    "query",
    ["'", "\\", "a & | ! <-> :*", "'); DROP TABLE chat_message; --", '"', '""""', "%s %(x)s", "\u202e", "💥", "\x00", "x" * 100_000,
     "a " * 50_000, "字" * 100_000, '"' * 100_000, "́" * 1000],
)  # fmt: skip
def test_hostile_queries_are_words_or_nothing(query: str, indexed: bool, owner: Someone) -> None:
    post(owner, "It's a \\ test")

    found(owner, query, indexed=indexed)

    assert Conversation.objects.count() == 1


def test_a_run_of_marks_is_read_as_soon_as_other_texts() -> None:
    text = "E" + "\u0301\u0327" * 50_000 + " Cafe\u0301"
    query = plan_query("cafe")
    begun = perf_counter()

    is_found, pieces = has_terms(query, text), snippet(query, text)

    assert perf_counter() - begun < 3
    assert fold(text) == "e cafe"
    assert is_found
    assert Piece("Café", is_match=True) in pieces


def test_words_everywhere_and_words_nowhere_else_are_both_found(owner: Someone) -> None:
    receipt = post(owner, "the first, with a rarity")
    _fill(owner, receipt.conversation, 2500)

    assert shown(found(owner, "rarity the"))[-1] == "[the] first, with a [rarity]"
    assert len(found(owner, "the", limit=50)) == 50
    assert len(found(owner, "the rar")) == 2


def test_text_of_a_hit_is_no_markup(owner: Someone) -> None:
    post(owner, "<script>alert('needle')</script>")

    page = owner.client().get("/search/", {"q": "needle"}).content.decode()

    assert "<script>alert" not in page
    assert "alert(&#x27;<mark>needle</mark>&#x27;)" in page


def test_search_asks_the_same_however_much_there_is(
    owner: Someone, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        post(owner, f"pebbles {number}")
    found(owner, "pebbles")
    client = owner.client()

    with django_assert_num_queries(SEARCH):
        answered = client.get("/api/v1/search", {"q": "pebbles"})

    assert len(answered.json()["results"]) == 20


def test_the_page_asks_the_same_however_much_there_is(
    owner: Someone, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        post(owner, f"pebbles {number}")
    found(owner, "pebbles")
    client = owner.client()

    with django_assert_num_queries(PAGE):
        page = client.get("/search/", {"q": "pebbles"}).content.decode()

    assert page.count("<mark>") == 20


def test_programs_get_places_with_what_matched(owner: Someone) -> None:
    receipt = post(owner, "Grey pebbles")

    (title, message) = owner.client().get("/api/v1/search", {"q": "pebb"}).json()["results"]

    assert title["message"] is None
    assert title["url"] == f"/c/{receipt.conversation}/"
    assert title["conversation"]["title_pieces"] == [
        {"text": "Grey ", "is_match": False},
        {"text": "pebb", "is_match": True},
        {"text": "les", "is_match": False},
    ]
    assert message["url"] == f"/c/{receipt.conversation}/?m={receipt.message}"


@pytest.mark.parametrize("query", ["", "?q=a&limit=0", "?q=a&limit=x", "?q=a&project=x", "?q=a&nonsense=1"])
def test_wrong_questions_are_refused_with_the_reason(query: str, owner: Someone) -> None:
    answered = owner.client().get(f"/api/v1/search{query}")

    assert (answered.status_code, answered.json()["status"]) == (422, 422)


def test_the_page_keeps_what_was_asked_and_narrows_it(owner: Someone) -> None:
    receipt = post(owner, "pebbles")
    Conversation.objects.filter(pk=receipt.conversation).update(archived_at=timezone.now())
    client = owner.client()

    page = client.get("/search/", {"q": "pebbles", "archived": "only"}).content.decode()
    without = client.get("/search/", {"q": "pebbles", "archived": "no", "when": "x", "project": "x"}).content.decode()
    part = client.get("/search/", {"q": "pebbles"}, headers={"X-Requested-With": "XMLHttpRequest"}).content.decode()

    assert 'value="pebbles"' in page
    assert page.count("<mark>pebbles</mark>") == 2
    assert "Nothing found" in without
    assert "<html" not in part


def test_the_page_shows_the_first_places_and_more_when_asked(owner: Someone) -> None:
    receipt = post(owner, "pebbles")
    _fill(owner, receipt.conversation, 60)
    found(owner, "the")
    client = owner.client()

    first = client.get("/search/", {"q": "the", "when": "week"}).content.decode()
    more = client.get("/search/?q=the&when=week&all=1").content.decode()
    few = client.get("/search/", {"q": "pebbles"}).content.decode()

    assert first.count('class="found-message"') == 20
    assert 'href="/search/?q=the&amp;when=week&amp;all=1"' in first
    assert more.count('class="found-message"') == 50
    assert ["data-more-found" in page for page in (more, few)] == [False, False]
    assert ["another word narrows it" in page for page in (first, more, few)] == [True, True, False]


def test_titles_leave_half_of_the_places_to_messages_and_take_what_those_leave(owner: Someone) -> None:
    for number in range(6):
        receipt = post(owner, "pebbles")
        rename_conversation(owner.actor, conversation_id=receipt.conversation, title=f"Granite {number}")
    only_titles, few = found(owner, "granite", limit=5), found(owner, "granite", limit=6)
    for number in range(6):
        post(owner, f"Granite {number}", conversation_id=receipt.conversation)

    both = found(owner, "granite", limit=5)

    assert [len(hits) for hits in (only_titles, few)] == [5, 6]
    assert [bool(hit.message_id) for hit in both] == [False] * 2 + [True] * 3


def test_who_is_not_signed_in_searches_nothing(db: None) -> None:
    assert Client().get("/api/v1/search", {"q": "a"}).status_code == 401


def _fill(who: Someone, conversation_id: UUID, count: int) -> None:
    Message.objects.bulk_create(
        Message(
            conversation_id=conversation_id,
            organization_id=who.actor.organization_id,
            owner_id=who.actor.user_id,
            role="user",
            text=f"the {number}",
        )
        for number in range(count)
    )
