"""Files by button, paste and drag: their progress, and what is said where they cannot be taken."""

import base64

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.journeys.conftest import Product
from tests.journeys.steps import finished, send, wait_until_written

pytestmark = [pytest.mark.browser, pytest.mark.stack]
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mNk+M9Qz0AEYBxVSF+FAAhKDveksOjmAAAAAElFTkSuQmCC"
)
_FILES = """([kind, files]) => {
  const data = new DataTransfer();
  for (const { name, type, text, bytes } of files) {
    const content = bytes ? Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0)) : text;
    data.items.add(new File([content], name, { type }));
  }
  if (kind === 'paste') {
    const event = new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
    document.querySelector('#prompt').dispatchEvent(event);
  } else {
    const target = document.querySelector('#thread');
    target.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
  }
}"""


def _clips(page: Page, state: str) -> Locator:
    return page.locator(f"#composer .clip[data-state={state}]")


def _slow_uploads(page: Page, bytes_a_second: int) -> None:
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    limits = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_a_second}
    devtools.send("Network.emulateNetworkConditions", limits)


def test_files_by_button_go_with_the_message(product: Product, page: Page) -> None:
    product.ollama.answers(tokens=10, rate=100)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Attach files").click()
    chooser.value.set_files(
        [
            FilePayload(name="plan.csv", mimeType="text/csv", buffer=b"city,km\nDelphi,3"),
            FilePayload(name="harbor.png", mimeType="image/png", buffer=PNG),
        ]
    )
    expect(_clips(page, "ready")).to_have_count(2)
    expect(page.get_by_text("fake:latest cannot see images. Choose a model that can.")).to_be_visible()
    page.get_by_role("button", name="Remove harbor.png").click()
    send(page, "What is the farthest?")
    expect(finished(page)).to_have_count(1)

    asked = [r.body for r in list(product.ollama.server.log.requests) if r.path == "/api/chat"]
    said = next(body["messages"][-1]["content"] for body in reversed(asked) if "farthest" in str(body["messages"][-1]))
    assert "Delphi,3" in said
    expect(page.locator(".turn.mine .clip")).to_contain_text("plan.csv")


def test_an_upload_shows_its_progress_and_sending_waits_for_it(product: Product, page: Page) -> None:
    product.ollama.answers(tokens=10, rate=100)
    _slow_uploads(page, 150_000)
    page.set_input_files(
        "#composer input[type=file]", [FilePayload(name="long.txt", mimeType="text/plain", buffer=b"word " * 80_000)]
    )
    clip = _clips(page, "sending")
    expect(clip).to_contain_text("%")
    page.get_by_label("Message", exact=True).fill("Read it")
    page.get_by_label("Message", exact=True).press("Enter")
    expect(page.get_by_text("Sends when the files are there.")).to_be_visible()
    assert page.locator(".turn.mine").count() == 0

    expect(page.locator(".turn.mine .clip")).to_contain_text("long.txt", timeout=20_000)
    expect(finished(page)).to_have_count(1)


def test_an_upload_can_be_canceled_and_a_failed_one_sent_again(page: Page) -> None:
    _slow_uploads(page, 20_000)
    page.set_input_files(
        "#composer input[type=file]", [FilePayload(name="long.txt", mimeType="text/plain", buffer=b"word " * 80_000)]
    )
    page.get_by_role("button", name="Cancel long.txt").click()
    expect(page.locator("#composer .clip")).to_have_count(0)
    _slow_uploads(page, -1)

    page.route("**/api/v1/attachments", lambda route: route.abort())
    page.set_input_files("#composer input[type=file]", [FilePayload(name="a.txt", mimeType="text/plain", buffer=b"a")])
    expect(_clips(page, "failed")).to_contain_text("Check the network")
    page.unroute("**/api/v1/attachments")
    page.get_by_role("button", name="Send a.txt again").click()

    expect(_clips(page, "ready")).to_contain_text("a.txt")


def test_what_cannot_be_read_is_refused_in_words(page: Page) -> None:
    page.set_input_files(
        "#composer input[type=file]",
        [
            FilePayload(name="scan.pdf", mimeType="application/pdf", buffer=b"%PDF\x00"),
            FilePayload(name="big.txt", mimeType="text/plain", buffer=b"x" * (2 * 1024 * 1024 + 1)),
        ],
    )

    expect(_clips(page, "failed")).to_have_count(2)
    expect(_clips(page, "failed").first).to_contain_text("Not readable")
    expect(_clips(page, "failed").last).to_contain_text("2 MB at most")


def test_a_pasted_picture_and_a_long_pasted_text_become_files(page: Page) -> None:
    picture = {"name": "image.png", "type": "image/png", "bytes": base64.b64encode(PNG).decode()}
    page.evaluate(_FILES, ["paste", [picture]])
    expect(_clips(page, "ready")).to_contain_text("image.png")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("navigator.clipboard.writeText('All of it. '.repeat(500))")
    page.get_by_label("Message", exact=True).focus()

    page.keyboard.press("Control+V")

    expect(_clips(page, "ready").last).to_contain_text("Pasted text.txt")
    expect(page.get_by_label("Message", exact=True)).to_have_value("")
    page.get_by_role("button", name="Paste as text").click()
    expect(page.get_by_label("Message", exact=True)).to_have_value("All of it. " * 500)
    expect(_clips(page, "ready")).to_have_count(1)


def test_files_are_dropped_anywhere_on_the_page_under_a_veil(page: Page) -> None:
    notes = {"name": "notes.md", "type": "text/markdown", "text": "# Notes"}
    page.evaluate(_FILES, ["dragover", [notes]])
    expect(page.get_by_text("Drop to attach")).to_be_visible()

    page.evaluate(_FILES, ["drop", [notes, {**notes, "name": "more.md"}]])

    expect(page.get_by_text("Drop to attach")).to_be_hidden()
    expect(_clips(page, "ready")).to_have_count(2)


def test_a_message_withdrawn_before_its_turn_gives_back_its_words_and_its_files(product: Product, page: Page) -> None:
    product.ollama.answers(tokens=400, rate=30)
    send(page, "Take your time")
    wait_until_written(page)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Attach files").click()
    chooser.value.set_files([FilePayload(name="plan.csv", mimeType="text/csv", buffer=b"city,km\nDelphi,3")])
    expect(_clips(page, "ready")).to_have_count(1)
    send(page, "What is the farthest?")
    page.get_by_role("button", name="Withdraw").click()

    expect(page.get_by_label("Message", exact=True)).to_have_value("What is the farthest?")
    expect(_clips(page, "ready")).to_have_count(1)
    product.ollama.answers(tokens=10, rate=100)
    page.get_by_label("Message", exact=True).press("Control+Enter")
    expect(finished(page)).to_have_count(2)
    expect(page.locator("#thread .turn.mine .clip")).to_have_count(1)
