"""The same with Python's multiprocessing, and joblib's loky where it is installed."""

import multiprocessing as mp
import statistics
import time


def same(n):
    return n


def show(label, runs):
    middle, least, most = statistics.median(runs), min(runs), max(runs)
    scale, unit = next(p for p in ((1, "s"), (1e3, "ms"), (1e6, "µs")) if middle * p[0] >= 1 or p[1] == "µs")
    print(f"Python, {label}: {middle * scale:.2f} {unit} "
          f"({least * scale:.2f}–{most * scale:.2f} {unit}, {len(runs)} runs)")


def timed(count, run):
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) / count


def main():
    for method in ("fork", "spawn"):
        context = mp.get_context(method)

        def start():
            with context.Pool(2) as pool:
                pool.map(same, [1, 2])

        show(f"pool of 2, {method}", [timed(1, start) for _ in range(5)])
    data = bytes(1 << 20)
    with mp.get_context("fork").Pool(1) as pool:
        one = lambda: [pool.apply(same, (n,)) for n in range(500)]
        show("warm pool, one no-op at a time", [timed(500, one) for _ in range(5)])
        large = lambda: [pool.apply(len, (data,)) for _ in range(20)]
        show("1 MB to a worker", [timed(20, large) for _ in range(5)])
    with mp.get_context("fork").Pool(2) as pool:
        many = lambda: pool.map(same, range(200_000))
        show("warm pool, batched no-op", [timed(200_000, many) for _ in range(5)])
    try:
        from joblib import Parallel, delayed
    except ImportError:
        return
    with Parallel(2) as parallel:
        loky = lambda: parallel(delayed(same)(n) for n in range(2_000))
        loky()
        show("loky, batched no-op", [timed(2_000, loky) for _ in range(5)])


if __name__ == "__main__":
    main()
