"""A workspace as a team leaves it after some weeks; run inside the product by `bin/manage shell`."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from apps.accounts import facade as accounts
from apps.accounts.services.people import create_user
from apps.agents.models import Run
from apps.chat.models import (
    Conversation,
    Message,
    Preset,
    Project,
    Prompt,
    PromptVersion,
    TransferJob,
)
from apps.chat.services.sharing import create_share_link
from olympus.kernel.actor import Actor, Role
from tests.screens.models import seed_models
from tests.screens.pool import seed_pool, use_up_requests
from tests.screens.services import seed_services

RICH = """Tuesday’s import tripled the number of passages, from 410,000 to 1.3 million, and it finished with the vector \
index still switched off.[^1] Every search since then has read the whole table.

## What to do

1. Build the index **without blocking** readers.
2. Let the planner see it:

```sql
SET maintenance_work_mem = '2GB';
CREATE INDEX CONCURRENTLY chunk_embedding_idx
    ON chunk USING hnsw (embedding vector_cosine_ops)
    WITH (m = 16, ef_construction = 64);  -- about 11 minutes here
ANALYZE chunk;
```

On a copy of your data, the same twenty searches took:

| Search | Without index | With index | Faster by |
|---|--:|--:|--:|
| Median | 2,412 ms | 9 ms | 268× |
| 95th percentile | 2,963 ms | 21 ms | 141× |
| Recall of the top 10 | 100% | 98.6% | – |

The loss in recall comes from the index being approximate: with $k$ neighbors and $n$ passages the chance is
$$P = 1 - \\left(1 - \\frac{k}{n}\\right)^{ef}$$

```mermaid
graph LR
  Question --> Router
  Router -->|search| Passages
  Router --> Memory
  Passages --> Answer
  Memory --> Answer
```

- [x] Index built
- [ ] `hnsw.ef_search` raised to 100 for legal review

> Nothing is broken or lost.

[^1]: See lines 88 to 91 of the import's log.
"""
_TITLES = [
    (0, "Release notes for 4.2"), (0, "Contract clauses on data residency"), (1, "Interview themes, March cohort"),
    (1, "Rewrite the onboarding email"), (1, "Postgres partitioning options"), (3, "Quarterly budget, second pass"),
    (4, "Translate the safety leaflet"), (5, "Naming the telemetry service"), (6, "Compare three embedding models"),
    (20, "Board paper: risks"), (20, "Regex for invoice numbers"), (60, "東京出張の計画"),
]  # fmt: skip

_ARABIC = "خطة السفر إلى القاهرة"


def seed(email: str, password: str, servers: dict[str, str]) -> dict[str, str]:
    """This will fill the person's workspace and return the ids of what the screens show."""
    actor = accounts.actor_by_email(email)
    assert actor is not None
    people = _others(password)
    project = Project.objects.create(
        **_own(actor), name="Search rebuild", instructions="Answer in the terms of Postgres 18. Name risks first."
    )
    for days, title in _TITLES:
        _pair(_conversation(actor, title, days=days), "What should we do?", "Begin with the risks.")
    main = _conversation(actor, "Why search slowed down", project=project)
    question, answer = _pair(main, "Search has felt slow since Tuesday’s import. What changed?", RICH)
    _said(main, question.parent, "user", "An older wording of the question.")
    _said(main, question, "assistant", "Another answer to the same question.")
    _pair(
        main, "Show me the fix, and how much faster it will be.", RICH, parent=answer, thinking="They want figures.",
        model="fake:latest",
    )  # fmt: skip
    compared = _compared(actor)
    broken = _conversation(actor, "An answer that was cut short", is_unread=True)
    _pair(
        broken, "Tell me everything.", "The first part is here, and then the line", state="interrupted",
        error_code="provider_unreachable", error_message="The model server went away.",
    )  # fmt: skip
    Conversation.objects.filter(title="Release notes for 4.2").update(pinned_at=timezone.now())
    Conversation.objects.filter(title="Board paper: risks").update(archived_at=timezone.now())
    prompt = Prompt.objects.create(**_own(actor), name="review", title="Review a change", is_shared=True)
    PromptVersion.objects.create(
        prompt=prompt,
        number=1,
        text="Review this {{language}} change for {{focus}}.\n\n{{change}}",
        variables=[
            {"name": "language", "label": "Language", "type": "choice", "required": True, "default": "Python",
             "choices": ["Python", "SQL", "TypeScript"]},
            {"name": "focus", "label": "Look for", "type": "text", "required": False, "default": "errors"},
            {"name": "change", "label": "The change", "type": "long_text", "required": True, "default": ""},
        ],
    )  # fmt: skip
    Preset.objects.create(**_own(actor), name="Careful", options={"temperature": 0.2, "system": "Be brief. Cite."})
    _used(actor)
    shared = _conversation(actor, "Shared with the board")
    _pair(shared, "What changed?", RICH)
    link = create_share_link(actor, conversation_id=shared.pk, expires_in_days=30, with_branches=False)
    _transferred(actor)
    arabic = _conversation(actor, _ARABIC)
    _pair(arabic, "كم يوماً نحتاج في القاهرة؟", "ثلاثة أيام تكفي: المتحف، الأهرامات، و`Khan el-Khalili`.")
    pool = seed_pool(actor, servers)
    seed_models(actor, pool["provider"])
    seed_services(actor)
    use_up_requests(people["limited"])
    return {
        "main": str(main.pk), "broken": str(broken.pk), "compared": str(compared.pk),
        **people, **pool, "routed": str(_routed(actor).pk), "shared": str(shared.pk), "token": link.token, "arabic": str(arabic.pk),
        "project": str(project.pk), "prompt": str(prompt.pk), "long": str(_long(actor).pk),
    }  # fmt: skip


