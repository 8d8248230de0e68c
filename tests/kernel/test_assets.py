"""Names of built files in templates; a missing build must not take pages down."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.template import Context, Template, TemplateSyntaxError


@pytest.fixture
def dist(tmp_path: Path, settings: Any) -> Path:
    """A folder of built files with nothing in it."""
    settings.STATICFILES_DIRS = [tmp_path]
    folder = tmp_path / "dist"
    folder.mkdir()
    return folder


def _build(dist: Path, **names: str) -> None:
    (dist / "meta.json").write_text(json.dumps({name.replace("_", "."): file for name, file in names.items()}))


def _render(source: str) -> str:
    return Template(source).render(Context())


def test_an_asset_is_named_as_it_was_built(dist: Path) -> None:
    _build(dist, app_css="app-ABCDEFGH.css")

    assert _render("{% asset 'app.css' %}") == "/static/dist/app-ABCDEFGH.css"


def test_an_icon_is_drawn_from_the_sprite(dist: Path) -> None:
    _build(dist, icons_svg="icons-ABCDEFGH.svg")

    drawn = _render("{% icon 'plus' 's' %}")

    assert (
        drawn == '<svg class="icon s" aria-hidden="true"><use href="/static/dist/icons-ABCDEFGH.svg#plus"></use></svg>'
    )


def test_a_new_build_is_seen_without_a_restart(dist: Path) -> None:
    _build(dist, app_js="app-AAAAAAAA.js")
    _render("{% asset 'app.js' %}")

    (dist / "meta.json").unlink()
    _render("{% asset 'app.js' %}")
    _build(dist, app_js="app-BBBBBBBB.js")

    assert _render("{% asset 'app.js' %}") == "/static/dist/app-BBBBBBBB.js"


def test_a_name_the_build_does_not_have_is_an_error(dist: Path) -> None:
    _build(dist, app_js="app-AAAAAAAA.js")

    with pytest.raises(TemplateSyntaxError, match=r"'ap\.js'"):
        _render("{% asset 'ap.js' %}")


def test_without_a_build_pages_say_what_to_do(dist: Path) -> None:
    assert "not-built/app.css" in _render("{% asset 'app.css' %}")
    assert "bin/up" in _render("{% build_notice %}")


def test_with_a_build_pages_say_nothing(dist: Path) -> None:
    _build(dist, app_js="app-AAAAAAAA.js")

    assert _render("{% build_notice %}") == ""
