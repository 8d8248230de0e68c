"""What cannot be undone is asked before it is done."""

import pytest
from playwright.sync_api import Browser, StorageState, expect

from tests.journeys.conftest import Product

pytestmark = [pytest.mark.browser, pytest.mark.stack]


def test_disabling_a_person_is_asked_first(product: Product, browser: Browser, owner: StorageState) -> None:
    email = product.person()
    page = browser.new_context(storage_state=owner).new_page()
    page.goto(f"{product.url}/settings/people/")
    row = page.get_by_role("listitem").filter(has_text=email)

    row.get_by_role("button", name="Disable").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(row.get_by_text("Disabled")).to_have_count(0)
    row.get_by_role("button", name="Disable").click()
    page.get_by_role("dialog").get_by_role("button", name="Disable").click()

    expect(row.get_by_text("Disabled", exact=True)).to_be_visible()
    page.context.close()
