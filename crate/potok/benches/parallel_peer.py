"""What joblib adds to a loop: items of no work, so that all the time is its own."""

import statistics
import time

from joblib import Parallel, delayed


def same(n):
    return n


def main():
    for backend in ("threading", "loky"):
        with Parallel(2, backend=backend) as parallel:
            loop = lambda: parallel(delayed(same)(n) for n in range(20_000))
            loop()
            runs = []
            for _ in range(9):
                start = time.perf_counter()
                loop()
                runs.append((time.perf_counter() - start) / 20_000 * 1e6)
        middle, least, most = statistics.median(runs), min(runs), max(runs)
        print(f"joblib, {backend}, nothing to do: {middle:.2f} µs an item "
              f"({least:.2f}–{most:.2f} µs, {len(runs)} runs)")


if __name__ == "__main__":
    main()
