"""`bin/screenshots`: every screen at two widths and in both themes, into screenshots/."""

import sys

from playwright.sync_api import Browser

from olympus.runtime.places import ROOT
from tests.screens.states import SCREENS, Screen
from tests.screens.world import World, picture_folder, seeded_world
from tests.support.chromium import chromium

SIZES = {1440: 900, 390: 844}
THEMES = ("light", "dark")


def main() -> int:
    """This will draw the screens whose names hold one of the arguments, all of them without any."""
    wanted = [screen for screen in SCREENS if not sys.argv[1:] or any(word in screen.name for word in sys.argv[1:])]
    failed = []
    with chromium() as browser, seeded_world(browser) as world:
        for screen in wanted:
            for width, height in SIZES.items():
                for theme in THEMES:
                    if complaint := _draw(browser, world, screen, width, height, theme):
                        failed.append(complaint)
                        sys.stderr.write(f"{complaint}\n")
    sys.stdout.write(f"{len(wanted)} screens into {picture_folder(ROOT)}\n")
    return int(bool(failed))


def _draw(browser: Browser, world: World, screen: Screen, width: int, height: int, theme: str) -> str | None:
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=theme,  # type: ignore[arg-type]  # light or dark
        has_touch=width < 500,
        device_scale_factor=1,
    )
    context.set_default_timeout(5000)
    name = f"{screen.name}-{width}-{theme}"
    try:
        page = world.open(context, screen)
        path = picture_folder(ROOT) / f"{name}.png"
        path.parent.mkdir(exist_ok=True)
        page.screenshot(path=path)
    except Exception as error:  # noqa: BLE001 - one screen that fails must not hide the others
        return f"{name}: {str(error).splitlines()[0]}"
    finally:
        context.close()
    return None


if __name__ == "__main__":
    sys.exit(main())
