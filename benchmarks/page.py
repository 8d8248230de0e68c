"""The chat page in headless Chromium: what an answer and a very long conversation cost its main thread.

python -m benchmarks.page [--tokens 5000] [--rate 200] [--messages 10000] [--no-answer] [--no-long]

An answer is written token by token three times in one run: by the page, by a page that shows the whole
text again with every token (what a chat does that does not think of it), and not at all (a page that
waits as long), so that the machine's noise is in all three. Then a conversation of many messages is
opened and typed into.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page

from benchmarks.chat import PASSWORD, ROOT, fake_ollama, percentile
from olympus.runtime.frontend import find_node
from tests.doubles.texts import expected_text
from tests.support.chromium import chromium
from tests.support.stack import Stack

EMAIL = "reader@example.org"
TYPED = "What did we say about the harbor, and how far is it from the mountain?"
# A display shows sixty frames a second; a frame that comes half of one late was lost.
FRAME_MS = 1000 / 60
_WATCH = """() => {
  window.frames_ = []; window.tasks_ = [];
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => tasks_.push(entry.duration))).observe({ type: 'longtask' });
  let last = performance.now();
  const tick = (now) => { frames_.push(now - last); last = now; requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
}"""
_NAIVE = """
import { render } from './frontend/src/chat/markdown.js';
import { decorate } from './frontend/src/chat/decorate.js';
globalThis.showWhole = (root, text) => { root.replaceChildren(render(text)); decorate([...root.children]); };
"""


def answer_text(tokens: int) -> list[str]:
    """The tokens of an answer as models write them: paragraphs, lists, code, tables, formulas."""
    parts = []
    for number in range(1 + tokens // 150):
        parts.append(expected_text(f"part {number}", 110))
        parts.append(f"\n\nWhere $x_{number}^2 + y = {number}$ holds, and\n\n$$\n\\frac{{{number}}}{{2}}\n$$\n\n")
        parts.append(
            "```python\ndef area(r: float) -> float:\n    return 3.14 * r ** 2\n```\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n"
        )
    return re.findall(r"\s*\S+|\s+$", "".join(parts))[:tokens]


class Reader:
    """A signed-in person's page, and what its main thread did."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.devtools: CDPSession = page.context.new_cdp_session(page)
        # In time of the thread itself: on a busy machine a task that waits for a core is not at work.
        self.devtools.send("Performance.enable", {"timeDomain": "threadTicks"})

    def sign_in(self) -> None:
        self.page.goto(f"{self.url}accounts/login/")
        self.page.get_by_label("Email").fill(EMAIL)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        self.page.wait_for_url(self.url)

    def metrics(self) -> dict[str, float]:
        found = self.devtools.send("Performance.getMetrics")["metrics"]
        return {one["name"]: one["value"] for one in found}

    def send(self, text: str) -> None:
        self.page.get_by_label("Message", exact=True).fill(text)
        self.page.get_by_label("Message", exact=True).press("Enter")


@contextmanager
def watched(reader: Reader, name: str, tokens: int) -> Iterator[dict[str, float]]:
    """Count what happens within; prints one line and leaves the figures in the mapping."""
    reader.page.evaluate(_WATCH)
    before = reader.metrics()
    figures: dict[str, float] = {}
    yield figures
    after = reader.metrics()
    seen: Any = reader.page.evaluate("() => [frames_.slice(5), tasks_]")
    frames, long_tasks = seen
    figures["task"] = 1000 * (after["TaskDuration"] - before["TaskDuration"])
    figures["script"] = 1000 * (after["ScriptDuration"] - before["ScriptDuration"])
    figures["lost"] = sum(round(took / FRAME_MS) - 1 for took in frames if took > 1.5 * FRAME_MS)
    print(
        f"{name:<28} {figures['task'] / tokens:6.2f} ms/token  script {figures['script'] / tokens:5.2f}  lost frames "
        f"{figures['lost']:4.0f} of {sum(frames) / FRAME_MS:5.0f}  longest {max(frames, default=0):5.0f} ms  "
        f"long tasks {len(long_tasks):3d} ({sum(long_tasks):.0f} ms)"
    )


def measure_answer(reader: Reader, ollama: str, *, tokens: int, rate: float) -> None:
    """The same answer by the page, by showing all of it again every time, and a page that only waits."""
    pieces = answer_text(tokens)
    _script(ollama, pieces, rate)
    page = reader.page
    page.goto(reader.url)
    with watched(reader, "the page", tokens) as ours:
        reader.send("Tell me everything")
        page.locator(".turn.answer[data-over]").wait_for(timeout=1000 * (tokens / rate * 3 + 60))
    page.goto(reader.url)
    with watched(reader, "a page that only waits", tokens) as idle:
        page.wait_for_timeout(1000 * tokens / rate)
    page.goto(reader.url)
    page.evaluate(_bundled(_NAIVE))
    with watched(reader, "all of it with every token", tokens) as naive:
        page.evaluate(
            """async ([pieces, rate]) => {
              const root = document.createElement('div');
              root.className = 'prose';
              document.querySelector('#turns').append(root);
              const began = performance.now();
              let text = '';
              for (let at = 0; at < pieces.length; ) {
                const due = Math.min(pieces.length, Math.floor((performance.now() - began) * rate / 1000));
                for (; at < due; at += 1) { text += pieces[at]; showWhole(root, text); }
                await new Promise((resolve) => setTimeout(resolve, 1000 / rate));
              }
            }""",
            [pieces, rate],
        )
    own, other = ours["task"] - idle["task"], naive["task"] - idle["task"]
    print(
        f"less the waiting page: {own / tokens:.2f} ms a token; all of it every time costs {other / own:.1f} times as much\n"
    )


