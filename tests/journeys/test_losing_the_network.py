"""The line breaks in the middle, the person types on: nothing is lost, nothing doubled."""

import pytest
from playwright.sync_api import BrowserContext, Page, WebSocketRoute, expect

from tests.doubles.texts import expected_text
from tests.journeys.conftest import Product
from tests.journeys.steps import answers, copied_markdown, finished, messages, send, wait_until_written

pytestmark = [pytest.mark.browser, pytest.mark.stack]


class Line:
    """The page's socket, to be cut and mended; `swallow` names frames that are lost on the way to the page."""

    def __init__(self, page: Page) -> None:
        self.is_up = True
        self.swallow: set[str] = set()
        self.open: list[WebSocketRoute] = []
        page.route_web_socket("**/ws/", self._route)

    def _route(self, client: WebSocketRoute) -> None:
        if not self.is_up:
            client.close()
            return
        server = client.connect_to_server()
        server.on_message(lambda frame: None if self._is_lost(str(frame)) else client.send(frame))
        self.open.append(client)

    def _is_lost(self, frame: str) -> bool:
        lost = next((kind for kind in self.swallow if f'"type":"{kind}"' in frame), None)
        self.swallow.discard(lost or "")
        return lost is not None

    def cut(self, *, for_good: bool = True) -> None:
        self.is_up = not for_good
        for socket in self.open:
            socket.close()
        self.open.clear()

    def mend(self) -> None:
        self.is_up = True


def _page_with_line(product: Product, member_context: BrowserContext) -> tuple[Page, Line]:
    page = member_context.new_page()
    line = Line(page)
    page.goto(product.url)
    return page, line


def test_typing_on_while_offline_loses_and_doubles_nothing(product: Product, member_context: BrowserContext) -> None:
    product.ollama.answers(tokens=150, rate=40)
    page, line = _page_with_line(product, member_context)
    send(page, "First question")
    wait_until_written(page)

    line.cut()
    expect(page.locator("#fine")).to_contain_text("What you send is kept")
    send(page, "Second question")
    send(page, "Third question")
    assert page.get_by_text("Waiting for the connection").count() == 2
    line.mend()

    expect(finished(page)).to_have_count(3, timeout=60_000)
    expect(page.locator("#fine")).to_have_text("Answers can be wrong. Check what matters.")
    assert messages(page) == ["First question", "Second question", "Third question"]
    for index, prompt in enumerate(messages(page)):
        assert copied_markdown(page, index) == expected_text(prompt, 150)
    page.reload()
    assert messages(page) == ["First question", "Second question", "Third question"]


def test_a_message_whose_ack_was_lost_counts_once(product: Product, member_context: BrowserContext) -> None:
    product.ollama.answers(tokens=40, rate=60)
    page, line = _page_with_line(product, member_context)
    expect(page.get_by_label("Message", exact=True)).to_be_focused()
    line.swallow = {"ack"}
    send(page, "Only once")
    page.wait_for_timeout(500)

    line.cut(for_good=False)

    expect(finished(page)).to_have_count(1, timeout=30_000)
    page.reload()
    assert messages(page) == ["Only once"]


def test_a_message_kept_offline_survives_a_reload(product: Product, member_context: BrowserContext) -> None:
    product.ollama.answers(tokens=20, rate=60)
    page, line = _page_with_line(product, member_context)
    line.cut()
    send(page, "Kept over a reload")

    page.reload()
    expect(page.locator(".turn.mine .bubble")).to_have_text("Kept over a reload")
    line.mend()

    expect(finished(page)).to_have_count(1, timeout=30_000)
    assert messages(page) == ["Kept over a reload"]


def test_a_message_kept_offline_can_be_withdrawn(product: Product, member_context: BrowserContext) -> None:
    page, line = _page_with_line(product, member_context)
    line.cut()
    send(page, "Never mind")

    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_label("Message", exact=True)).to_have_value("Never mind")
    line.mend()
    page.wait_for_timeout(1500)

    assert messages(page) == []
    assert answers(page).count() == 0


def test_tokens_lost_on_the_way_are_asked_for_again(product: Product, member_context: BrowserContext) -> None:
    product.ollama.answers(tokens=150, rate=60)
    page, line = _page_with_line(product, member_context)
    send(page, "With holes")
    for _ in range(4):
        page.wait_for_timeout(300)
        line.swallow = {"token"}

    expect(finished(page)).to_have_count(1, timeout=30_000)
    assert copied_markdown(page, 0) == expected_text("With holes", 150)
