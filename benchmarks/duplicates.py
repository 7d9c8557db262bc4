"""A million near-duplicate checks: time, peak memory, and how many altered copies are found.

    .venv/pipeline/bin/python benchmarks/duplicates.py [checks]

Articles of 60 to 250 invented words arrive, 274 a day; one in fifty copies an earlier one of the fortnight with 5 or
12 % of its words changed. Fails above 1 GB, or when altered copies are missed or strangers are joined.
"""

import random
import resource
import sys
import time
from collections import deque
from datetime import date, timedelta

from vigie.extract.duplicates import Stories

CHECKS = 1_000_000
MOST_BYTES = 2**30
CHANGED = (0.05, 0.12)
FLOORS = {0.05: 0.99, 0.12: 0.95}
VOCABULARY = 30_000
A_DAY = 274


def _altered(dice: random.Random, words: list[str], share: float, vocabulary: list[str]) -> list[str]:
    return [dice.choice(vocabulary) if dice.random() < share else word for word in words]


def main() -> int:
    checks = int(sys.argv[1]) if len(sys.argv) > 1 else CHECKS
    dice = random.Random(20261123)
    vocabulary = ["".join(dice.choices("abcdefghilmnoprstuv", k=dice.randint(3, 9))) for _ in range(VOCABULARY)]
    pool = [dice.choices(vocabulary, k=4000) for _ in range(200)]
    placing = Stories()
    recent: deque[tuple[int, list[str]]] = deque(maxlen=64)
    copies = dict.fromkeys(CHANGED, 0)
    found = dict.fromkeys(CHANGED, 0)
    strangers = 0
    spent = 0.0
    for number in range(checks):
        day = date(2016, 11, 23) + timedelta(days=number // A_DAY)
        copied = None
        if recent and number % 50 == 0:
            share = CHANGED[number // 50 % 2]
            copied, words = dice.choice(recent)
            words = _altered(dice, words, share, vocabulary)
        else:
            page = dice.choice(pool)
            start = dice.randrange(3700)
            words = page[start : start + dice.randint(60, 250)]
            # two slices of one page would be true near copies: every word of an article is its own
            words = [word + str(number % 9973) if rank % 3 == 0 else word for rank, word in enumerate(words)]
            if number % 25 == 0:
                recent.append((number, words))
        began = time.process_time()
        story = placing.place(number, day, " ".join(words))
        spent += time.process_time() - began
        if copied is None:
            strangers += story != number
        else:
            copies[share] += 1
            found[share] += story == copied
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(f"{checks} contrôles : {spent:.0f} s de calcul, {spent / checks * 1e6:.0f} µs l'un")
    print(f"mémoire au plus haut : {peak / 2**20:.0f} Mo, {peak / MOST_BYTES:.2f} fois la limite")
    recalls = {share: found[share] / max(1, copies[share]) for share in CHANGED}
    for share in CHANGED:
        print(f"copies à {share:.0%} de mots changés : {recalls[share]:.3f} retrouvées sur {copies[share]}")
    print(f"étrangers joints : {strangers} sur {checks}")
    failed = peak > MOST_BYTES or strangers > checks / 10_000 or any(recalls[share] < FLOORS[share] for share in CHANGED)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
