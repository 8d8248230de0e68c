"""JSON of model servers into typed records, forgiving what costs nothing to forgive."""

import json
from typing import TypeVar

import msgspec

T = TypeVar("T")


def decode_forgiving(decoder: msgspec.json.Decoder[T], raw: bytes) -> T:
    """This will decode one JSON value; invalid UTF-8 becomes U+FFFD and lone surrogates stay.

    Python servers write the halves of a split character as lone surrogates, which the fast
    decoder refuses; the slow one is asked only then. An answer is worth more than its one
    broken character.

    Raises:
        ValueError: it is no JSON, or not of the type.
    """
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError:
        raise
    except ValueError:
        try:
            return msgspec.convert(json.loads(raw.decode("utf-8", "replace")), decoder.type)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
