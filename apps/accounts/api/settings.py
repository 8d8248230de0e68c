"""The settings of the product over REST: owners and their keys of scope admin read, owners in person change."""

from typing import Any

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.access import check_owns_everything
from apps.accounts.pages.setting_rows import EnvironmentRow
from apps.accounts.pages.settings import environment_rows, setting_row, setting_rows, version_rows
from apps.accounts.services.settings import change_setting, reset_setting, undo_setting
from apps.accounts.settings_serializers import (
    SettingChangeSerializer,
    SettingSerializer,
    SettingsQuery,
    SettingVersionSerializer,
    UndoSerializer,
    environment_data,
    setting_data,
    version_data,
)
from olympus.kernel.actor import Actor
from olympus.kernel.errors import Denied, Invalid
from olympus.kernel.options import lock_option, versions_of
from olympus.kernel.rest import (
    PageQuery,
    answer,
    body_of,
    check_unchanged,
    once_by_key,
    operation,
    page_of,
    page_serializer,
    query_of,
)

_TAGS = ["settings"]
_SALT = "cursor.settings"


class EnvironmentOnly(Denied):
    """This is said by the environment. Change it there and start Olympus again."""

    code = "environment_only"


class SettingsView(APIView):
    """All of them."""

    @operation(
        "settings_list",
        summary="List settings",
        tags=_TAGS,
        query=SettingsQuery,
        answers=page_serializer(SettingSerializer),
        is_tagged=True,
    )
    def get(self, request: Request) -> Response:
        """Every setting of the product by name, those of the environment last. For owners."""
        actor: Actor = request.actor
        asked = query_of(request, SettingsQuery)
        words, source = asked.get("q", ""), asked.get("source")
        rows: list[dict[str, Any]] = []
        if source != "environment":
            rows += [setting_data(row) for row in setting_rows(actor, query=words)]
        if source != "stored":
            rows += [environment_data(row) for row in environment_rows(actor, query=words)]
        return answer(request, _page(rows, asked))


class SettingView(APIView):
    """One of them."""

    @operation(
        "settings_retrieve",
        summary="Read a setting",
        tags=_TAGS,
        answers=SettingSerializer,
        errors=(404,),
        is_tagged=True,
    )
    def get(self, request: Request, name: str) -> Response:
        """What it means, what holds, and who changed it."""
        query_of(request)
        return answer(request, _shown(request.actor, name))

    @operation(
        "settings_update",
        summary="Change a setting",
        tags=_TAGS,
        request=SettingChangeSerializer,
        answers=SettingSerializer,
        errors=(404,),
        is_tagged=True,
    )
    @transaction.atomic
    def patch(self, request: Request, name: str) -> Response:
        """Give it another value, which holds everywhere within a second. With `If-Match` no other's change is lost."""
        _check_may_change(request, name)
        value = body_of(request, SettingChangeSerializer)["value"]
        change_setting(request.actor, name=name, value=value)
        return answer(request, _shown(request.actor, name))

    @operation(
        "settings_reset",
        summary="Reset a setting",
        tags=_TAGS,
        answers=SettingSerializer,
        errors=(404,),
        is_tagged=True,
    )
    @transaction.atomic
    def delete(self, request: Request, name: str) -> Response:
        """Give it its default again."""
        _check_may_change(request, name)
        reset_setting(request.actor, name=name)
        return answer(request, _shown(request.actor, name))


class SettingVersionsView(APIView):
    """What one was."""

    @operation(
        "settings_versions",
        summary="List a setting's versions",
        tags=_TAGS,
        query=PageQuery,
        answers=page_serializer(SettingVersionSerializer),
        errors=(404,),
        is_tagged=True,
    )
    def get(self, request: Request, name: str) -> Response:
        """Every change with who made it, the newest first."""
        query_of(request, PageQuery)
        _refuse_environment(request.actor, name)
        row = setting_row(request.actor, name)

        def present(versions: Any) -> list[dict[str, Any]]:
            return [version_data(each) for each in version_rows(versions, row)]

        return page_of(request, versions_of(name), SettingVersionSerializer, order="-number", present=present)


class SettingUndoView(APIView):
    """Putting back what one was."""

    @operation(
        "settings_undo",
        summary="Undo a setting's change",
        tags=_TAGS,
        request=UndoSerializer,
        answers=SettingSerializer,
        errors=(404, 409),
        is_tagged=True,
        is_repeatable=True,
    )
    def post(self, request: Request, name: str) -> Response:
        """Put back what held before the last change, or any version. That is a change too, and can be undone."""
        asked = body_of(request, UndoSerializer)

        @transaction.atomic
        def undo() -> Response:
            _check_may_change(request, name)
            undo_setting(request.actor, name=name, to_version=asked.get("version"))
            return answer(request, _shown(request.actor, name))

        return once_by_key(request, undo)


def _check_may_change(request: Request, name: str) -> None:
    """Hold everybody else off until the transaction ends, so that If-Match says what is."""
    actor: Actor = request.actor
    check_owns_everything(actor)
    _refuse_environment(actor, name)
    lock_option(name)
    check_unchanged(request, lambda: setting_data(setting_row(actor, name)))


def _shown(actor: Actor, name: str) -> dict[str, Any]:
    row = _in_environment(actor, name)
    return setting_data(setting_row(actor, name)) if row is None else environment_data(row)


def _refuse_environment(actor: Actor, name: str) -> None:
    if _in_environment(actor, name):
        raise EnvironmentOnly


def _in_environment(actor: Actor, name: str) -> EnvironmentRow | None:
    return next((row for row in environment_rows(actor) if row.name == name), None)


def _page(rows: list[dict[str, Any]], asked: dict[str, Any]) -> dict[str, Any]:
    """A cursor names the last row of the page before; the order is fixed."""
    start = 0
    if "cursor" in asked:
        start = next((place + 1 for place, row in enumerate(rows) if row["name"] == _read(asked["cursor"])), len(rows))
    limit: int = asked["limit"]
    page = rows[start : start + limit]
    has_more = start + limit < len(rows)
    return {"results": page, "next": signing.dumps(page[-1]["name"], salt=_SALT) if has_more else None}


def _read(cursor: str) -> str:
    try:
        return str(signing.loads(cursor, salt=_SALT))
    except signing.BadSignature as error:
        raise Invalid(
            _("This cursor is not from this list. Begin again with the first page."), field="cursor"
        ) from error
