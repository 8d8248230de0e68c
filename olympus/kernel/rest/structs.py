"""Serializer fields that are msgspec structs: one shape for the socket, the store and REST."""

from typing import Any

import msgspec
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework import serializers


class StructField(serializers.Field[Any, Any, Any, Any]):
    """A JSON object read as a struct and validated as strictly as on the socket; shown as plain data."""

    def __init__(self, struct: type[msgspec.Struct], **kwargs: Any) -> None:
        self.struct = struct
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> msgspec.Struct:
        """Read it, or say which member is wrong."""
        try:
            return msgspec.convert(data, self.struct)
        except msgspec.ValidationError as error:
            raise serializers.ValidationError(_nested(*fault_of(error))) from error

    def to_representation(self, value: Any) -> Any:
        """Show it as plain data."""
        return msgspec.to_builtins(value)


def fault_of(error: msgspec.ValidationError) -> tuple[list[str], str]:
    """This will split msgspec's sentence into the path of the wrong member and what is wrong with it."""
    sentence, _at, path = str(error).partition(" - at `$")
    names = path.rstrip("`").replace("[", ".").replace("]", "").split(".")
    return [name for name in names if name], sentence


def _nested(path: list[str], sentence: str) -> Any:
    """A fault as DRF nests it."""
    fault: Any = [sentence]
    for name in reversed(path):
        fault = {name: fault}
    return fault


def struct_schema(struct: type[msgspec.Struct]) -> dict[str, Any]:
    """This will describe a struct as one JSON Schema without references; a struct within itself is not for this."""
    (schema,), components = msgspec.json.schema_components([struct], ref_template="{name}")
    return _inlined(schema, components)


def _inlined(schema: Any, components: dict[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_inlined(inner, components) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(components[schema["$ref"]], components)
    return {name: _inlined(inner, components) for name, inner in schema.items() if name != "title"}


class StructFieldSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """The struct's own schema in the API's description."""

    target_class = StructField

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        """Describe it."""
        return struct_schema(self.target.struct)
