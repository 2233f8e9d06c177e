"""Runs the cells of one submission in a kernel, and writes down what came out.

    inside.py ORDER.json RESULT.json

It is run in the box (sealed.py) by .venv's Python. A cell that takes too long, or a kernel
that dies, costs what it has not earned and nothing more: another kernel is started, in
which what students and staff defined above is defined again, and goes on below.

What a cell earned comes through a pipe that its checks' parent alone can write to.
"""

import asyncio
import ctypes
import json
import os
import resource
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import nbformat  # noqa: E402
from nbclient import NotebookClient  # noqa: E402
from nbclient.exceptions import CellTimeoutError, DeadKernelError  # noqa: E402
from private import AsyncPrivateKernelManager  # noqa: E402

# Of a cell's outputs, so much is kept.
MOST = 300_000
# Bytes of addresses that each process may have.
MEMORY = 12 << 30


@dataclass
class Order:
    """Which cells, and how long each may take."""

    # Each has an id, a kind and its source. A kind is `setup`, `define` or `check`.
    cells: list[dict]
    start: float = 300
    setup: float = 300
    cell: float = 120
    whole: float = 900


@dataclass
class Result:
    outputs: dict[str, list] = field(default_factory=dict)
    # The lines that came through the pipe while a cell ran.
    points: dict[str, list[str]] = field(default_factory=dict)
    # What went wrong, other than an error of the cell's own.
    trouble: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    kernels: int = 0


class Pipe:
    """The reading end of the pipe for points, of one kernel."""

    def __init__(self, folder: Path):
        self.path = folder / "points"
        os.mkfifo(self.path, 0o600)
        self.end = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)
        self.rest = b""
        os.environ["POTOK_POINTS"] = str(self.path)

    def lines(self) -> list[str]:
        """What came since the last time."""
        self.is_held()
        *whole, self.rest = self.rest.split(b"\n")
        return [line.decode(errors="replace") for line in whole]

    def is_held(self) -> bool:
        """Whether the process that runs the cells still lives: nobody else has the pipe."""
        try:
            while chunk := os.read(self.end, 65_536):
                self.rest += chunk
        except BlockingIOError:
            return True
        return False

    def close(self) -> None:
        os.close(self.end)
        self.path.unlink(missing_ok=True)


class Run:
    def __init__(self, order: Order):
        self.order = order
        self.result = Result()
        self.end = time.monotonic() + order.whole
        self.skipped: set[int] = set()

    def all(self) -> Result:
        at = 0
        while at < len(self.order.cells):
            if time.monotonic() > self.end:
                for cell in self.order.cells[at:]:
                    self.result.trouble[cell["id"]] = "the time for all cells was over"
                break
            at = self.one_kernel(at)
        return self.result

    def one_kernel(self, at: int) -> int:
        """Runs cells from there on, as long as the kernel lives; where to go on."""
        self.result.kernels += 1
        cells = [nbformat.v4.new_code_cell(cell["source"]) for cell in self.order.cells]
        notebook = nbformat.v4.new_notebook(cells=cells)
        with tempfile.TemporaryDirectory(prefix="points-") as folder:
            pipe = Pipe(Path(folder))
            client = NotebookClient(
                notebook,
                kernel_name="rust",
                kernel_manager_class=AsyncPrivateKernelManager,
                startup_timeout=self.order.start,
                timeout_func=self.seconds_for,
                # The stock 4 s lose outputs on a busy machine, without a word.
                iopub_timeout=60,
                raise_on_iopub_timeout=True,
                allow_errors=True,
                record_timing=False,
                shutdown_kernel="immediate",
                resources={"metadata": {"path": os.getcwd()}},
            )
            try:
                with client.setup_kernel():
                    for above in range(at):
                        if self.order.cells[above]["kind"] != "check":
                            if above not in self.skipped:
                                self.execute(client, above, pipe, again=True)
                    while at < len(cells) and time.monotonic() < self.end:
                        lives = self.execute(client, at, pipe)
                        at += 1
                        if not lives:
                            self.skipped.add(at - 1)
                            break
            finally:
                pipe.close()
        return at

    def seconds_for(self, cell) -> float:
        """The set-up cell may have to compile; the time for all cells governs too."""
        setup = cell.source.lstrip().startswith(":dep")
        seconds = self.order.setup if setup else self.order.cell
        return max(1, min(seconds, self.end - time.monotonic()))

    def execute(self, client, at: int, pipe: Pipe, again: bool = False) -> bool:
        """Runs a cell; whether the kernel can go on."""
        id = self.order.cells[at]["id"]
        cell = client.nb.cells[at]
        begun = time.monotonic()
        lives, trouble = True, None
        pipe.lines()
        try:
            client.execute_cell(cell, at)
        except CellTimeoutError:
            lives, trouble = False, f"took longer than {self.seconds_for(cell):.0f} s"
        except DeadKernelError:
            lives, trouble = False, "ended the kernel"
        except (RuntimeError, asyncio.CancelledError) as error:
            lives, trouble = False, f"lost the kernel: {error}"
        if lives and not pipe.is_held():
            lives, trouble = False, "ended the process that runs the cells"
        if again:
            return lives
        self.result.points[id] = pipe.lines()
        self.result.outputs[id] = bounded(cell.outputs)
        self.result.seconds[id] = round(time.monotonic() - begun, 2)
        if trouble:
            self.result.trouble[id] = trouble
        return lives


def bounded(outputs: list) -> list:
    """The outputs, up to a size that a page can show."""
    kept, left = [], MOST
    for output in outputs:
        size = len(json.dumps(output))
        if size > left:
            text = "[more was printed than is kept]\n"
            kept.append({"output_type": "stream", "name": "stdout", "text": text})
            break
        left -= size
        kept.append(output)
    return kept


def seclude() -> None:
    """Keeps the memory of this process, in which the hidden tests are, from all that runs as
    the same user; so does the kernel."""
    set_dumpable = 4
    if sys.platform == "linux" and ctypes.CDLL(None).prctl(set_dumpable, 0, 0, 0, 0):
        raise SystemExit("inside: the system does not keep this process to itself")


def main() -> int:
    seclude()
    order, result = map(Path, sys.argv[1:3])
    # A spare kernel would be prepared, and never used; and clients' own time-out for a
    # start counts only where the kernel answers when it is ready.
    os.environ.update(POTOK_SPARE="0", POTOK_WAIT="1")
    told = Order(**json.loads(order.read_text()))
    # The hidden tests are in it.
    order.unlink()
    # For the compiler too: an array of 16 GB is no answer's.
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    ran = Run(told).all()
    made = result.with_suffix(".part")
    made.write_text(json.dumps(ran.__dict__))
    made.rename(result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
