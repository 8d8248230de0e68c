"""Lists a page at a time: a cursor remembers the last row, so that rows that come meanwhile shift nothing."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core import signing
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from olympus.kernel.errors import Invalid
from olympus.kernel.rest.conditional import answer
from olympus.kernel.rest.query import Query

DEFAULT_LIMIT = 50
# The largest page is still rendered in a few tens of milliseconds.
MAX_LIMIT = 200
# Two titles and a signature fit many times over.
_MAX_CURSOR_CHARS = 2000


class PageQuery(Query):
    """The parameters of every list."""

    cursor = serializers.CharField(
        required=False, max_length=_MAX_CURSOR_CHARS, help_text="`next` of the page before; leave it out for the first."
    )
    limit = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_LIMIT, default=DEFAULT_LIMIT, help_text="How many at most."
    )


def page_of(
    request: Request,
    rows: "QuerySet[Any]",
    serializer: type[serializers.BaseSerializer[Any]],
    *,
    order: str | Sequence[str],
    present: Callable[[list[Any]], Sequence[Any]] = list,
    context: Callable[[list[Any]], dict[str, Any]] | dict[str, Any] | None = None,
) -> Response:
    """This will answer with one page as `{"results": […], "next": cursor or null}`, and an ETag.

    `order` names fields that are never null, `-` before those that fall; the primary key settles what is left open.
    `present` turns the page's rows into what the serializer takes, `context` gives the serializer its context, from
    the rows if it is called: the places for one more query rather than one a row.

    Raises:
        Invalid: the cursor is not of this list, or the limit out of bounds.
    """
    asked = _page_asked(request)
    names = (order,) if isinstance(order, str) else tuple(order)
    keys = (*names, "-pk" if names[-1].startswith("-") else "pk")
    if "cursor" in asked:
        rows = rows.filter(_past(keys, _read_cursor(asked["cursor"], keys, rows.model)))
    limit: int = asked["limit"]
    found = list(rows.order_by(*keys)[: limit + 1])
    page = found[:limit]
    around = context(page) if callable(context) else context or {}
    results = serializer(present(page), many=True, context=around).data
    following = _cursor_at(page[-1], keys) if len(found) > limit else None
    return answer(request, {"results": results, "next": following})


def page_of_list(
    request: Request,
    rows: Sequence[Any],
    serializer: type[serializers.BaseSerializer[Any]],
    *,
    name: str,
    key: Callable[[Any], tuple[str, ...]],
) -> Response:
    """This will answer as `page_of` does, with a page of rows that are in no table of their own.

    `key` gives the texts that put a row in its place and tell it from all others; `name` is the list's own.

    Raises:
        Invalid: the cursor is not of this list, or the limit out of bounds.
    """
    asked = _page_asked(request)
    salt, ordered = f"cursor.{name}", sorted(rows, key=key)
    if "cursor" in asked:
        past = _loaded(asked["cursor"], salt)
        ordered = [row for row in ordered if list(key(row)) > past]
    page = ordered[: asked["limit"]]
    following = signing.dumps(list(key(page[-1])), salt=salt) if len(ordered) > len(page) else None
    return answer(request, {"results": serializer(page, many=True).data, "next": following})


def _page_asked(request: Request) -> dict[str, Any]:
    known = {name: value for name, value in request.query_params.dict().items() if name in {"cursor", "limit"}}
    query = PageQuery(data=known)
    query.is_valid(raise_exception=True)
    return dict(query.validated_data)


def _past(keys: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows after these values: past the first key, or level with it and past the second, and so on."""
    past, level = Q(), Q()
    for key, value in zip(keys, values, strict=True):
        name, side = (key[1:], "lt") if key.startswith("-") else (key, "gt")
        past |= level & Q(**{f"{name}__{side}": value})
        level &= Q(**{name: value})
    first, side = (keys[0][1:], "lte") if keys[0].startswith("-") else (keys[0], "gte")
    # Says nothing new, but lets the database begin in the index where the page begins.
    return Q(**{f"{first}__{side}": values[0]}) & past


def _cursor_at(row: Model, keys: Sequence[str]) -> str:
    return signing.dumps([_plain(_value(row, key.lstrip("-"))) for key in keys], salt=_salt(type(row), keys))


def _read_cursor(cursor: str, keys: Sequence[str], model: type[Model]) -> list[Any]:
    values = _loaded(cursor, _salt(model, keys))
    return [_field(model, key.lstrip("-")).to_python(value) for key, value in zip(keys, values, strict=True)]


def _loaded(cursor: str, salt: str) -> list[Any]:
    """Signed, so that what reaches the database is what once came out of it."""
    try:
        values: list[Any] = signing.loads(cursor, salt=salt)
    except signing.BadSignature as error:
        raise Invalid(
            _("This cursor is not from this list. Begin again with the first page."), field="cursor"
        ) from error
    return values


def _salt(model: type[Model], keys: Sequence[str]) -> str:
    return f"cursor.{model._meta.label_lower}.{','.join(keys)}"


def _value(row: Any, path: str) -> Any:
    for name in path.split("__"):
        row = getattr(row, name)
    return row


def _field(model: Any, path: str) -> Any:
    *relations, last = path.split("__")
    for name in relations:
        model = model._meta.get_field(name).related_model
    return model._meta.pk if last == "pk" else model._meta.get_field(last)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()  # to the microsecond, which Django's own JSON encoder cuts off
    return str(value) if isinstance(value, UUID) else value
