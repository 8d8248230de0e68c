"""What every REST operation shares: pages, ETags, repeats, parsing, errors, and how all of it is described.

An operation reads `query_of`, answers with `page_of` or `answer`, runs its POST in `once_by_key`, and is described
by `operation`.
"""

from olympus.kernel.rest.conditional import ChangedMeanwhile, answer, check_unchanged, etag_of
from olympus.kernel.rest.description import operation, page_serializer
from olympus.kernel.rest.idempotent import once_by_key
from olympus.kernel.rest.pagination import PageQuery, page_of, page_of_list
from olympus.kernel.rest.parsing import JsonParser
from olympus.kernel.rest.query import Query, body_of, query_of
from olympus.kernel.rest.structs import StructField

__all__ = [
    "ChangedMeanwhile",
    "JsonParser",
    "PageQuery",
    "Query",
    "StructField",
    "answer",
    "body_of",
    "check_unchanged",
    "etag_of",
    "once_by_key",
    "operation",
    "page_of",
    "page_of_list",
    "page_serializer",
    "query_of",
]
