"""The jobs that `python::compare_*` times: the same work for one worker or many."""
import multiprocessing
import threading
import time


def compute(steps):
    """CPU-bound: each step depends on the one before."""
    x = 27
    for _ in range(steps):
        x = x // 2 if x % 2 == 0 else 3 * x + 1


def ask(requests):
    """I/O-bound: each request waits for an answer."""
    for _ in range(requests):
        time.sleep(WAIT)


def shares(total, n):
    return [total // n + (i < total % n) for i in range(n)]


def run(worker, function, total, n):
    workers = [worker(target=function, args=(share,)) for share in shares(total, n)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()


def threads(function, total, n):
    run(threading.Thread, function, total, n)


def processes(function, total, n):
    run(multiprocessing.get_context("fork").Process, function, total, n)
