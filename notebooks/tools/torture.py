"""Abuses of a real kernel, in random order: after each a fresh cell answers.

    torture.py [--abuses N] [--seed N] [--malformed N] [--greedy N]

First cells, interrupts and killed processes, in random order; then malformed handshakes and
messages at all of the kernel's sockets, greedy clients, and odd things in its directory
(attacks.py). After each abuse a fresh cell has 5 s to answer, and what the kernel promises to keep is
looked for: variables and items, items only, or neither after a restart. At the end nothing
may be left: no process, no listening socket, no shared memory, no directory, and the relay
may take at most half as much memory again as at the start. Prints what each kind of abuse
cost, and exits with 1 if a promise was broken.
"""

import argparse
import json
import os
import queue
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import attacks
from private import PrivateKernelManager

NOTEBOOKS = Path(__file__).resolve().parents[1]
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "potok"
MEMORY = 1.5  # times the relay's memory at the start
ANSWER = 5.0  # seconds that a fresh cell may take
PATIENCE = 300.0  # seconds after which anything counts as hung

ALL, ITEMS, NOTHING = "variables and items", "items", "nothing"

# A cell, and what it must leave. `{n}` is the number of the abuse.
CELLS = {
    "panic": ('panic!("abuse {n}")', ALL),
    "failed ?": ('"x{n}".parse::<u8>()?;', ALL),
    "compile error": ('let broken: u32 = "{n}";', ALL),
    "abort": ("std::process::abort()", ITEMS),
    "segfault": ("unsafe { std::ptr::null_mut::<u8>().write_volatile({n} as u8) }", ITEMS),
    "stack overflow": (
        "fn deep(n: u64) -> u64 { let here = std::hint::black_box([n; 64]); "
        "here[0] + deep(n + here[1]) }\ndeep({n})",
        ITEMS,
    ),
    "exit": ("std::process::exit({n} % 200)", ITEMS),
    "out of memory in a child": (
        "println!(\"{}\", processes::Limits::new().memory(100 << 20)"
        ".fork(|| vec![1u8; 1 << 30].len())?.join().is_err());",
        ALL,
    ),
    "50 MB of output": (
        'let line = "x".repeat(99); for _ in 0..500_000 { println!("{line}"); }',
        ALL,
    ),
    "binary output": (
        "use std::io::Write; let bytes: Vec<u8> = (0..200_000u32)"
        ".map(|n| (n * 7 + {n}) as u8).collect();\n"
        "std::io::stdout().write_all(&bytes)?; println!();",
        ALL,
    ),
    "kernel commands in the text": (
        # Not alone on a line: that is what evcxr itself says, and cannot be told apart.
        'println!("see EVCXR_EXECUTION_COMPLETE here"); println!("EVCXR_END_CONTENT");'
        ' println!("EVCXR_PANIC_NOTIFICATION, it says"); println!("POTOK_LIVE {n}");',
        ALL,
    ),
    "a fork that never ends": (
        "let child = processes::Limits::new().wall(ms(300)).fork(|| loop "
        "{ std::hint::spin_loop() })?;\nprintln!(\"{}\", child.join().is_err());",
        ALL,
    ),
    "a forgotten fork": (
        "std::mem::forget(processes::fork(|| loop { std::thread::park() })?);",
        ALL,
    ),
    "kill -9 of a worker": (
        "fn nap(n: u32) -> u32 { std::thread::sleep(ms(20_000)); n }\n"
        "let child = processes::spawn(nap, 1)?;\n"
        'let kill = std::process::Command::new("kill")'
        '.args(["-9", &child.pid().to_string()]).status()?;\n'
        'println!("{} {}", kill.success(), child.join().is_err());',
        ALL,
    ),
}
# A cell that runs until it is interrupted.
ENDLESS = {
    "infinite loop": 'println!("in {n}"); loop { std::hint::spin_loop() }',
    "deadlock": '{ let lock = std::sync::Mutex::new({n}); let _a = lock.lock().unwrap();\n'
    'println!("in {n}"); let _b = lock.lock().unwrap(); }',
}
NAP = 'println!("in {n}"); std::thread::sleep(ms(800));'


