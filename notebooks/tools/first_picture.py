"""How long from here to the first picture: starts the kernel as a notebook does, runs the
lecture's set-up cell and one that draws, and prints what each took.

    first_picture.py

Ends with 1 if no picture comes."""

import os
import sys
import time
from pathlib import Path

from private import PrivateKernelManager

NOTEBOOKS = Path(__file__).resolve().parents[1]
SETUP = ':dep potok = { path = "../crate/potok" }\nuse potok::prelude::*;'
PICTURE = 'record(|rec| rec.span("first", || busy(ms(10))))'


def main() -> None:
    os.environ.setdefault("POTOK_SPARE", "0")
    began = time.perf_counter()
    manager = PrivateKernelManager(kernel_name="rust")
    manager.start_kernel(cwd=str(NOTEBOOKS))
    client = manager.client()
    client.start_channels()
    drawn = []

    def output(message: dict) -> None:
        drawn.append("<img" in message["content"].get("data", {}).get("text/html", ""))

    try:
        client.wait_for_ready(timeout=600)
        print(f"the kernel answered: {time.perf_counter() - began:.1f} s")
        for what, code in [("set-up cell", SETUP), ("picture", PICTURE)]:
            start = time.perf_counter()
            client.execute_interactive(code, output_hook=output, timeout=600)
            print(f"{what}: {time.perf_counter() - start:.1f} s")
    finally:
        client.stop_channels()
        manager.shutdown_kernel()
    if not any(drawn):
        sys.exit("first_picture: no picture came")


if __name__ == "__main__":
    main()
