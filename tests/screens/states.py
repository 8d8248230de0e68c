"""The screens: where each is, and how one gets it into its state."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

Steps = Callable[[Page], None]


@dataclass(frozen=True, slots=True)
class Screen:
    """One picture: `path` may name seeded ids in braces; `steps` bring the page into its state."""

    name: str
    path: str
    steps: Steps | None = None
    is_signed_in: bool = True
    is_wide_only: bool = False


def _press(keys: str) -> Steps:
    return lambda page: page.keyboard.press(keys)


def _click(role: str, name: str) -> Steps:
    return lambda page: page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]  # a role by its name


def _type(text: str) -> Steps:
    return lambda page: page.get_by_label("Message", exact=True).fill(text)


def _drawer(page: Page) -> None:
    if page.locator("#rail").is_hidden():
        page.get_by_role("button", name="Show the side bar").click()


def _search(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("search")
    page.wait_for_timeout(700)


def _queued(page: Page) -> None:
    field = page.get_by_label("Message", exact=True)
    field.fill("Tell me slowly")
    field.press("Enter")
    page.wait_for_timeout(1200)
    field.fill("And then this")
    field.press("Enter")
    page.wait_for_timeout(600)


def _offline(page: Page) -> None:
    page.context.set_offline(True)
    page.wait_for_timeout(1500)
    page.get_by_label("Message", exact=True).fill("Typed while away")
    page.get_by_label("Message", exact=True).press("Enter")
    page.wait_for_timeout(400)


SCREENS = [
    Screen("sign-in", "/accounts/login/", is_signed_in=False),
    Screen("reset", "/accounts/password/reset/", is_signed_in=False),
    Screen("not-found", "/missing/"),
    Screen("new-chat", "/"),
    Screen("new-chat-typed", "/", _type("Explain the plan\nin two lines")),
    Screen("chat", "/c/{main}/"),
    Screen("chat-compared", "/c/{compared}/"),
    Screen("chat-interrupted", "/c/{broken}/"),
    Screen("chat-long", "/c/{long}/"),
    Screen("chat-streaming-queued", "/", _queued),
    Screen("chat-offline", "/c/{broken}/", _offline),
    Screen("chat-shortcuts", "/c/{broken}/", _press("?")),
    Screen("drawer", "/c/{main}/", _drawer),
    Screen("palette", "/c/{broken}/", _press("Control+k")),
    Screen("palette-search", "/c/{broken}/", _search),
    Screen("slash-menu", "/", _type("/")),
    Screen("search", "/search/?q=index"),
    Screen("search-nothing", "/search/?q=zzzzzz"),
    Screen("archive", "/archive/"),
    Screen("projects", "/projects/"),
    Screen("project", "/projects/{project}/"),
    Screen("prompts", "/prompts/"),
    Screen("prompt", "/prompts/{prompt}/"),
    Screen("profile", "/settings/profile/"),
    Screen("appearance", "/settings/appearance/"),
    Screen("security", "/settings/security/"),
    Screen("keys", "/settings/keys/"),
    Screen("usage", "/settings/usage/"),
    Screen("people", "/settings/people/"),
    Screen("providers", "/settings/providers/"),
    Screen("shortcuts", "/settings/shortcuts/"),
    Screen("data", "/settings/data/"),
    Screen("admin", "/admin/"),
    Screen("admin-runs", "/admin/agents/run/"),
    Screen("admin-conversations", "/admin/chat/conversation/"),
]
