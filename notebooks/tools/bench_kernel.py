"""The kernel beside a stock evcxr, in one run, turn by turn.

    bench_kernel.py [--rounds N] [--cells N] [--spare]

In each round both kernels are started, the stock one with nothing prepared, and their
start is timed to the answer of the notebooks' set-up cell: from there on potok can be used.
Then the same cells run in both by turns, the same questions are asked (completion,
Shift-Tab), and the same small crates are added. Stock is evcxr_jupyter's own code in the
role that Jupyter gives it: `potok-kernel --control_file`, which calls `evcxr_jupyter::main`
and nothing else, without a configuration and without a template.

Then, with a spare prepared: what a start and a restart take, and the memory of each
process. The stock kernels are gone by then. With --spare only this.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager
from private import PrivateKernelManager

NOTEBOOKS = Path(__file__).resolve().parents[1]
PROGRAM = Path(sys.executable).with_name("potok-kernel")
SETUP = ':dep potok = { path = "../crate/potok" }\nuse potok::prelude::*;'
CELLS = {
    "println!": 'println!("round {N}");',
    "let": "let number{N} = {N} + 1;",
    "a chart": 'record(|rec| rec.span("round {N}", || busy(ms(1))))',
    "fn": "fn next{N}(x: u64) -> u64 { x + {N} }",
}
# One each, since a second `:dep` of the same crate costs nothing. What they need is in
# nobody's template.
CRATES = {
    "fastrand": "fastrand::Rng::with_seed(7).u8(..)",
    "hex": 'hex::encode("tea")',
    "itoa": "itoa::Buffer::new().format(2026).to_owned()",
}
# Asked with the cursor at `|`; a number makes each a new one.
QUESTIONS = {
    "completion": "let values{N} = vec![1, 2]; values{N}.is_e|",
    "inspect": "let values{N} = vec![1, 2]; values{N}.is_empty|()",
}
# Ratios; of what is asked, seconds.
TARGETS = {
    "start": 0.25, "println!": 0.6, "let": 0.7, "a chart": 0.6, "fn": 0.6, ":dep": 1.0,
    "completion": "0.15 s", "inspect": "0.15 s",
}  # fmt: skip
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "potok"


class Kernel:
    def __init__(self, spec: KernelSpec | None):
        self.began = time.perf_counter()
        # evcxr's own code listens on TCP ports only.
        manager = KernelManager if spec else PrivateKernelManager
        self.manager = manager(kernel_name="rust")
        if spec:
            self.manager._kernel_spec = spec
        self.manager.start_kernel(cwd=str(NOTEBOOKS))
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=600)

    def run(self, code: str) -> float:
        start = time.perf_counter()
        reply = self.client.execute_interactive(
            code, output_hook=lambda message: None, timeout=600
        )
        assert reply["content"]["status"] == "ok", code
        return time.perf_counter() - start

    def ask(self, what: str, text: str) -> float:
        """The seconds until a question is answered, whatever the answer."""
        code, place = text.replace("|", ""), text.index("|")
        ask = self.client.complete if what == "completion" else self.client.inspect
        start = time.perf_counter()
        ask(code, place, reply=True, timeout=600)
        return time.perf_counter() - start

    def restart(self) -> float:
        """The seconds of a restart, to the answer of the set-up cell."""
        start = time.perf_counter()
        self.client.stop_channels()
        self.manager.restart_kernel()
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=600)
        self.run(SETUP)
        return time.perf_counter() - start

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel()


def stock(directory: Path) -> KernelSpec:
    """evcxr without a configuration, in an empty build directory."""
    for name in ("config", "crate"):
        (directory / name).mkdir()
    return KernelSpec(
        argv=[str(PROGRAM), "--control_file", "{connection_file}"],
        display_name="stock evcxr",
        language="rust",
        interrupt_mode="message",
        env={
            "EVCXR_CONFIG_DIR": str(directory / "config"),
            "EVCXR_TMPDIR": str(directory / "crate"),
            "JUPYTER_PATH": str(directory),
        },
    )


def compile_cold(crate: Path) -> float:
    """Compiles what the stock kernel compiled once more, from nothing and with no kernel."""
    env = {**os.environ, "RUSTFLAGS": "-Cprefer-dynamic"}
    with tempfile.TemporaryDirectory() as target:
        command = ["cargo", "build", "--quiet", "--target-dir", target]
        start = time.perf_counter()
        subprocess.run(command, cwd=crate, env=env, check=True, stderr=subprocess.DEVNULL)
        return time.perf_counter() - start


def wait_for_spare() -> None:
    """Prepares a spare, if there is none, and waits until it has run its first cell."""
    spare = [PROGRAM, "spare", str(os.getpid()), NOTEBOOKS.parent / "crate/potok"]
    # The keeper of a spare that was adopted lives on beside the one of the next.
    is_ready = lambda keeper: any((CACHE / "sessions").glob(f"{keeper}-*/ready"))
    for _ in range(1200):
        if not (CACHE / "spare/note").exists():
            subprocess.run(spare, cwd=NOTEBOOKS, check=True)
        elif all(map(is_ready, members("keep-spare"))):
            return
        time.sleep(0.25)
    raise TimeoutError("no spare got ready in 300 s")


def processes() -> dict[int, tuple[int, int, str]]:
    """Parent, resident memory in bytes and command of what this program has started."""
    command = ["ps", "-eo", "pid=,ppid=,rss=,args="]
    listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = (line.split(None, 3) for line in listing.splitlines())
    return {int(pid): (int(parent), int(rss) * 1024, args) for pid, parent, rss, args in rows}


def members(role: str) -> list[int]:
    """The processes of ours in this role."""
    mine = f"{PROGRAM} {role} "
    server = f" {os.getpid()} "
    return [
        pid
        for pid, (parent, _, args) in processes().items()
        if args.startswith(mine) and (parent == os.getpid() or server in args)
    ]


def family(role: str) -> list[int]:
    """The processes of ours in this role, then those below them."""
    known = processes()
    found = members(role)
    for pid in found:
        found += [child for child, (parent, _, _) in known.items() if parent == pid]
    return found


def with_spare(rounds: int) -> None:
    """Prints the start and the restart with a spare, and what it takes in memory."""
    os.environ["POTOK_SPARE"] = "10"
    times = {"start, spare": [], "restart, spare": []}
    for _ in range(rounds):
        wait_for_spare()
        kernel = Kernel(None)
        kernel.run(SETUP)
        times["start, spare"].append(time.perf_counter() - kernel.began)
        wait_for_spare()
        times["restart, spare"].append(kernel.restart())
        if "memory" not in times:
            wait_for_spare()
            known = processes()
            times["memory"] = {
                role: [known[pid][1] for pid in family(role) if pid in known]
                for role in ("start", "keep-spare")
            }
        kernel.close()
    memory = times.pop("memory")
    for what, samples in times.items():
        print(f"{what:15}{spread(samples):>24}  target 0.7 s")
    for role, sizes in memory.items():
        sizes = ", ".join(f"{size / 1e6:.0f}" for size in sizes)
        print(f"resident memory, MB, `{role}` and below: {sizes}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cells", type=int, default=7, help="runs of a cell in a round")
    parser.add_argument("--spare", action="store_true", help="only what a spare brings")
    options = parser.parse_args()
    if options.spare:
        machine(options.rounds)
        with_spare(options.rounds)
        return
    os.environ["POTOK_SPARE"] = "0"
    times = {what: {"ours": [], "stock": []} for what in TARGETS}
    cold = []

    for round in range(options.rounds):
        with tempfile.TemporaryDirectory() as directory:
            kernels = {}
            for name in ["stock", "ours"] if round % 2 else ["ours", "stock"]:
                spec = stock(Path(directory)) if name == "stock" else None
                kernels[name] = Kernel(spec)
                kernels[name].run(SETUP)
                times["start"][name].append(time.perf_counter() - kernels[name].began)
            for what, code in CELLS.items():
                for turn in range(options.cells):
                    for name in sorted(kernels, reverse=turn % 2 == 1):
                        seconds = kernels[name].run(code.replace("{N}", str(turn)))
                        times[what][name].append(seconds)
            for what, text in QUESTIONS.items():
                for turn in range(options.cells):
                    for name in sorted(kernels, reverse=turn % 2 == 1):
                        seconds = kernels[name].ask(what, text.replace("{N}", str(turn)))
                        times[what][name].append(seconds)
            for turn, (crate, code) in enumerate(CRATES.items()):
                for name in sorted(kernels, reverse=turn % 2 == 1):
                    seconds = kernels[name].run(f':dep {crate} = "*"\n{code}')
                    times[":dep"][name].append(seconds)
            for kernel in kernels.values():
                kernel.close()
            cold.append(compile_cold(Path(directory) / "crate"))

    machine(options.rounds)
    print(f"{'':10}{'ours':>24}{'stock evcxr':>24}{'ratio':>8}  target  p95: ours, stock")
    for what, both in times.items():
        ours, theirs = (statistics.median(both[name]) for name in ("ours", "stock"))
        print(f"{what:10}{spread(both['ours']):>24}{spread(both['stock']):>24}"
              f"{ours / theirs:>8.2f}  {TARGETS[what]:<6}"
              f"  {late(both['ours']):.2f}, {late(both['stock']):.2f}")
    print(f"potok as a notebook's dependency, compiled from nothing: {spread(cold)}")
    with_spare(options.rounds)


def machine(rounds: int) -> None:
    """Prints where it was measured."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{len(os.sched_getaffinity(0))} cores, load averages {load}, "
          f"{rounds} rounds; seconds, median (range)")


def late(samples: list[float]) -> float:
    """What 95 of 100 are within."""
    return sorted(samples)[min(len(samples) - 1, int(0.95 * len(samples)))]


def spread(samples: list[float]) -> str:
    low, middle, high = min(samples), statistics.median(samples), max(samples)
    return f"{middle:.2f} ({low:.2f}–{high:.2f})"


if __name__ == "__main__":
    main()
