"""What a request says, in its address and its body, checked before anything is looked up."""

from typing import Any, TypeVar

from django.http import QueryDict
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from olympus.kernel.errors import Invalid


class Query(serializers.Serializer[Any]):
    """The parameters of an operation: none."""


Q = TypeVar("Q", bound=Query)


def query_of(request: Request, shape: type[Query] = Query) -> dict[str, Any]:
    """This will read the query by its shape; what is not given is not in it.

    A name nobody declared is refused rather than ignored: `?is_archive=true` would answer with everything.

    Raises:
        Invalid: a parameter is unknown, given twice, or wrong; `field` names it.
    """
    query = shape(data=request.query_params.dict())
    for name, values in request.query_params.lists():
        if name not in query.fields:
            raise Invalid(_("There is no parameter of this name."), field=name[:100])
        if len(values) > 1:
            raise Invalid(_("Give this parameter once."), field=name)
    query.is_valid(raise_exception=True)
    return dict(query.validated_data)


def body_of(request: Request, shape: type[serializers.BaseSerializer[Any]]) -> dict[str, Any]:
    """This will read the body by its shape; in JSON a number is no text, and the text "true" is not true.

    Raises:
        ValidationError: answered with 422 and the field that is wrong.
    """
    body = shape(data=request.data)
    if not isinstance(request.data, QueryDict) and (fault := _other_kind(body, request.data)):
        raise serializers.ValidationError(fault)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


def _other_kind(field: Any, value: Any) -> Any:
    """The first value of another JSON type than its field's, as DRF nests faults; what DRF refuses itself is left to it."""
    if isinstance(field, serializers.Serializer) and isinstance(value, dict):
        faults = ((name, _other_kind(field.fields[name], value[name])) for name in value.keys() & field.fields.keys())
        return next(({name: fault} for name, fault in faults if fault), None)
    if isinstance(field, serializers.ListField | serializers.ListSerializer) and isinstance(value, list):
        return next((fault for each in value if (fault := _other_kind(field.child, each))), None)
    wanted = next((kind for kind in _KINDS if isinstance(field, kind)), None)
    if wanted is None or value is None or _is_of(value, _KINDS[wanted]):
        return None
    return [_("This has another JSON type than it should.")]


# DRF reads these more generously than their description says.
_KINDS: dict[type[serializers.Field[Any, Any, Any, Any]], type] = {
    serializers.CharField: str,
    serializers.BooleanField: bool,
    serializers.IntegerField: int,
}


def _is_of(value: Any, kind: type) -> bool:
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
