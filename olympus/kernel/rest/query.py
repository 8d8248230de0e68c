"""What a request says, in its address and its body, checked before anything is looked up."""

from typing import Any, TypeVar

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
    """This will read the body by its shape.

    Raises:
        ValidationError: answered with 422 and the field that is wrong.
    """
    body = shape(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)
