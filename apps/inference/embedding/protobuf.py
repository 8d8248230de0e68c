"""Just enough of the protocol buffers' wire to write an ONNX graph without the `onnx` package.

Source: https://protobuf.dev/programming-guides/encoding/ and onnx.proto3 of ONNX 1.16 (field numbers).
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

_VARINT, _BYTES, _FIXED32 = 0, 2, 5
_FLOAT, _INT64 = 1, 7  # TensorProto.DataType
_ATTRIBUTE_FLOAT, _ATTRIBUTE_INT, _ATTRIBUTE_INTS = 1, 2, 7  # AttributeProto.AttributeType
_EXTERNAL = 1  # TensorProto.DataLocation
_IR_VERSION = 9  # of ONNX 1.15, the first with opset 20
_OPSET = 20  # the first with Gelu

Attribute = float | int | Sequence[int]


@dataclass(slots=True)
class Graph:
    """An ONNX graph while it is built; each method returns the encoded whole or the name of a result."""

    nodes: list[bytes] = field(default_factory=list)
    initializers: list[bytes] = field(default_factory=list)
    inputs: list[bytes] = field(default_factory=list)
    outputs: list[bytes] = field(default_factory=list)

    def node(self, kind: str, *inputs: str, **attributes: Attribute) -> str:
        """This will add an operation and name its result."""
        name = f"{kind}_{len(self.nodes)}"
        parts = [_text(1, each) for each in inputs]
        parts += [_text(2, name), _text(4, kind)]
        parts += [_message(5, _attribute(key, value)) for key, value in attributes.items()]
        self.nodes.append(b"".join(parts))
        return name

    def float_input(self, name: str, shape: Sequence[int | str]) -> str:
        """This will add an input of floats; a dimension that varies has a name."""
        self.inputs.append(_value(name, _FLOAT, shape))
        return name

    def int_input(self, name: str, shape: Sequence[int | str]) -> str:
        """This will add an input of 64-bit integers."""
        self.inputs.append(_value(name, _INT64, shape))
        return name

    def float_output(self, name: str, shape: Sequence[int | str]) -> None:
        """This will make a result the graph's output."""
        self.outputs.append(_value(name, _FLOAT, shape))

    def floats(self, name: str, values: Sequence[float]) -> str:
        """This will add a short row of constants."""
        self.initializers.append(_tensor(name, _FLOAT, [len(values)], struct.pack(f"<{len(values)}f", *values)))
        return name

    def ints(self, name: str, values: Sequence[int]) -> str:
        """This will add a short row of integer constants."""
        self.initializers.append(_tensor(name, _INT64, [len(values)], struct.pack(f"<{len(values)}q", *values)))
        return name

    def external(self, name: str, shape: Sequence[int], *, file: str, offset: int, length: int) -> str:
        """This will add a constant that lies in a file beside the model, `length` bytes of little-endian floats."""
        where = {"location": file, "offset": str(offset), "length": str(length)}
        entries = [_message(13, _text(1, key) + _text(2, value)) for key, value in where.items()]
        self.initializers.append(
            _ints(1, shape) + _int(2, _FLOAT) + _text(8, name) + b"".join(entries) + _int(14, _EXTERNAL)
        )
        return name

    def model(self) -> bytes:
        """This will write the whole as ONNX Runtime reads it."""
        graph = b"".join(
            [
                *(_message(1, each) for each in self.nodes),
                _text(2, "olympus"),
                *(_message(5, each) for each in self.initializers),
                *(_message(11, each) for each in self.inputs),
                *(_message(12, each) for each in self.outputs),
            ]
        )
        return _int(1, _IR_VERSION) + _text(2, "olympus") + _message(7, graph) + _message(8, _int(2, _OPSET))


def _tensor(name: str, kind: int, shape: Sequence[int], content: bytes) -> bytes:
    return _ints(1, shape) + _int(2, kind) + _text(8, name) + _message(9, content)


def _attribute(name: str, value: Attribute) -> bytes:
    if isinstance(value, float):
        return _text(1, name) + _key(2, _FIXED32) + struct.pack("<f", value) + _int(20, _ATTRIBUTE_FLOAT)
    if isinstance(value, int):
        return _text(1, name) + _int(3, value) + _int(20, _ATTRIBUTE_INT)
    return _text(1, name) + _ints(8, value) + _int(20, _ATTRIBUTE_INTS)


def _value(name: str, kind: int, shape: Sequence[int | str]) -> bytes:
    dimensions = b"".join(_message(1, _text(2, each) if isinstance(each, str) else _int(1, each)) for each in shape)
    return _text(1, name) + _message(2, _message(1, _int(1, kind) + _message(2, dimensions)))


def _key(number: int, wire: int) -> bytes:
    return _varint(number << 3 | wire)


def _int(number: int, value: int) -> bytes:
    return _key(number, _VARINT) + _varint(value & (1 << 64) - 1)


def _ints(number: int, values: Iterable[int]) -> bytes:
    return b"".join(_int(number, value) for value in values)


def _text(number: int, value: str) -> bytes:
    return _message(number, value.encode())


def _message(number: int, content: bytes) -> bytes:
    return _key(number, _BYTES) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)
