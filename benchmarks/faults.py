"""A thousand faults while answers stream: what is lost (nothing), and how fast everything comes back.

python -m benchmarks.faults [--faults 1000] [--seed N] [--limit-s 1800] [--only "kill -9 worker"]

The same scenario as tests/faults/test_faults.py: fifteen conversations over five sockets on the
stack of bin/up, each answer 300 tokens at 150 tokens a second.
"""

import argparse
import random
import sys

from tests.faults.injecting import Fault
from tests.faults.scenario import report, run_scenario


def main() -> int:
    """Break, verify, print; the status is 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faults", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--limit-s", type=float, default=1800.0, help="stop breaking after this time")
    parser.add_argument("--only", choices=[str(kind) for kind in Fault], help="only this kind of fault")
    arguments = parser.parse_args()
    kinds = [Fault(arguments.only)] if arguments.only else list(Fault)
    result = run_scenario(faults=arguments.faults, seed=arguments.seed, limit_s=arguments.limit_s, kinds=kinds)
    print(report(result))
    return 1 if result.verdict.wrong or any(result.leftovers.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