def _others(password: str) -> dict[str, str]:
    """Somebody who may only look, somebody who came a moment ago, and somebody who asked too often."""
    people = {"viewer": Role.VIEWER, "newcomer": Role.MEMBER, "limited": Role.MEMBER}
    for name, role in people.items():
        create_user(email=f"{name}@example.test", password=password, name=name.title(), role=role)
    return {name: f"{name}@example.test" for name in people}


def _transferred(actor: Actor) -> None:
    """An import that took most of what there was, one that is under way and one that failed."""
    now = timezone.now()
    TransferJob.objects.create(
        **_own(actor), kind="import", format="chatgpt", state="complete", file_name="conversations.zip", total_count=130,
        done_count=120, skipped_count=8, failed_count=2, finished_at=now,
        report=[{"title": "Untitled", "reason": "It holds no message."}, {"title": "Plans", "reason": "It is damaged."}],
    )  # fmt: skip
    TransferJob.objects.create(
        **_own(actor), kind="import", state="error", file_name="holiday.zip", finished_at=now,
        error_message="This is no export Olympus knows. Nothing was changed.",
    )  # fmt: skip
    TransferJob.objects.create(
        **_own(actor), kind="export", state="running", total_count=24, done_count=9, options={"format": "json"},
        heartbeat_at=now + timedelta(hours=1),
    )  # fmt: skip


def _own(actor: Actor) -> dict[str, Any]:
    return {"organization_id": actor.organization_id, "owner_id": actor.user_id}


def _conversation(actor: Actor, title: str, *, days: int = 0, **more: Any) -> Conversation:
    when = timezone.now() - timedelta(days=days, minutes=10)
    return Conversation.objects.create(**_own(actor), title=title, title_source="person", updated_at=when, **more)


def _said(conversation: Conversation, parent: Message | None, role: str, text: str, **more: Any) -> Message:
    return Message.objects.create(
        conversation=conversation,
        organization_id=conversation.organization_id,
        owner_id=conversation.owner_id,
        parent=parent,
        depth=parent.depth + 1 if parent else 0,
        role=role,
        text=text,
        **({"model": "atlas:70b", "provider": "Ollama", "run_id": uuid4(), **more} if role == "assistant" else more),
    )


