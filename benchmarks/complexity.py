"""How long the look at a question takes that picks its tier: short, long, code and Chinese.

Run: python -m benchmarks.complexity
"""

import time

from apps.inference.engine.complexity import Question, analyze

_ROUNDS = 400
_MEGABYTE = 1_000_000
_TEXTS = {
    "short question": "Why is the sky blue?",
    "a page of prose": "The mountain stands in the clouds, and nobody knows why. " * 50,
    "1 MB of prose": "The mountain stands in the clouds, and nobody knows why. ",
    "1 MB of code": "def find(self, key):\n    return {key: [self.rows[key], None]};\n\n",
    "1 MB of Chinese": "为什么天空是蓝色的？请一步一步证明。",
    "1 MB of blanks": " \n",
    "1 MB of one word": "a-",
}


def measured(text: str) -> list[float]:
    """This will time each of many looks at a text, in µs, in order of length."""
    times = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        analyze(Question(text=text))
        times.append((time.perf_counter() - started) * 1e6)
    return sorted(times)


def main() -> None:
    """This will print a line for each kind of text."""
    print(f"{'text':<18} {'characters':>10} {'p50 µs':>8} {'p95 µs':>8} {'tier':>9}")
    for name, text in _TEXTS.items():
        whole = (text * (_MEGABYTE // len(text) + 1))[:_MEGABYTE] if name.startswith("1 MB") else text
        times = measured(whole)
        tier = analyze(Question(text=whole)).tier.value
        print(f"{name:<18} {len(whole):>10,} {times[_ROUNDS // 2]:>8.0f} {times[_ROUNDS * 95 // 100]:>8.0f} {tier:>9}")


if __name__ == "__main__":
    main()
