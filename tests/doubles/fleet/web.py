"""What else answers on a port: a plain web site, and an application that sends its page for every address."""

from tests.doubles.fleet.answering import HTML, Answer, Product, fixed
from tests.doubles.http_server import Connection, Request

_PAGE_BYTES = 2_000_000


class WebSite(Product):
    """A site as a web server makes it: one page, and 404 for the rest."""

    own_headers = "Server: nginx/1.28.0\r\n"
    not_found = Answer(b"<html><head><title>404 Not Found</title></head></html>", 404, HTML)

    def __init__(self) -> None:
        super().__init__()
        self.routes = {"GET /": fixed(b"<!doctype html><title>Recipes</title><p>Bread", content_type=HTML)}


class PageForAll(Product):
    """A single-page application: 200 and two megabytes of HTML for everything, also for a POST."""

    page = b"<!doctype html><title>Dashboard</title><script>" + b"x" * _PAGE_BYTES + b"</script>"

    def other(self, request: Request, connection: Connection) -> None:
        Answer(self.page, 200, HTML).send(connection)


class JsonForAll(Product):
    """A service that says yes in JSON to everything, as some frameworks' catch-all does."""

    def other(self, request: Request, connection: Connection) -> None:
        Answer({"status": "ok", "models": [], "data": [], "version": "1.0"}).send(connection)
