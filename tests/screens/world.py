"""A seeded product for the screens: bin/up, a fake Ollama, an owner with a full workspace."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page

from tests.doubles.fake_ollama import FakeOllama
from tests.doubles.fake_openai import FakeOpenAI
from tests.journeys.conftest import PASSWORD, OllamaThread, Product, sign_in
from tests.screens.states import Screen
from tests.support.prepared import prepared_stack

_EMAIL = "irene@example.test"
_SEED = "import json; from tests.screens.seed import seed; print('SEEDED ' + json.dumps(seed('{email}', '{password}', {servers})))"
_SETTLED_MS = 600


@dataclass
class World:
    """Where everything is, and the cookies of its people."""

    product: Product
    ids: dict[str, str]
    cookies: dict[str, list[object]] = field(default_factory=dict)

    def open(self, context: BrowserContext, screen: Screen) -> Page:
        """This will open a screen in a new tab and bring it into its state."""
        if screen.person:
            context.add_cookies(self.cookies[screen.person])  # type: ignore[arg-type]  # what the browser gave is what it takes
        page = context.new_page()
        self.show(page, screen)
        return page

    def show(self, page: Page, screen: Screen) -> None:
        """This will go to a screen and bring it into its state."""
        page.set_extra_http_headers({"Accept-Language": screen.language})
        page.goto(self.product.url + screen.path.format(**self.ids))
        page.wait_for_load_state("networkidle")
        if screen.steps:
            screen.steps(page)
        page.wait_for_timeout(_SETTLED_MS)


@contextmanager
def seeded_world(browser: Browser) -> Iterator[World]:
    """This will run the product, fill it and sign its owner in."""
    ollama = OllamaThread()
    # Slow enough to be seen at work, and over before anybody waits for it.
    ollama.answers(tokens=120, rate=40)
    servers = _neighbors(ollama)
    try:
        with prepared_stack(env={"OLLAMA_HOST": ollama.server.url}) as stack:
            product = Product(stack, ollama)
            cookies = _become_owner(browser, product)
            done = stack.manage("shell", "-c", _SEED.format(email=_EMAIL, password=PASSWORD, servers=servers))
            line = next((line for line in done.stdout.splitlines() if line.startswith("SEEDED ")), None)
            assert line is not None, done.stdout + done.stderr
            ids = json.loads(line.removeprefix("SEEDED "))
            others = {each: _enter(browser, product, ids[each]) for each in ("viewer", "newcomer", "limited")}
            yield World(product, ids, {"owner": cookies, **others})
    finally:
        ollama.stop()


def _neighbors(ollama: OllamaThread) -> dict[str, str]:
    """Servers of the seed that answer: one more with models, one without any, and one that refuses the key it is given."""
    second, empty = FakeOllama(), FakeOllama()
    ollama.server.loaded = ["fake:latest"]
    second.models |= {f"team-model-{number}:8b-instruct": ["completion", "tools"] for number in range(1, 9)}
    empty.models = {}
    refusing = FakeOpenAI(key="sk-of-this-year")
    return {
        "second": ollama.beside(second).url,
        "empty": ollama.beside(empty).url,
        "refusing": f"{ollama.beside(refusing).url}/v1",
    }


def _become_owner(browser: Browser, product: Product) -> list[object]:
    page = browser.new_page()
    page.goto(product.stack.wait_for_owner_link())
    page.get_by_label("Name").fill("Irene Manou")
    page.get_by_label("Email").fill(_EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make my account").click()
    page.wait_for_url(f"{product.url}/")
    cookies = page.context.cookies()
    page.context.close()
    return list(cookies)


def _enter(browser: Browser, product: Product, email: str) -> list[object]:
    page = browser.new_page()
    sign_in(page, product, email)
    cookies = page.context.cookies()
    page.context.close()
    return list(cookies)


def picture_folder(root: Path) -> Path:
    """This will name the folder of pictures, which git ignores."""
    return root / "screenshots"
