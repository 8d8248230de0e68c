"""A person brings conversations along, takes them away again, and shares one."""

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import Product, sign_in
from tests.journeys.steps import finished, send

pytestmark = [pytest.mark.browser, pytest.mark.stack]
CHATGPT = Path(__file__).parents[1] / "chat" / "exports" / "chatgpt.json"


def bring_in(page: Page, product: Product, file: Path | dict[str, Any]) -> str:
    """Import a file on the page of one's data and give what the list says of it."""
    page.goto(f"{product.url}/settings/data/")
    before = page.locator(".transfer").count()
    page.locator('#import-card input[type="file"]').set_input_files(file)  # type: ignore[arg-type]
    expect(page.locator(".transfer")).to_have_count(before + 1)
    newest = page.locator(".transfer").first
    expect(newest).to_have_attribute("data-state", "complete", timeout=40_000)
    return newest.inner_text()


def take_out(page: Page, product: Product) -> bytes:
    """Export everything and download it."""
    page.goto(f"{product.url}/settings/data/")
    before = page.locator(".transfer").count()
    page.get_by_role("button", name="Export", exact=True).click()
    expect(page.locator(".transfer")).to_have_count(before + 1)
    expect(page.locator(".transfer").first).to_have_attribute("data-state", "complete", timeout=40_000)
    with page.expect_download() as download:
        page.locator(".transfer").first.get_by_role("link", name="Download").click()
    return Path(download.value.path()).read_bytes()


def plain(archive: bytes) -> list[Any]:
    """An export with places for ids, which are another account's in each."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        found = json.loads(opened.read("conversations.json"))
    for conversation in found:
        compared: dict[str, int] = {}
        place = {message["id"]: number for number, message in enumerate(conversation["messages"])}
        conversation.pop("id")
        conversation["active_leaf"] = place[conversation["active_leaf"]]
        for message in conversation["messages"]:
            message["parent"] = place.get(message["parent"])
            if message["comparison_id"]:
                message["comparison_id"] = compared.setdefault(message["comparison_id"], len(compared))
            message.pop("id")
    return sorted(found, key=lambda each: str(each["created_at"]))


def test_a_chatgpt_export_comes_in_once_goes_out_and_comes_in_elsewhere_equal(
    product: Product, page: Page, browser: Browser
) -> None:
    first = bring_in(page, product, CHATGPT)
    again = bring_in(page, product, CHATGPT)
    assert "2 taken" in first
    assert "2 here already" in again
    expect(page.locator(".convo", has_text="Marble and its grain")).to_have_count(1)
    exported = take_out(page, product)

    context = browser.new_context()
    elsewhere = context.new_page()
    sign_in(elsewhere, product, product.person())
    file = {"name": "olympus.zip", "mimeType": "application/zip", "buffer": exported}
    bring_in(elsewhere, product, file)

    assert plain(take_out(elsewhere, product)) == plain(exported)
    elsewhere.locator(".convo", has_text="Marble and its grain").click()
    expect(elsewhere.get_by_text("Carrara marble, about 8.1 kg.")).to_be_visible()
    context.close()


def test_a_link_opens_for_anybody_until_it_is_revoked(product: Product, page: Page, browser: Browser) -> None:
    send(page, "What is shared here?")
    expect(finished(page)).to_have_count(1)
    page.get_by_role("button", name="Share", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Make a link").click()
    link = dialog.get_by_label("The link").input_value()

    private = browser.new_context()
    reader = private.new_page()
    answered = reader.goto(link)
    assert answered is not None
    assert answered.headers["referrer-policy"] == "no-referrer"
    expect(reader.get_by_text("What is shared here?").last).to_be_visible()
    expect(reader.get_by_text("Read only")).to_be_visible()
    expect(reader.locator("textarea")).to_have_count(0)
    assert not re.search(r"@example\.test", reader.content())

    dialog.get_by_role("button", name="Revoke").click()
    expect(dialog.get_by_label("The link")).to_have_count(0)
    reader.reload()
    expect(reader.get_by_role("heading", name="This link leads nowhere")).to_be_visible()
    private.close()
