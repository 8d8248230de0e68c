"""What an answer can hold, as a person sees it: formulas, diagrams, notes, tasks, code."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Product
from tests.journeys.steps import answers, finished, send

pytestmark = [pytest.mark.browser, pytest.mark.stack]
RICH = r"""Costs $5 or $10, and $e^{i\pi}+1=0$ holds[^1]. A broken one: $\frac{1}{$.

$$
x = \frac{-b}{2a}
= y
$$

- [x] done
- [ ] to do

```mermaid
graph TD
  A[Question] --> B[Answer]
```

```elixir
defmodule A do
end
```

[^1]: By Euler.
"""
# Work on no day of the week: mermaid seeks the end of the task for ever.
HANGING = "```mermaid\ngantt\n  dateFormat YYYY-MM-DD\n  excludes monday,tuesday,wednesday,thursday,friday,saturday,sunday\n  A task :2026-01-01, 3d\n```\n"


def say(product: Product, page: Page, text: str, *, rate: float = 200) -> None:
    """Have the model say a text, in pieces of its words."""
    product.ollama.answers(pieces=tuple(re.findall(r"\s*\S+|\s+$", text)), rate=rate)
    send(page, "say it")
    expect(finished(page)).to_have_count(1, timeout=30_000)


def seen(page: Page) -> str:
    """The answer's HTML, but for what differs by nature: the order of attributes and names of pictures."""
    html: str = page.evaluate(
        """() => {
          const copy = document.querySelector('.answer .prose').cloneNode(true);
          for (const link of copy.querySelectorAll('a, img')) for (const name of ['rel', 'src']) link.removeAttribute(name);
          return copy.innerHTML;
        }"""
    )
    return html


def wait_until_drawn(page: Page) -> None:
    expect(page.locator(".diagram .drawing img")).to_have_count(1, timeout=30_000)
    expect(page.locator(".formula")).to_have_count(2)
    expect(page.locator(".code .hljs-keyword").first).to_be_visible()


def test_an_answer_with_everything_is_drawn_and_looks_the_same_after_a_reload(product: Product, page: Page) -> None:
    say(product, page, RICH)
    wait_until_drawn(page)
    expect(page.locator("code.maths.broken")).to_have_text(r"\frac{1}{")
    expect(page.locator("li.task")).to_have_count(2)
    written = seen(page)

    page.reload()

    wait_until_drawn(page)
    assert seen(page) == written


def test_a_note_and_its_number_lead_to_each_other(product: Product, page: Page) -> None:
    say(product, page, RICH)

    page.get_by_role("button", name="Footnote 1").click()

    expect(page.locator("ol.footnotes li")).to_be_focused()
    page.get_by_role("button", name="Back to the text").click()
    expect(page.get_by_role("button", name="Footnote 1")).to_be_focused()


def test_a_diagram_shows_its_source_and_comes_larger(product: Product, page: Page) -> None:
    say(product, page, RICH)
    wait_until_drawn(page)
    diagram = page.locator(".diagram")

    diagram.get_by_role("button", name="Show source").click()

    expect(diagram.locator("pre")).to_contain_text("A[Question] --> B[Answer]")
    expect(diagram.locator("img")).to_be_hidden()
    diagram.get_by_role("button", name="Show picture").click()
    expect(diagram.get_by_role("img", name="Question, Answer")).to_be_visible()
    diagram.get_by_role("button", name="Open larger").click()
    expect(page.locator("dialog.larger-diagram img")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog.larger-diagram")).to_have_count(0)


def test_a_diagram_follows_the_theme(product: Product, page: Page) -> None:
    page.emulate_media(color_scheme="light")
    say(product, page, RICH)
    wait_until_drawn(page)
    picture = page.locator(".diagram img")
    by_day = picture.get_attribute("src")

    page.emulate_media(color_scheme="dark")

    expect(picture).not_to_have_attribute("src", by_day or "", timeout=15_000)


def test_a_diagram_that_hangs_costs_neither_the_page_nor_the_next_diagram(product: Product, page: Page) -> None:
    say(product, page, HANGING + "\n```mermaid\ngraph TD\n  A[Question] --> B[Answer]\n```\n", rate=0)

    expect(page.locator(".diagram[data-broken]")).to_contain_text("could not be drawn", timeout=80_000)
    expect(page.locator(".diagram .drawing img")).to_have_count(1, timeout=30_000)


def test_long_lines_of_code_wrap_on_demand(product: Product, page: Page) -> None:
    say(product, page, "```\n" + "word " * 200 + "\n```\n")
    code = page.locator(".code pre")
    assert code.evaluate("(pre) => pre.scrollWidth > pre.clientWidth")

    page.get_by_role("button", name="Wrap long lines").click()

    assert code.evaluate("(pre) => pre.scrollWidth <= pre.clientWidth")


def test_an_own_long_message_is_closed_and_opens(product: Product, page: Page) -> None:
    product.ollama.answers(tokens=5)
    send(page, "\n".join(f"line {n}" for n in range(100)))
    expect(finished(page)).to_have_count(1)
    bubble = page.locator(".turn.mine .bubble")
    closed = bubble.bounding_box()

    page.get_by_role("button", name="Show all").click()

    opened = bubble.bounding_box()
    assert closed is not None
    assert opened is not None
    assert opened["height"] > 2 * closed["height"]
    expect(answers(page)).to_have_count(1)
