"""Lists and search of a person with 100,000 conversations: what the server needs for each, beside a trivial query.

Run: .venv/bin/python -m benchmarks.listing [--conversations 100000] [--messages 1000000] [--rounds 40]
It fills a Postgres of its own in a temporary folder: about 3 GB and some minutes.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import olympus.runtime.testing  # noqa: F401 - a database of its own, gone at the end

# isort: split
import django

django.setup()

from django.conf import settings  # noqa: E402 - after the settings are there
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from apps.accounts.models import Membership, Organization, User  # noqa: E402
from apps.chat.engine.search import tokens_of  # noqa: E402
from apps.chat.selectors.search import owner_tag  # noqa: E402

_VOCABULARY = 20_000
_TEMPLATES = 4000
_WORDS_A_MESSAGE = 60
_HAN = "検索速度文書会話質問回答都市海山川空花鳥風月時間場所人物歴史科学数学音楽美術"
_OTHERS = 30


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--conversations", type=int, default=100_000)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=40)
    wanted = parser.parse_args()
    settings.ALLOWED_HOSTS = ["*"]
    call_command("migrate", verbosity=0)
    person = _people()
    started = time.perf_counter()
    _fill(person, wanted.conversations, wanted.messages)
    print(
        f"filled in {time.perf_counter() - started:.0f} s; the index of words has {_size('search_words')}", flush=True
    )
    _measure_all(person, wanted.rounds)


def _people() -> list[User]:
    organization = Organization.objects.get_or_create(is_default=True, defaults={"name": "Olympus"})[0]
    people = []
    for number in range(_OTHERS + 1):
        user = User.objects.create(email=f"p{number}@example.test", name=f"Person {number}")
        Membership.objects.create(user=user, organization=organization, role="member")
        people.append(user)
    return people


def _fill(people: Sequence[User], conversations: int, messages: int) -> None:
    random.seed(7)
    with connection.cursor() as cursor:
        for table in ("chat_message", "chat_conversation"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        cursor.execute("DROP INDEX search_words")
        cursor.execute("CREATE TEMPORARY TABLE template (n int PRIMARY KEY, text text, tokens text[])")
        rows = [(n, text, sorted(tokens_of(text))) for n, text in enumerate(_texts())]
        cursor.executemany("INSERT INTO template VALUES (%s, %s, %s)", rows)
        _fill_person(cursor, people[0], conversations, messages)
        for other in people[1:]:
            _fill_person(cursor, other, conversations // 5 // _OTHERS, messages // 5 // _OTHERS)
        cursor.execute("CREATE INDEX search_words ON chat_searchentry USING gin (words) WITH (fastupdate = off)")
        for table in ("chat_message", "chat_conversation"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
        cursor.execute("VACUUM ANALYZE")


def _texts() -> list[str]:
    """Words as often as in language: the first in nearly every text, the last in one of thousands."""
    words = [f"w{rank}" for rank in range(1, _VOCABULARY + 1)]
    weights = [1 / rank for rank in range(1, _VOCABULARY + 1)]
    texts = [" ".join(random.choices(words, weights, k=_WORDS_A_MESSAGE)) for _ in range(_TEMPLATES)]
    for n in range(0, _TEMPLATES, 10):
        texts[n] += " " + "".join(random.choices(_HAN, k=30))
    texts[5] += " 珍しい言葉"
    return texts


def _fill_person(cursor: Any, who: User, conversations: int, messages: int) -> None:
    organization = Organization.objects.get(is_default=True).pk
    each = max(1, messages // max(conversations, 1))
    title, text = owner_tag(who.pk, is_title=True), owner_tag(who.pk, is_title=False)
    cursor.execute(
        f"""
        CREATE TEMPORARY TABLE made ON COMMIT PRESERVE ROWS AS
            SELECT n, gen_random_uuid() AS id, now() - (n * interval '7 minutes') AS at
            FROM generate_series(1, {conversations}) AS n;
        INSERT INTO chat_conversation (id, organization_id, owner_id, title, title_source, created_at, updated_at,
                                       is_unread, settings, pinned_at)
            SELECT id, %(org)s, %(owner)s, 'Title w' || n %% 5000 || ' about u' || n, 'model', at, at, false, '{{}}',
                   CASE WHEN n < 10 THEN at END
            FROM made;
        INSERT INTO chat_searchentry (id, owner_id, conversation_id, is_title, at, words)
            SELECT id, %(owner)s, id, true, at,
                   array_to_tsvector(ARRAY[%(title)s || 'title', %(title)s || 'w' || n %% 5000, %(title)s || 'about',
                                           %(title)s || 'u' || n])
            FROM made;
        CREATE TEMPORARY TABLE said ON COMMIT PRESERVE ROWS AS
            SELECT gen_random_uuid() AS id, made.id AS conversation_id, made.at + m * interval '20 seconds' AS at,
                   m, made.n * {each} + m AS number, floor(random() * {_TEMPLATES})::int AS t
            FROM made, generate_series(0, {each} - 1) AS m;
        INSERT INTO chat_message (id, conversation_id, organization_id, owner_id, depth, role, text, thinking, tool_calls,
                                  state, model, provider, options, token_count, left_out_count, error_code, error_message,
                                  created_at)
            SELECT said.id, conversation_id, %(org)s, %(owner)s, m, CASE WHEN m %% 2 = 0 THEN 'user' ELSE 'assistant' END,
                   template.text || ' unique' || number, '', '[]', 'complete', '', '', '{{}}', 0, 0, '', '', at
            FROM said JOIN template ON template.n = t ORDER BY at;
        INSERT INTO chat_searchentry (id, owner_id, conversation_id, is_title, at, words)
            SELECT said.id, %(owner)s, conversation_id, false, at,
                   array_to_tsvector(ARRAY(SELECT %(text)s || token FROM unnest(template.tokens) AS token)
                                     || (%(text)s || 'unique' || number))
            FROM said JOIN template ON template.n = t ORDER BY at;
        DROP TABLE made; DROP TABLE said;
        """,
        {"org": organization, "owner": who.pk, "title": title, "text": text},
    )


def _measure_all(people: Sequence[User], rounds: int) -> None:
    client = Client()
    client.force_login(people[0], backend="allauth.account.auth_backends.AuthenticationBackend")

    def get(path: str, **query: str) -> Callable[[], Any]:
        def call() -> None:
            answer = client.get(path, query)
            assert answer.status_code == 200, (path, answer.status_code, answer.content[:300])

        return call

    trivial = _measure("trivial query (who am I)", get("/api/v1/me"), rounds, None)
    deep = _deep_cursor(client)
    for name, call in {
        "list, first page": get("/api/v1/conversations"),
        "list, deep page": get("/api/v1/conversations", cursor=deep),
        "rail, first rows": get("/rail/"),
        "rail, deep rows": get("/rail/", after=_deep_rail(people[0])),
        "whole page": get("/"),
    }.items():
        _measure(name, call, rounds, trivial)
    for name, words in _SEARCHES.items():
        _measure(f"search {name}", get("/api/v1/search", q=words), rounds, trivial)
    _measure("search page, everything", get("/search/", q="w1 w2"), rounds, trivial)


_SEARCHES = {
    "rare word": "unique77777",
    "very common word": "w1",
    "word of a tenth": "w30",
    "word of a hundredth": "w400",
    "word of a thousandth": "w4000",
    "two common words": "w1 w2",
    "common and rare": "w1 unique4711",
    "four common words": "w1 w2 w3 w40",
    "two of a tenth": "w31 w37",
    "prefix of everything": "w",
    "prefix, 3 letters": "w12",
    "rare prefix": "unique1234",
    "common word, rare prefix": "w1 unique1234",
    "rare word, common prefix": "unique4711 w",
    "phrase": '"w1 w2"',
    "phrase that is nowhere": '"w900 w901"',
    "one Han character": "検",
    "two Han characters": "検索",
    "rare Han": "珍しい",
    "title": "about u77777",
    "not there": "zzzzzz",
    "hostile": "' & | ! <-> \\ :* \" ( w1",
}


def _measure(name: str, call: Callable[[], Any], rounds: int, trivial_ms: float | None) -> float:
    call()
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        call()
        times.append((time.perf_counter() - started) * 1000)
    times.sort()
    p50, p95 = statistics.median(times), times[int(len(times) * 0.95) - 1]
    beside = f"{p50 / trivial_ms:6.1f} x" if trivial_ms else ""
    print(f"{name:32} p50 {p50:7.1f} ms   p95 {p95:7.1f} ms   {beside}", flush=True)
    return p50


def _deep_cursor(client: Client) -> str:
    cursor = ""
    for _ in range(20):
        query = {"limit": "200", **({"cursor": cursor} if cursor else {})}
        cursor = client.get("/api/v1/conversations", query).json()["next"] or cursor
    return cursor


def _deep_rail(who: User) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT updated_at, id FROM chat_conversation WHERE owner_id = %s ORDER BY updated_at LIMIT 1 OFFSET 1000",
            [who.pk],
        )
        at, pk = cursor.fetchone()
    return f"{at.isoformat()}_{pk}"


def _size(index: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_size_pretty(pg_relation_size(%s::regclass))", [index])
        return str(cursor.fetchone()[0])


if __name__ == "__main__":
    main()
