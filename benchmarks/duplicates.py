"""Near-duplicate documents: which copies are known as such, and what knowing them costs.

    python benchmarks/duplicates.py

Times are of the processor. Decision 016 says what the figures decided.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence

from kgbuild.facts.duplicates import NEAR, near_duplicates, resemblance, sketch


def main() -> None:
    """Copies that are known, by how much of them was changed; and the cost."""
    words = [f"word{number}" for number in range(5000)]
    chosen = random.Random(0)
    texts = [" ".join(chosen.choices(words, k=250)) for _ in range(200)]
    seconds = _timed(lambda: [sketch(text) for text in texts])
    print(f"sketch  {seconds / len(texts) * 1000:.2f} ms, {sum(map(len, texts)) / seconds / 1e6:.1f} MB/s")
    sketches = {str(number): sketch(text) for number, text in enumerate(texts)}
    seconds = _timed(lambda: near_duplicates(sketches))
    print(f"compare  {len(texts)} different documents of one claim in {seconds * 1000:.1f} ms")
    for share in (0.02, 0.05, 0.1, 0.15, 0.2):
        copies = [
            " ".join(chosen.choice(words) if chosen.random() < share else word for word in text.split())
            for text in texts
        ]
        print(f"known copies  {share:.0%} of words changed  {_known(texts, copies):.1%}")
    for extra in (0.5, 1, 1.5, 2):
        copies = [f"{text} {' '.join(chosen.choices(words, k=int(250 * extra)))}" for text in texts]
        print(f"known copies  {extra:.0%} of foreign text added  {_known(texts, copies):.1%}", flush=True)


def _known(texts: Sequence[str], copies: Sequence[str]) -> float:
    pairs = zip(texts, copies, strict=True)
    return sum(resemblance(sketch(text), sketch(copy)) >= NEAR for text, copy in pairs) / len(texts)


def _timed(action: Callable[[], object]) -> float:
    start = time.process_time()
    action()
    return time.process_time() - start


if __name__ == "__main__":
    main()
