"""The Models page: a pull that is watched, stopped and taken up again; a model made of another; one kept to a few."""

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, StorageState, expect

from tests.doubles.ollama_managing import Managing, Pull
from tests.doubles.texts import expected_text
from tests.journeys.conftest import Product
from tests.journeys.steps import copied_markdown, finished, send

pytestmark = [pytest.mark.browser, pytest.mark.stack]
QUESTION = "What came of the pull?"
PROMPT = "You are a bard of the islands."
# Long enough to be looked at, reloaded and cancelled; nobody waits for its end.
_SLOW = Pull(size_bytes=2_000_000_000, step_count=600, step_s=0.1)
_FAST = Pull(size_bytes=2_000_000_000, step_count=20)
# A pull goes through the worker's queue of a machine that does much else.
_DONE_MS = 30_000


@pytest.fixture
def server(product: Product) -> Managing:
    """The part of the model server that pulls and makes models."""
    product.ollama.answers(tokens=60, rate=60)
    return product.ollama.server.managing


@pytest.fixture
def page(product: Product, context: BrowserContext, owner: StorageState) -> Page:
    """The owner's Models page."""
    context.add_cookies(owner["cookies"])  # type: ignore[arg-type]  # what the browser gave is what it takes
    page = context.new_page()
    page.goto(f"{product.url}/settings/models/")
    return page


def pull(page: Page, model: str) -> None:
    """This will ask for a model by the form."""
    page.get_by_label("Model", exact=True).fill(model)
    page.get_by_role("button", name="Pull", exact=True).click()
    expect(page.get_by_text(f"{model} is on its way.")).to_be_visible()


def on_its_way(page: Page, model: str) -> Locator:
    """This will find the line of a pull."""
    return page.locator('[data-part="jobs"] [data-row]', has_text=model)


def listed(page: Page, model: str) -> Locator:
    """This will find the line of a model that is there."""
    return page.locator(f'[data-part="models"] [data-row="{model}"]')


def bring(page: Page, server: Managing, model: str) -> None:
    """This will pull a model at once."""
    server.pulls[model] = _FAST
    pull(page, model)
    expect(listed(page, model)).to_be_visible(timeout=_DONE_MS)


def delete(page: Page, product: Product, model: str) -> str:
    """This will delete a model from its own page, and return what was asked before."""
    page.goto(f"{product.url}/settings/models/")
    listed(page, model).get_by_role("link", name="Open").click()
    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog")
    question = dialog.inner_text()
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("is deleted.")).to_be_visible()
    expect(listed(page, model)).to_have_count(0)
    return question


def offered(page: Page, model: str) -> Locator:
    """This will find a model in the chat's menu."""
    return page.locator(f'#model-list [data-model$="/{model}"]')


def test_a_pull_is_watched_through_a_reload_cancelled_taken_up_again_and_answers(
    product: Product, page: Page, server: Managing
) -> None:
    server.pulls["olive:3b"] = _SLOW
    line = on_its_way(page, "olive:3b")

    pull(page, "olive:3b")
    expect(line).to_contain_text("of 2.0 GB", timeout=_DONE_MS)
    seen = line.locator("small").inner_text()
    expect(line.locator("small")).not_to_have_text(seen)
    page.reload()
    expect(line).to_contain_text("of 2.0 GB")
    begun = line.locator("progress").evaluate("bar => bar.value")
    assert begun > 0
    line.get_by_role("button", name="Cancel").click()
    expect(line.locator(".tag")).to_have_text("cancelled")
    server.pulls["olive:3b"] = _FAST
    line.get_by_role("button", name="Try again: olive:3b").click()

    expect(listed(page, "olive:3b")).to_be_visible(timeout=_DONE_MS)
    page.goto(product.url)
    page.get_by_role("button", name="Model:").click()
    offered(page, "olive:3b").click()
    send(page, QUESTION)
    expect(finished(page)).to_have_count(1)
    assert copied_markdown(page, 0) == expected_text(QUESTION, 60)
    delete(page, product, "olive:3b")


def test_a_model_made_of_another_has_its_prompt_and_is_deleted_after_a_warning(
    product: Product, page: Page, server: Managing
) -> None:
    bring(page, server, "laurel:8b")

    listed(page, "laurel:8b").get_by_role("link", name="Open").click()
    page.get_by_role("link", name="Make one of it").click()
    page.get_by_label("Name", exact=True).fill("bard")
    page.get_by_label("System prompt").fill(PROMPT)
    page.get_by_role("button", name="Make it").click()
    listed(page, "bard").get_by_role("link", name="Open").click(timeout=_DONE_MS)

    expect(page.locator(".model-text").first).to_have_text(PROMPT)
    question = delete(page, product, "bard")
    assert "Delete bard:latest from Ollama?" in question
    assert "To have it again it must be pulled again." in question
    delete(page, product, "laurel:8b")


def test_a_model_kept_to_administrators_is_not_there_for_a_member(
    product: Product, browser: Browser, page: Page, server: Managing, signed_in: StorageState
) -> None:
    bring(page, server, "myrtle:8b")
    member = browser.new_context(storage_state=signed_in).new_page()
    member.goto(product.url)
    expect(offered(member, "myrtle:8b")).to_have_count(1)

    listed(page, "myrtle:8b").get_by_role("link", name="Change who may use").click()
    page.get_by_label("Only these").check()
    page.get_by_label("Administrator").check()
    page.get_by_role("button", name="Save").click()
    expect(listed(page, "myrtle:8b")).to_contain_text("Open to administrators")

    member.reload()
    expect(offered(member, "fake:latest")).not_to_have_count(0)
    expect(offered(member, "myrtle:8b")).to_have_count(0)
    member.goto(f"{product.url}/settings/models/")
    expect(listed(member, "fake")).to_be_visible()
    expect(listed(member, "myrtle:8b")).to_have_count(0)
    member.context.close()
    delete(page, product, "myrtle:8b")
