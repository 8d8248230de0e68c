"""The screens: where each is, and how one gets it into its state."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Locator, Page

Steps = Callable[[Page], None]


@dataclass(frozen=True, slots=True)
class Screen:
    """One picture: `path` may name seeded ids in braces; `steps` bring the page into its state."""

    name: str
    path: str
    steps: Steps | None = None
    person: str | None = "owner"
    language: str = "en"
    # Parts others wrote, which axe is not asked about; each with its reason in the list below.
    foreign: str | None = None


def _press(keys: str) -> Steps:
    return lambda page: page.keyboard.press(keys)


def _shortcuts(page: Page) -> None:
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")


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


def _prompt(page: Page) -> None:
    _type("/review")(page)
    page.get_by_role("option", name="Review a change").click()


def _send(page: Page, text: str) -> None:
    page.get_by_label("Message", exact=True).fill(text)
    page.locator("#composer .send").click()


def _queued(page: Page) -> None:
    _send(page, "Tell me slowly")
    page.locator(".turn.answer .prose > *").first.wait_for()
    _send(page, "And then this")
    page.wait_for_timeout(300)


def _offline(page: Page) -> None:
    page.context.set_offline(True)
    page.evaluate("dispatchEvent(new Event('offline'))")
    _send(page, "Typed while away")
    page.wait_for_timeout(1500)


def _more_for_the_answer(page: Page) -> None:
    page.get_by_role("button", name="More for this answer").last.click()


def _inspector(page: Page) -> None:
    _more_for_the_answer(page)
    page.get_by_role("menuitem", name="See what the model was given").click()


def _editing(page: Page) -> None:
    turn = page.locator(".turn.mine").last
    turn.hover()
    turn.get_by_role("button", name="Edit this message").click()


def _jumping(page: Page) -> None:
    page.locator("#thread").evaluate("thread => thread.scrollTo(0, 0)")
    page.locator("#position").click()


def _row(page: Page) -> Locator:
    _drawer(page)
    return page.locator("#rail-list .row", has_text="Contract clauses")


def _row_menu(page: Page) -> None:
    row = _row(page)
    row.hover()
    row.locator("[data-row-menu]").click()


def _renaming(page: Page) -> None:
    _row(page).locator(".convo").focus()
    page.keyboard.press("F2")


def _archived(page: Page) -> None:
    page.get_by_role("button", name="More for this conversation").click()
    page.get_by_role("menuitem", name="Archive").click()
    page.locator(".toast").wait_for()


def _temporary(page: Page) -> None:
    page.locator("[data-temporary-switch]").click()
    _send(page, "Nobody should keep this")
    page.locator(".turn.answer[data-over]").wait_for()


def _stale_form(page: Page) -> None:
    page.get_by_label("Email").fill("irene@example.test")
    page.get_by_label("Password").fill("marble and gold 7")
    page.context.clear_cookies()
    page.get_by_role("button", name="Sign in", exact=True).click()


def _make_key(page: Page) -> None:
    page.get_by_label("Name").fill("Mine")
    page.get_by_role("button", name="Make the key").click()


def _refuse_budget(page: Page) -> None:
    page.get_by_label("Limit", exact=True).fill("-12")
    page.get_by_role("button", name="Set the limit").click()


def _refuse_setting(page: Page) -> None:
    row = page.locator('[data-setting="gateway.body_megabytes"]')
    row.locator("form").first.evaluate("form => { form.noValidate = true }")
    row.locator('[name="value"]').fill("5000")
    row.locator('[name="value"]').press("Enter")
    row.locator(".errors").wait_for()


def _wait_for_servers(page: Page) -> None:
    page.locator('[data-state="config_error"]').wait_for()


def _explain(page: Page) -> None:
    page.locator("#explain-text").fill(
        "Compare two ways to store sessions, prove which is faster, and write it in Python."
    )
    page.locator("#explain button").click()
    page.locator("[data-explained]:not([hidden])").wait_for()


def _why(page: Page) -> None:
    page.locator(".ignored").evaluate("it => it.open = true")
    card = page.locator("article[data-service]", has_text="gpu-box")
    card.locator("details").evaluate("it => it.open = true")
    card.evaluate("it => it.scrollIntoView()")


def _scan_now(page: Page) -> None:
    page.get_by_role("button", name="Scan now").click()
    page.wait_for_timeout(300)


def _test_nowhere(page: Page) -> None:
    page.get_by_role("button", name="Test gpu-box").click()
    page.locator("[data-service] .proof").first.wait_for()


def _refuse_grant(page: Page) -> None:
    page.get_by_label("Network", exact=True).fill("8.8.8.0/24")
    page.get_by_label("Reason").fill("A look")
    page.get_by_role("button", name="Grant the network").click()


def _touched(page: Page) -> None:
    page.locator("details.why").last.evaluate("it => it.open = true")


def _open_routes(page: Page) -> None:
    for button in page.locator(".turn.answer .model-name:enabled").all():
        button.click()


SCREENS = [
    Screen("sign-in", "/accounts/login/", person=None),
    Screen("reset", "/accounts/password/reset/", person=None),
    Screen("not-found", "/missing/"),
    Screen("new-chat", "/"),
    Screen("new-chat-typed", "/", _type("Explain the plan\nin two lines")),
    Screen("chat", "/c/{main}/"),
    Screen("chat-compared", "/c/{compared}/"),
    Screen("chat-interrupted", "/c/{broken}/"),
    Screen("chat-long", "/c/{long}/"),
    Screen("chat-streaming-queued", "/", _queued),
    Screen("chat-offline", "/c/{broken}/", _offline),
    Screen("chat-shortcuts", "/c/{broken}/", _shortcuts),
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
    Screen("keys-made", "/settings/keys/", _make_key),
    Screen("key", "/settings/keys/{key}/"),
    Screen("empty-keys", "/settings/keys/", person="newcomer"),
    Screen("usage", "/settings/usage/"),
    Screen("empty-usage", "/settings/usage/", person="newcomer"),
    Screen("budgets", "/settings/budgets/"),
    Screen("budgets-refused", "/settings/budgets/", _refuse_budget),
    Screen("prices", "/settings/prices/"),
    Screen("price", "/settings/prices/{price}/"),
    Screen("people", "/settings/people/"),
    Screen("providers", "/settings/providers/", _wait_for_servers),
    Screen("provider", "/settings/providers/{provider}/"),
    Screen("models-page", "/settings/models/"),
    Screen("models-page-member", "/settings/models/", person="newcomer"),
    Screen("models-page-access", "/settings/models/access/?model=team-model-1:8b-instruct"),
    Screen("models-page-one", "/settings/models/on/{provider}/?model=team-model-1:8b-instruct"),
    Screen("models-page-create", "/settings/models/on/{provider}/create/?model=team-model-1:8b-instruct"),
    Screen("routing", "/settings/routing/"),
    Screen("routing-explained", "/settings/routing/", _explain),
    Screen("cache", "/settings/cache/"),
    Screen("services", "/settings/services/"),
    Screen("services-why", "/settings/services/", _why),
    Screen("services-scanning", "/settings/services/", _scan_now),
    Screen("services-testing", "/settings/services/", _test_nowhere),
    Screen("services-networks", "/settings/services/networks/"),
    Screen("services-refused", "/settings/services/networks/", _refuse_grant),
    Screen("services-scans", "/settings/services/scans/", _touched),
    Screen("services-machine", "/settings/services/machine/"),
    Screen("german-services", "/settings/services/", language="de"),
    Screen("rate-limits", "/settings/rate-limits/"),
    Screen("all-settings", "/settings/all/"),
    Screen("all-settings-nothing", "/settings/all/?q=zzzzzz"),
    Screen("all-settings-refused", "/settings/all/", _refuse_setting),
    Screen("setting", "/settings/all/chat.titles/"),
    Screen("setting-never-changed", "/settings/all/inference.cache_shared/"),
    Screen("no-settings-for-members", "/settings/all/", person="viewer"),
    Screen("rate-limited", "/settings/profile/", _click("button", "Save"), person="limited"),
    Screen("shortcuts", "/settings/shortcuts/"),
    Screen("data", "/settings/data/"),
    Screen("admin", "/admin/"),
    Screen("admin-runs", "/admin/agents/run/"),
    Screen("admin-conversations", "/admin/chat/conversation/"),
    Screen("admin-ledger", "/admin/accounts/ledgerentry/"),
    Screen(
        "admin-ledger-entry",
        "/admin/accounts/ledgerentry/",
        lambda page: page.locator("#result_list tbody a").first.click(),
    ),
    Screen("admin-usage", "/admin/accounts/usageday/"),
    Screen("admin-budgets", "/admin/accounts/budget/"),
    Screen("admin-windows", "/admin/accounts/budgetwindow/"),
    Screen("admin-holds", "/admin/accounts/hold/"),
    Screen("admin-keys", "/admin/accounts/apikey/"),
    Screen("admin-providers", "/admin/inference/provider/"),
    Screen("admin-provider", "/admin/inference/provider/{provider}/change/"),
    Screen("admin-tiers", "/admin/inference/tier/"),
    Screen("admin-prices", "/admin/inference/price/"),
    Screen("admin-cached", "/admin/inference/semanticanswer/"),
    Screen("chat-routed", "/c/{routed}/", _open_routes),
    Screen("chat-limit-reached", "/c/{routed}/"),
    Screen("chat-rate-limited", "/", lambda page: _send(page, "One more question"), person="limited"),
    Screen("chat-two-languages", "/c/{arabic}/"),
    Screen("chat-temporary", "/", _temporary),
    Screen("chat-editing", "/c/{broken}/", _editing),
    Screen("chat-more", "/c/{broken}/", _more_for_the_answer),
    Screen("chat-again-with", "/c/{broken}/", _click("button", "Try another model")),
    Screen("chat-bar-menu", "/c/{broken}/", _click("button", "More for this conversation")),
    Screen("chat-share", "/c/{shared}/", lambda page: page.locator("[data-share]").click()),
    Screen("chat-inspector", "/c/{main}/", _inspector),
    Screen("chat-jump", "/c/{long}/", _jumping),
    Screen("chat-toast", "/c/{arabic}/", _archived),
    Screen("models", "/c/{broken}/", _click("button", "Model:")),
    Screen("parameters", "/c/{broken}/", _click("button", "Parameters")),
    Screen("context", "/c/{main}/", _click("button", "Context:")),
    Screen("prompt-form", "/c/{broken}/", _prompt),
    Screen("row-menu", "/c/{broken}/", _row_menu),
    Screen("row-renaming", "/c/{broken}/", _renaming),
    Screen("presets", "/prompts/presets/"),
    Screen("new-prompt", "/prompts/new/"),
    Screen("shared", "/s/{token}/", person=None),
    Screen("shared-gone", "/s/nothing-here/", person=None),
    Screen("no-permission", "/settings/people/", person="viewer"),
    Screen("viewer", "/", person="viewer"),
    Screen("stale-form", "/accounts/login/", _stale_form, person=None),
    Screen("empty-projects", "/projects/", person="newcomer"),
    Screen("empty-prompts", "/prompts/", person="newcomer"),
    Screen("empty-presets", "/prompts/presets/", person="newcomer"),
    Screen("empty-search", "/search/", person="newcomer"),
    Screen("empty-archive", "/archive/", person="newcomer"),
    Screen("empty-data", "/settings/data/", person="newcomer"),
    Screen("german", "/c/{main}/", language="de"),
    Screen("german-data", "/settings/data/", language="de"),
    Screen("german-usage", "/settings/usage/", language="de"),
    Screen("german-budgets", "/settings/budgets/", language="de"),
    Screen("german-prices", "/settings/prices/", language="de"),
    Screen("german-providers", "/settings/providers/", _wait_for_servers, language="de"),
    Screen("german-models-page", "/settings/models/", language="de"),
    Screen("german-routing", "/settings/routing/", language="de"),
    Screen("german-cache", "/settings/cache/", language="de"),
    Screen("german-all-settings", "/settings/all/", language="de"),
    Screen("german-rate-limits", "/settings/rate-limits/", language="de"),
    Screen("german-keys", "/settings/keys/", language="de"),
    Screen("german-routed", "/c/{routed}/", _open_routes, language="de"),
    Screen("german-parameters", "/c/{broken}/", lambda page: page.locator("[data-parameters]").click(), language="de"),
    # Swagger UI is another's: its markup has findings that only its makers can mend.
    Screen("api-docs", "/api/v1/docs/", foreign="#swagger"),
]
