"""The kernel that torture.py abuses, the cells it is given, and what it must keep of each."""

import os
import queue
import random
import signal
import subprocess
import time
from pathlib import Path

from private import PrivateKernelManager

NOTEBOOKS = Path(__file__).resolve().parents[1]
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "potok"
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