def _pair(
    conversation: Conversation, text: str, reply: str, *, parent: Message | None = None, **more: Any
) -> tuple[Message, Message]:
    question = _said(conversation, parent, "user", text)
    answer = _said(conversation, question, "assistant", reply, **more)
    Conversation.objects.filter(pk=conversation.pk).update(active_leaf=answer)
    return question, answer


def _compared(actor: Actor) -> Conversation:
    conversation = _conversation(actor, "Two models on one question")
    question = _said(conversation, None, "user", "Which index fits us?")
    both = uuid4()
    first = _said(conversation, question, "assistant", RICH, comparison_id=both)
    _said(
        conversation, question, "assistant", "", comparison_id=both, model="minor:7b", state="error",
        error_code="provider_unreachable", error_message="The model server cannot be reached.",
    )  # fmt: skip
    Conversation.objects.filter(pk=conversation.pk).update(active_leaf=first)
    return conversation


def _routed(actor: Actor) -> Conversation:
    """Answers that Auto sent on, that came from the cache, that another server finished, and one a budget stopped."""
    conversation = _conversation(actor, "Who answered, and why")
    cellar = "The GPU box in the cellar, behind the second door"
    picked = [
        "Balanced: asks for code and compares two things.",
        f"{cellar} has the model in memory.",
        "OpenAI refuses Olympus.",
    ]
    again = ["Fast: a short question.", "A question that means the same was answered before."]
    routes: list[tuple[str, dict[str, Any]]] = [
        ("Compare two ways to store sessions.", {"asked": "auto", "tier": "balanced", "provider": cellar, "reasons": picked}),
        ("What is a session?", {"asked": "auto", "tier": "fast", "cache": "semantic", "provider": "Ollama", "reasons": again}),
        ("Write the better one.", {"model": "atlas:70b", "provider": "Old workstation", "reasons": ["Old workstation comes first by its priority."],
         "switches": [{"from": "Old workstation", "to": "Ollama", "at": 40, "model": "atlas:70b"}]}),
    ]  # fmt: skip
    last: Message | None = None
    for text, route in routes:
        _, last = _pair(
            conversation,
            text,
            "Keep them in the database: one table, one index, one way to end them.",
            parent=last,
            route={"model": "atlas:70b", **route},
        )
    spent = "Your budget of 100,000 tokens a day is used up. It begins anew at 2026-11-22 00:00 UTC."
    _pair(
        conversation, "And the whole book, please.", "", parent=last, state="error", error_code="budget_exceeded",
        error_message=spent,
    )  # fmt: skip
    return conversation


def _used(actor: Actor) -> None:
    for day in range(28):
        run = Run.objects.create(
            **_own(actor), host="chat", thread_id=uuid4(), subject_id=uuid4(), state="complete", provider="Ollama",
            model="atlas:70b" if day % 3 else "minor:7b", prompt_tokens=900 + 370 * (day % 5), token_count=400 + 90 * day,
        )  # fmt: skip
        Run.objects.filter(pk=run.pk).update(created_at=timezone.now() - timedelta(days=day))


def _long(actor: Actor) -> Conversation:
    conversation = _conversation(actor, "A very long conversation", days=2)
    parent: Message | None = None
    rows = []
    for depth in range(400):
        role = "assistant" if depth % 2 else "user"
        row = Message(
            conversation=conversation, organization_id=actor.organization_id, owner_id=actor.user_id, parent=parent,
            depth=depth, role=role, text=f"Message {depth + 1} of many.", model="atlas:70b" if depth % 2 else "",
        )  # fmt: skip
        rows.append(row)
        parent = row
    Message.objects.bulk_create(rows)
    Conversation.objects.filter(pk=conversation.pk).update(active_leaf=parent)
    return conversation
