"""A seeded product for the screens: bin/up, a fake Ollama, an owner with a full workspace."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page

from tests.journeys.conftest import PASSWORD, OllamaThread, Product
from tests.screens.states import Screen
from tests.support.stack import Stack

_EMAIL = "irene@example.test"
_SEED = "import json; from tests.screens.seed import seed; print('SEEDED ' + json.dumps(seed('{email}')))"
_SETTLED_MS = 600


@dataclass
class World:
    """Where everything is, and the cookies of its owner."""

    product: Product
    ids: dict[str, str]
    cookies: list[object] = field(default_factory=list)

    def open(self, context: BrowserContext, screen: Screen) -> Page:
        """This will open a screen and bring it into its state."""
        if screen.is_signed_in:
            context.add_cookies(self.cookies)  # type: ignore[arg-type]  # what the browser gave is what it takes
        page = context.new_page()
        page.goto(self.product.url + screen.path.format(**self.ids))
        page.wait_for_load_state("networkidle")
        if screen.steps:
            screen.steps(page)
        page.wait_for_timeout(_SETTLED_MS)
        return page


@contextmanager
def seeded_world(browser: Browser) -> Iterator[World]:
    """This will run the product, fill it and sign its owner in."""
    ollama = OllamaThread()
    try:
        with Stack(env={"OLLAMA_HOST": ollama.server.url}) as stack:
            product = Product(stack, ollama)
            cookies = _become_owner(browser, product)
            done = stack.manage("shell", "-c", _SEED.format(email=_EMAIL))
            line = next((line for line in done.stdout.splitlines() if line.startswith("SEEDED ")), None)
            assert line is not None, done.stdout + done.stderr
            yield World(product, json.loads(line.removeprefix("SEEDED ")), cookies)
    finally:
        ollama.stop()


def _become_owner(browser: Browser, product: Product) -> list[object]:
    link = product.stack.owner_link
    assert link is not None
    page = browser.new_page()
    page.goto(link)
    page.get_by_label("Name").fill("Irene Manou")
    page.get_by_label("Email").fill(_EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make my account").click()
    page.wait_for_url(f"{product.url}/")
    cookies = page.context.cookies()
    page.context.close()
    return list(cookies)


def picture_folder(root: Path) -> Path:
    """This will name the folder of pictures, which git ignores."""
    return root / "screenshots"