def measure_long(reader: Reader, conversation: str, messages: int) -> None:
    """Open a conversation of very many messages, and type in it."""
    page, address = reader.page, f"{reader.url}c/{conversation}/"
    served, painted, usable = [], [], []
    for _ in range(5):
        page.goto("about:blank")
        began = time.perf_counter()
        page.goto(address, wait_until="commit")
        page.get_by_label("Message", exact=True).wait_for()
        page.locator(".turn.answer").last.wait_for()
        usable.append(1000 * (time.perf_counter() - began))
        page.wait_for_load_state()
        timing: Any = page.evaluate(
            "() => [performance.getEntriesByType('navigation')[0].responseEnd, performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0]"
        )
        served.append(timing[0])
        painted.append(timing[1])
    print(
        f"{messages} messages: served in {statistics.median(served):.0f} ms, first paint {statistics.median(painted):.0f} ms, "
        f"usable {statistics.median(usable):.0f} ms (worst of 5: {max(usable):.0f} ms)"
    )
    _measure_typing(reader, f"typing in {messages} messages")
    page.goto(reader.url)
    _measure_typing(reader, "typing in an empty chat")


def _measure_typing(reader: Reader, name: str) -> None:
    page = reader.page
    box = page.get_by_label("Message", exact=True)
    box.click()
    page.evaluate(
        """() => {
          window.keys_ = [];
          addEventListener('keydown', () => {
            const began = performance.now();
            requestAnimationFrame(() => setTimeout(() => keys_.push(performance.now() - began)));
          }, true);
        }"""
    )
    before = reader.metrics()
    for key in TYPED:
        page.keyboard.press("Space" if key == " " else key)
        page.wait_for_timeout(40)
    page.wait_for_timeout(300)
    work = 1000 * (reader.metrics()["TaskDuration"] - before["TaskDuration"]) / len(TYPED)
    keys = [took / 1000 for took in page.evaluate("() => keys_")]
    box.fill("")
    print(
        f"{name:<28} main thread {work:.1f} ms a key; key to next frame p50 {percentile(keys, 0.5):.1f}, "
        f"p95 {percentile(keys, 0.95):.1f}, worst {percentile(keys, 1):.1f} ms (a frame alone is {FRAME_MS:.1f})"
    )


def _script(ollama: str, pieces: list[str], rate: float) -> None:
    import urllib.request  # noqa: PLC0415 - only here

    body = json.dumps({"rate": rate, "pieces": pieces}).encode()
    urllib.request.urlopen(
        urllib.request.Request(f"{ollama}/_script", body, {"Content-Type": "application/json"})
    ).close()


def _bundled(source: str) -> str:
    node, _npm = find_node()
    script = (
        "import esbuild from './frontend/node_modules/esbuild/lib/main.js';"
        "const built = await esbuild.build({ stdin: { contents: process.argv[1], resolveDir: '.' }, bundle: true,"
        " format: 'iife', write: false, logLevel: 'error' }); process.stdout.write(built.outputFiles[0].text);"
    )
    command: list[str | Path] = [node, "--input-type=module", "-e", script, source]
    built = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT, timeout=60).stdout
    return f"() => {{ {built} }}"


_FILL = """
from apps.accounts.models import Membership, User
from apps.chat.models import Conversation, Message
from django.utils import timezone
from olympus.kernel.ids import uuid7
person = User.objects.get(email={email!r})
organization = Membership.objects.get(user=person).organization
conversation = Conversation.objects.create(organization=organization, owner=person, title='Ten thousand', updated_at=timezone.now())
parent, rows = None, []
for depth in range({messages}):
    role = 'user' if depth % 2 == 0 else 'assistant'
    text = texts[depth % len(texts)] if depth % 2 else 'And what about number %d?' % depth
    rows.append(Message(id=uuid7(), organization=organization, owner=person, conversation=conversation, role=role,
                        parent_id=parent, depth=depth, text=text, state='complete'))
    parent = rows[-1].id
Message.objects.bulk_create(rows, batch_size=1000)
Conversation.objects.filter(pk=conversation.pk).update(active_leaf=parent)
print('made', conversation.id)
"""


def make_long_conversation(stack: Stack, messages: int) -> str:
    """Store a conversation of so many messages, every second one an answer, and return its id."""
    texts = ["".join(answer_text(60 + 20 * number)) for number in range(20)]
    program = f"texts = {texts!r}\n{_FILL.format(email=EMAIL, messages=messages)}"
    done = stack.manage("shell", "-c", program, timeout_s=180)
    found = re.search(r"made (\S+)", done.stdout)
    assert found is not None, done.stdout + done.stderr
    return found[1]


def main() -> None:
    """Run what was asked for and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=int, default=5000)
    parser.add_argument("--rate", type=float, default=200)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--no-answer", action="store_true")
    parser.add_argument("--no-long", action="store_true")
    asked = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with fake_ollama() as ollama, Stack(env={"OLLAMA_HOST": ollama}) as stack, tempfile.TemporaryDirectory():
        made = stack.manage("create_user", "--email", EMAIL, "--password-stdin", stdin=f"{PASSWORD}\n")
        assert made.returncode == 0, made.stderr
        with chromium() as browser:
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            reader = Reader(page, stack.url)
            reader.sign_in()
            if not asked.no_answer:
                measure_answer(reader, ollama, tokens=asked.tokens, rate=asked.rate)
            if not asked.no_long:
                measure_long(reader, make_long_conversation(stack, asked.messages), asked.messages)


if __name__ == "__main__":
    main()
