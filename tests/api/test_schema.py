"""The API's description: whole, valid, and shown from our own files."""

import re
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from olympus.api_docs import description
from olympus.runtime.places import ROOT
from olympus.security import CONTENT_SECURITY_POLICY

METHODS = {"get", "post", "put", "patch", "delete"}
PROBLEM = "application/problem+json"


def operations() -> list[tuple[str, dict[str, Any]]]:
    """Every operation with its method."""
    return [
        (method, operation)
        for path in description()["paths"].values()
        for method, operation in path.items()
        if method in METHODS
    ]


def test_the_description_is_valid_and_nothing_in_it_was_guessed() -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", "/dev/null")


def test_every_operation_says_what_it_is_and_how_it_fails() -> None:
    names = [operation["operationId"] for _, operation in operations()]

    assert len(names) == len(set(names))
    for _, operation in operations():
        name, answers = operation["operationId"], operation["responses"]
        assert operation.get("summary"), name
        assert operation.get("tags"), name
        assert {"401", "403"} <= answers.keys(), name
        assert all(PROBLEM in answers[code]["content"] for code in answers if code >= "400"), name


def test_every_list_is_paged_by_cursor_or_bounded() -> None:
    for method, operation in operations():
        given = {parameter["name"] for parameter in operation.get("parameters", [])}
        assert ("cursor" in given) <= ("limit" in given), operation["operationId"]
        assert method == "get" or "cursor" not in given


def test_everybody_reads_it_as_json_and_as_yaml(db: None) -> None:
    json = Client().get(reverse("schema"))
    yaml = Client().get(reverse("schema"), headers={"accept": "application/yaml"})

    assert json.json()["openapi"].startswith("3.1")
    assert yaml["Content-Type"].startswith("application/yaml")
    assert Client().get(reverse("schema"), headers={"if-none-match": json["ETag"]}).status_code == 304


@pytest.mark.parametrize("page", ["api_docs", "api_redoc"])
def test_the_pages_ask_no_other_host(page: str, db: None) -> None:
    answer = Client().get(reverse(page))

    html = answer.content.decode()
    assert answer.status_code == 200
    assert all(address.startswith("/") for address in re.findall(r'(?:src|href)="([^"]+)"', html))
    assert "<script>" not in html
    assert "<style" not in html


def test_only_redoc_may_write_styles(db: None) -> None:
    swagger, redoc = Client().get(reverse("api_docs")), Client().get(reverse("api_redoc"))

    assert swagger["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert "style-src 'self' 'unsafe-inline'" in redoc["Content-Security-Policy"]
    assert "script-src 'self';" in redoc["Content-Security-Policy"]


def test_the_documentation_tells_how_many_operations_there_are() -> None:

    said = re.search(r"(\d+) operations", (ROOT / "docs" / "api.md").read_text())

    assert said is not None
    assert int(said[1]) == len(operations())
