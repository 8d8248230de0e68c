"""Reading the body of a request by its shape."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request


def body_of(request: Request, shape: type[serializers.BaseSerializer[Any]]) -> dict[str, Any]:
    """This will read and check the body.

    Raises:
        ValidationError: answered with 422 and the field that is wrong.
    """
    read = shape(data=request.data)
    read.is_valid(raise_exception=True)
    return dict(read.validated_data)
