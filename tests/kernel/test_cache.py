"""The cache and its stand-in."""

import pytest
from django.conf import settings

from olympus.kernel.cache import SteadyCache

AWAY = "redis://127.0.0.1:1/0"


@pytest.mark.parametrize("address", [settings.REDIS_URL, AWAY], ids=["there", "away"])
def test_every_verb_works_with_valkey_and_without(address: str) -> None:
    cache = SteadyCache(address, {"OPTIONS": {"socket_connect_timeout": 1}})
    cache.clear()

    cache.set("a", 1, 60)
    assert cache.get("a") == 1
    assert cache.has_key("a")
    assert not cache.add("a", 2)
    assert cache.incr("a") == 2
    assert cache.touch("a", 60)
    cache.set_many({"b": 1, "c": 2})
    assert cache.get_many(["b", "c", "d"]) == {"b": 1, "c": 2}
    assert cache.get_or_set("e", 5) == 5
    cache.delete_many(["b", "c"])
    assert cache.delete("a")
    assert cache.get("a", "gone") == "gone"
    cache.clear()
    assert cache.get("e") is None
    cache.close()
