"""SearXNG. Source: github.com/searxng/searxng at 9fea4120, searx/webapp.py (config, health), templates/simple."""

from tests.doubles.fleet.answering import HTML, TEXT, Answer, Product, fixed
from tests.doubles.http_server import Request

_VERSION = "2026.8.22+9fea41204"
_PAGE = f'<!doctype html><html class="no-js theme-auto"><head><meta name="generator" content="searxng/{_VERSION}"><title>SearXNG</title>'
_ENGINE = {"paging": True, "language_support": True, "languages": ["de", "en"], "regions": ["de-DE"], "safesearch": True,
           "time_range_support": True, "timeout": 3.0, "enabled": True}  # fmt: skip


class SearXng(Product):
    """A search engine; it answers in JSON only where its settings allow that, else 403."""

    not_found = Answer(b"<!doctype html><title>SearXNG</title><p>Page not found", 404, HTML)

    def __init__(self, *, speaks_json: bool = True) -> None:
        super().__init__()
        self.speaks_json = speaks_json
        engines = [
            {"name": "duckduckgo", "categories": ["general", "web"], "shortcut": "ddg", **_ENGINE},
            {"name": "wikipedia", "categories": ["general"], "shortcut": "wp", **_ENGINE},
        ]
        self.routes = {
            "GET /": fixed(_PAGE.encode(), content_type=HTML),
            "GET /healthz": fixed(b"OK", content_type=TEXT),
            "GET /config": fixed(
                {
                    "categories": ["general", "images", "news"], "engines": engines, "plugins": [],
                    "instance_name": "SearXNG", "locales": {"de": "Deutsch", "en": "English"}, "default_locale": "",
                    "autocomplete": "", "safe_search": 0, "default_theme": "simple", "version": _VERSION,
                    "brand": {"GIT_URL": "https://github.com/searxng/searxng", "GIT_BRANCH": "master"},
                    "limiter": {"enabled": False}, "doi_resolvers": [], "public_instance": False,
                }
            ),
            "GET /search": self._search,
        }  # fmt: skip

    def _search(self, _: Request) -> Answer:
        if not self.speaks_json:
            return Answer(b"<!doctype html><title>403 Forbidden</title>", 403, HTML)
        return Answer({"query": "", "number_of_results": 0, "results": [], "suggestions": []})
