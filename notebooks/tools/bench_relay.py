"""What the relay adds to a message's way: round trips through it and past it, by turns.

    bench_relay.py [--rounds N]

Each round asks evcxr the same small question twice: through the relay, as Jupyter does, and
directly, by the inner kernel's own connection file.
"""

import argparse
import os
import statistics
import time
from pathlib import Path

from jupyter_client.blocking.client import BlockingKernelClient
from private import PrivateKernelManager

NOTEBOOKS = Path(__file__).resolve().parents[1]
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "potok"


def round_trip(client) -> float:
    start = time.perf_counter()
    # Not one of the questions that the relay answers by itself.
    request = client.inspect("x", 0)
    while client.get_shell_msg(timeout=30)["parent_header"]["msg_id"] != request:
        pass
    return (time.perf_counter() - start) * 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=1000)
    rounds = parser.parse_args().rounds

    manager = PrivateKernelManager(kernel_name="rust")
    manager.start_kernel(cwd=str(NOTEBOOKS))
    try:
        relayed = manager.client()
        relayed.start_channels()
        relayed.wait_for_ready(timeout=300)
        relayed.execute_interactive("1 + 1", output_hook=lambda message: None, timeout=300)
        [session] = (CACHE / "sessions").glob(f"{manager.provisioner.pid}-*/connection.json")
        direct = BlockingKernelClient(connection_file=str(session))
        direct.load_connection_file()
        # evcxr puts a colon before the number, where Jupyter puts a hyphen.
        place = lambda channel: f"ipc://{direct.ip}:{getattr(direct, f'{channel}_port')}"
        direct._make_url = place
        direct.start_channels(iopub=False)
        times = {"through the relay": [], "directly": []}
        for _ in range(rounds):
            for client, taken in zip((relayed, direct), times.values()):
                taken.append(round_trip(client))
        for name, taken in times.items():
            p50, p95 = statistics.median(taken), sorted(taken)[int(len(taken) * 0.95)]
            print(f"{name:<18} p50 {p50:6.3f} ms   p95 {p95:6.3f} ms   ({rounds} round trips)")
        added = [through - past for through, past in zip(*times.values())]
        print(f"added: median {statistics.median(added):.3f} ms (goal: at most 1 ms)")
        direct.stop_channels()
        relayed.stop_channels()
    finally:
        manager.shutdown_kernel()


if __name__ == "__main__":
    main()
