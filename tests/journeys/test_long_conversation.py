"""A conversation of thousands of messages is as easy to be in as a short one."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.conftest import Product, sign_in
from tests.journeys.long_talks import long_talk
from tests.journeys.steps import finished, send

pytestmark = [pytest.mark.browser, pytest.mark.stack]
LENGTH = 2400
MARKED = 700
# A window is 30 turns; four of them, and what was just said.
MOST_TURNS = 150


@pytest.fixture(scope="module")
def talk(product: Product) -> tuple[str, str, str]:
    """A person's address, their long conversation, and its message MARKED."""
    email = product.person()
    conversation, message = long_talk(product, email, length=LENGTH, marked=MARKED)
    return email, conversation, message


@pytest.fixture
def reader(product: Product, context: BrowserContext, talk: tuple[str, str, str]) -> Page:
    """The person's page, not yet at the conversation."""
    product.ollama.answers(tokens=20, rate=0)
    page = context.new_page()
    sign_in(page, product, talk[0])
    return page


def _turns(page: Page) -> int:
    return page.locator("#turns > .turn").count()


def _scroll(page: Page, pixels: int) -> None:
    page.locator("#thread").hover()
    page.mouse.wheel(0, pixels)


def test_it_opens_at_its_end_and_more_comes_as_one_scrolls_up(
    product: Product, reader: Page, talk: tuple[str, str, str]
) -> None:
    reader.goto(f"{product.url}/c/{talk[1]}/")
    expect(reader.locator(f'#turns > [data-depth="{LENGTH - 1}"]')).to_be_in_viewport()
    assert _turns(reader) < 70

    most = 0
    for _ in range(400):
        _scroll(reader, -1500)
        reader.wait_for_timeout(30)
        most = max(most, _turns(reader))
        if reader.locator(f'#turns > [data-depth="{LENGTH - 300}"]').count():
            break

    expect(reader.locator(f'#turns > [data-depth="{LENGTH - 300}"]')).to_have_count(1)
    assert most <= MOST_TURNS
    depths = reader.locator("#turns > .turn").evaluate_all("(turns) => turns.map((turn) => Number(turn.dataset.depth))")
    assert depths == list(range(depths[0], depths[0] + len(depths)))


_IN_SIGHT = """(thread) => {
  thread.scrollTop = 300;
  const top = thread.getBoundingClientRect().top;
  const turn = [...thread.querySelectorAll('#turns > .turn')].find((one) => one.getBoundingClientRect().top > top);
  return [turn.dataset.depth, turn.getBoundingClientRect().top];
}"""


def test_nothing_jumps_while_older_messages_come_in(product: Product, reader: Page, talk: tuple[str, str, str]) -> None:
    reader.goto(f"{product.url}/c/{talk[1]}/?m={talk[2]}")
    expect(reader.locator(f'[data-message="{talk[2]}"]')).to_be_in_viewport()
    reader.wait_for_timeout(500)
    oldest = reader.locator("#turns > .turn").first
    known = str(oldest.get_attribute("data-depth"))

    depth, before = reader.locator("#thread").evaluate(_IN_SIGHT)
    expect(oldest).not_to_have_attribute("data-depth", known)
    reader.wait_for_timeout(500)

    after = reader.locator(f'#turns > [data-depth="{depth}"]').bounding_box()
    assert after is not None
    assert abs(after["y"] - before) < 3


def test_any_message_is_two_steps_away_and_so_is_the_newest(
    product: Product, reader: Page, talk: tuple[str, str, str]
) -> None:
    reader.goto(f"{product.url}/c/{talk[1]}/")
    _scroll(reader, -900)
    position = reader.get_by_role("button", name=re.compile("Jump to another"))
    expect(position).to_contain_text("of 2,400")

    position.click()
    reader.get_by_label("Message number").fill("1001")
    reader.keyboard.press("Enter")

    expect(reader.get_by_text("Question 1001", exact=True)).to_be_in_viewport()
    expect(reader.locator('#turns > [data-depth="1000"]')).to_be_focused()
    assert _turns(reader) <= MOST_TURNS
    reader.get_by_role("button", name="Go to the newest words").click()
    expect(reader.locator(f'#turns > [data-depth="{LENGTH - 1}"]')).to_be_in_viewport()


def test_a_link_leads_to_its_message_and_a_reload_stays_there(
    product: Product, reader: Page, talk: tuple[str, str, str]
) -> None:
    reader.goto(f"{product.url}/c/{talk[1]}/?m={talk[2]}")
    marked = reader.locator(f'[data-message="{talk[2]}"]')
    expect(marked).to_be_in_viewport()
    expect(marked).to_have_attribute("data-marked", "")
    expect(reader).to_have_url(f"{product.url}/c/{talk[1]}/")
    reader.wait_for_timeout(600)

    reader.reload()

    expect(marked).to_be_in_viewport()
    expect(marked).not_to_have_attribute("data-marked", "")


def test_what_is_said_elsewhere_is_told_and_what_is_sent_goes_to_the_end(
    product: Product, reader: Page, talk: tuple[str, str, str]
) -> None:
    # One of its own, since the others count what is in theirs.
    conversation, message = long_talk(product, talk[0], length=300, marked=40)
    reader.goto(f"{product.url}/c/{conversation}/?m={message}")
    marked = reader.locator(f'[data-message="{message}"]')
    expect(marked).to_be_in_viewport()
    second = reader.context.new_page()
    second.goto(f"{product.url}/c/{conversation}/")

    send(second, "From the other tab")
    expect(finished(second).last).to_be_in_viewport()

    expect(reader.get_by_text("New answer below")).to_be_visible()
    expect(marked).to_be_in_viewport()
    send(reader, "And from here")
    expect(reader.get_by_text("And from here", exact=True)).to_be_in_viewport()
    expect(reader.get_by_text("From the other tab", exact=True)).to_have_count(1)
    expect(reader.locator(".turn.answer[aria-busy]")).to_have_count(0)
    assert _turns(reader) <= MOST_TURNS
