"""What templates need of the browser build: names of built files, icons, and a word when the build is missing."""

import json
import logging
from functools import lru_cache
from pathlib import Path

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

logger = logging.getLogger(__name__)
register = template.Library()

BUILD_COMMAND = "npm ci && node build.mjs"


def manifest_path() -> Path:
    """This will return where the build writes the names of its files."""
    return Path(settings.STATICFILES_DIRS[0]) / "dist" / "meta.json"


def asset_names() -> dict[str, str]:
    """This will return the built file of each source name; empty when nothing is built yet."""
    path = manifest_path()
    try:
        changed_ns = path.stat().st_mtime_ns
    except OSError:
        changed_ns = 0
    return _names_at(path, changed_ns)


@lru_cache(maxsize=1)
def _names_at(path: Path, changed_ns: int) -> dict[str, str]:
    if not changed_ns:
        logger.error("The browser code is not built (%s is missing). Run %s in frontend/.", path, BUILD_COMMAND)
        return {}
    names: dict[str, str] = json.loads(path.read_text())
    return names


@register.simple_tag
def asset(name: str) -> str:
    """This will return the URL of a built file; one that answers 404 when it is not built.

    A missing build must not take the pages down, the error page among them: they come unstyled,
    with `build_notice` on top.
    """
    names = asset_names()
    if names and name not in names:
        raise template.TemplateSyntaxError(f"The browser build has no {name!r}; it has {sorted(names)}.")
    return f"{settings.STATIC_URL}dist/{names.get(name, 'not-built/' + name)}"


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """This will draw an icon of the sprite (frontend/icons.mjs); size "s" is the small one.

    It says nothing to a screen reader: put text or an aria-label beside it.
    """
    css_class = f"icon {size}".strip()
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"></use></svg>', css_class, asset("icons.svg"), name
    )


@register.simple_tag
def mark() -> SafeString:
    """This will draw the product's mark; ring in ink, peak in gold."""
    return format_html('<svg class="mark" aria-hidden="true"><use href="{}#mark"></use></svg>', asset("icons.svg"))


@register.simple_tag
def build_notice() -> SafeString:
    """This will say on the page what to do when the browser code is not built, else nothing."""
    if asset_names():
        return mark_safe("")
    return format_html(
        '<p class="build-missing" role="alert">The browser code is not built. Run <code>{}</code> in frontend/, '
        "or start Olympus with <code>bin/up</code>.</p>",
        BUILD_COMMAND,
    )