class Broken(Exception):
    """The kernel did not keep a promise."""


class Victim:
    """The kernel, its client, and what it has been told to keep."""

    def __init__(self, seed: int):
        self.manager = PrivateKernelManager(kernel_name="rust")
        self.random = random.Random(seed)
        self.lost = NOTHING
        self.manager.start_kernel(cwd=str(NOTEBOOKS))
        self.connect()
        self.sound = {name: self.by_cell for name in CELLS}
        self.sound |= {f"{name}, interrupted": self.by_interrupt for name in ENDLESS}
        self.sound |= {
            "kill -9 of the runtime": self.kill_runtime,
            "kill -9 of the inner kernel": self.kill_inner,
            "restart in the middle": self.restart,
            "client closed in the middle": self.leave,
        }

    def connect(self) -> None:
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)

    def send(self, code: str) -> str:
        return self.client.execute(code)

    def finish(self, request: str, until_printed: str | None = None) -> str:
        """Waits for a cell's end, or until it has printed a line; what it printed."""
        printed, deadline = [], time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                message = self.client.get_iopub_msg(timeout=1)
            except queue.Empty:
                if not self.manager.is_alive():
                    raise Broken("the kernel ended by itself") from None
                continue
            if message["parent_header"].get("msg_id") != request:
                continue
            content = message["content"]
            if message["msg_type"] == "stream":
                printed.append(content["text"])
                if until_printed and until_printed in "".join(printed[-2:]):
                    return "".join(printed)
            if content.get("execution_state") == "idle":
                if until_printed:
                    raise Broken(f"the cell ended early; it printed {printed}")
                return "".join(printed)
        raise Broken(f"a cell has not ended in {PATIENCE:.0f} s")

    def run(self, code: str) -> str:
        return self.finish(self.send(code))

    def prepare(self) -> None:
        """Defines again what the last abuse was allowed to take."""
        if self.lost == NOTHING:
            self.run("fn item(n: u64) -> u64 { n + 1 }\nuse potok::prelude::*;")
        if self.lost in (NOTHING, ITEMS):
            self.run("let variable = 41u64;")
        self.lost = None

    def answer(self, n: int, kept: str) -> float:
        """The seconds until a fresh cell has answered, with what must be there."""
        code = {
            ALL: f'println!("{{}}", item({n}) + variable);',
            ITEMS: f'println!("{{}}", item({n}));',
            NOTHING: f'println!("{{}}", {n});',
        }[kept]
        expected = {ALL: n + 42, ITEMS: n + 1, NOTHING: n}[kept]
        start = time.monotonic()
        printed = self.run(code)
        seconds = time.monotonic() - start
        if f"{expected}\n" not in printed:
            raise Broken(f"{kept} should be there; the cell printed {printed[:500]!r}")
        self.lost = None if kept == ALL else kept
        return seconds

    # ---- the abuses: each returns what must be there afterwards ----------------------
    def by_cell(self, name: str, n: int) -> str:
        code, kept = CELLS[name]
        self.run(code.replace("{n}", str(n)))
        return kept

    def by_interrupt(self, name: str, n: int) -> str:
        code = ENDLESS[name.removesuffix(", interrupted")].replace("{n}", str(n))
        request = self.send(code)
        self.finish(request, until_printed=f"in {n}")
        self.manager.interrupt_kernel()
        self.finish(request)
        return ITEMS

    def pids(self) -> tuple[int, int]:
        """The runtime process and its parent, the inner kernel."""
        ids = self.run(
            'println!("{} {}", std::process::id(), std::os::unix::process::parent_id());'
        )
        runtime, inner = ids.split()[:2]
        return int(runtime), int(inner)

    def kill_runtime(self, _name: str, n: int) -> str:
        runtime, _ = self.pids()
        request = self.send(NAP.replace("{n}", str(n))) if n % 2 else None
        if request:
            self.finish(request, until_printed=f"in {n}")
        os.kill(runtime, signal.SIGKILL)
        if request:
            self.finish(request)
        else:
            # Nothing runs: the next cell finds it gone, and says so.
            self.run('println!("is it there?");')
        return ITEMS

    def kill_inner(self, _name: str, _n: int) -> str:
        _, inner = self.pids()
        self.wait_for_spare()
        os.kill(inner, signal.SIGKILL)
        deadline = time.monotonic() + 20
        while self.manager.is_alive():
            if time.monotonic() > deadline:
                raise Broken("the kernel lives on without its inner kernel")
            time.sleep(0.02)
        return self.again()

    def restart(self, _name: str, n: int) -> str:
        self.wait_for_spare()
        request = self.send(NAP.replace("{n}", str(n)))
        self.finish(request, until_printed=f"in {n}")
        return self.again()

    def again(self) -> str:
        """What JupyterLab does for Restart, and for a kernel that has died."""
        self.client.stop_channels()
        self.manager.restart_kernel(now=True)
        self.connect()
        return NOTHING

    def leave(self, _name: str, n: int) -> str:
        request = self.send(NAP.replace("{n}", str(n)))
        self.finish(request, until_printed=f"in {n}")
        self.client.stop_channels()
        self.connect()
        return ALL

    def wait_for_spare(self) -> None:
        """A restart is quick where a spare is ready; it takes a while to prepare one."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            listing = ["ps", "-eo", "pid=,args="]
            rows = subprocess.run(listing, capture_output=True, text=True, check=True).stdout
            mine = f" keep-spare {os.getpid()} "
            keepers = [row.split()[0] for row in rows.splitlines() if mine in row]
            ready = [
                found
                for pid in keepers
                for found in (CACHE / "sessions").glob(f"{pid}-*/ready")
            ]
            # Those that were adopted are ready as well.
            if (CACHE / "spare/note").exists() and len(ready) == len(keepers) > 0:
                return
            time.sleep(0.2)
        raise Broken("no spare was prepared")


def worker(options: argparse.Namespace) -> int:
    """Abuses one kernel; prints a line of JSON for each abuse."""
    victim, abuses = Victim(options.seed), options.abuses
    names = list(victim.sound)
    order = names + victim.random.choices(names, k=max(0, abuses - len(names)))
    victim.random.shuffle(order)
    outside = attacks.all_of(victim, options.malformed, options.greedy)
    victim.sound |= {name: lambda _name, n, attack=attack: attack(n) or ALL
                     for name, attack in outside}
    # On one kernel from here on: its relay's memory is looked at before and after.
    order = order[:abuses] + ["restart in the middle"] * bool(outside)
    order += [name for name, _ in outside]
    broken, memory = 0, None
    for n, name in enumerate(order, start=1):
        if outside and n == abuses + 2:
            victim.prepare()
            victim.answer(n, ALL)
            memory = attacks.memory(victim.manager.provisioner.pid)
        line = {"n": n, "abuse": name}
        try:
            victim.prepare()
            start = time.monotonic()
            kept = victim.sound[name](name, n)
            line |= {"kept": kept, "took": time.monotonic() - start}
            line["answer"] = victim.answer(n, kept)
        except (Broken, RuntimeError, OSError) as error:
            line["broken"] = str(error)
            broken += 1
            victim.again()
            victim.lost = NOTHING
        if line.get("answer", 0) > ANSWER:
            broken += 1
        print(json.dumps(line), flush=True)
    if memory:
        after = 0
        # What was freed last goes back to the system after a moment.
        for _ in range(50):
            after = attacks.memory(victim.manager.provisioner.pid)
            if after <= MEMORY * memory:
                break
            time.sleep(0.1)
        else:
            broken += 1
        print(json.dumps({"memory": [memory, after]}), flush=True)
    victim.client.stop_channels()
    victim.manager.shutdown_kernel()
    return 1 if broken else 0


def left(token: str, sessions: set[str], memory: set[str], scratch: Path) -> list[str]:
    """What is still there of a run whose processes carry `token` in their environment."""
    found = []
    mark = f"POTOK_TORTURE={token}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if int(process.name) == os.getpid() or mark not in (process / "environ").read_bytes():
                continue
            state = (process / "stat").read_text().rpartition(")")[2].split()[0]
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if state != "Z":
            found.append(f"process {process.name}: {command}")
    found += [f"session {name}" for name in session_names() - sessions]
    found += [f"shared memory {name}" for name in shared_memory() - memory]
    found += [f"file {path}" for path in scratch.iterdir()]
    return found


def session_names() -> set[str]:
    places = [CACHE / "sessions", CACHE / "spare"]
    names = {path.name for place in places if place.is_dir() for path in place.iterdir()}
    return names - {".gate", "lock"}


def shared_memory() -> set[str]:
    memory = Path("/dev/shm")
    return {path.name for path in memory.iterdir()} if memory.is_dir() else set()


def run(
    abuses: int, seed: int, malformed: int = 0, greedy: int = 0
) -> tuple[list[dict], list[str]]:
    """Abuses a kernel in a process of its own; each abuse, and what was left afterwards.

    A socket is listed by its process: where no process is left, none listens.
    """
    token = uuid.uuid4().hex
    sessions, memory = session_names(), shared_memory()
    lines = []
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, __file__, "--worker"]
        command += ["--abuses", str(abuses), "--seed", str(seed)]
        command += ["--malformed", str(malformed), "--greedy", str(greedy)]
        env = {**os.environ, "POTOK_TORTURE": token, "TMPDIR": scratch, "POTOK_SPARE": "10"}
        with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as process:
            for text in process.stdout:
                lines.append(json.loads(text))
                show(lines[-1])
        if process.returncode not in (0, 1):
            lines.append({"n": 0, "abuse": "the run itself", "broken": "it ended early"})
        deadline = time.monotonic() + 30
        while rest := left(token, sessions, memory, Path(scratch)):
            if time.monotonic() > deadline:
                break
            time.sleep(0.2)
    return lines, rest


def show(line: dict) -> None:
    if "memory" in line:
        return
    said = line.get("broken") or f"{line['answer']:.2f} s, kept: {line['kept']}"
    print(f"{line['n']:4} {line['abuse']:34} {said}", flush=True)


def summary(lines: list[dict], rest: list[str]) -> bool:
    """Prints the figures; whether every promise was kept."""
    memory = next((line["memory"] for line in lines if "memory" in line), None)
    lines = [line for line in lines if "abuse" in line]
    print(f"\n{'abuse':34} {'count':>5} {'median':>8} {'most':>8}   fresh cell, seconds")
    for name in sorted({line["abuse"] for line in lines}):
        answers = [line["answer"] for line in lines if line["abuse"] == name and "answer" in line]
        if answers:
            median, most = statistics.median(answers), max(answers)
            print(f"{name:34} {len(answers):5} {median:8.2f} {most:8.2f}")
    broken = [line for line in lines if "broken" in line]
    slow = [line for line in lines if line.get("answer", 0) > ANSWER]
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"\n{len(lines)} abuses; broken promises: {len(broken)}; "
          f"answers over {ANSWER:.0f} s: {len(slow)}; left behind: {len(rest)}")
    print(f"{len(os.sched_getaffinity(0))} cores, load averages {load}")
    grown = bool(memory) and memory[1] > MEMORY * memory[0]
    if memory:
        print(f"memory of the relay: {memory[0] / 2**20:.1f} MB before what came from "
              f"outside, {memory[1] / 2**20:.1f} MB after it (at most {MEMORY} times as much)")
    for line in broken + slow:
        print("   ", json.dumps(line))
    for what in rest:
        print("    left:", what)
    return not (broken or slow or rest or grown)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--abuses", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--malformed", type=int, default=10_000)
    parser.add_argument("--greedy", type=int, default=100)
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        return worker(options)
    done = run(options.abuses, options.seed, options.malformed, options.greedy)
    return 0 if summary(*done) else 1


if __name__ == "__main__":
    sys.exit(main())
