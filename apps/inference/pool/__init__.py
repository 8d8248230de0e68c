"""The pool: all servers that have a model, which is asked first, and how each fares.

All of it happens in this process and waits for no store; a thread shares what is learned with the
other processes (sharing.py), and a task looks at the servers themselves (probing.py).
"""

from apps.inference.engine.routing import Need
from apps.inference.pool.backends import Backend
from apps.inference.pool.finding import backends_of
from apps.inference.pool.pool import POOL, CallTicket, Pool, Ranking
from apps.inference.pool.snapshots import forget_backends

rank = POOL.rank
begin = POOL.begin

__all__ = [
    "POOL",
    "Backend",
    "CallTicket",
    "Need",
    "Pool",
    "Ranking",
    "backends_of",
    "begin",
    "forget_backends",
    "rank",
]
