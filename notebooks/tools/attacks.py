"""What torture.py does to a kernel from outside: at its sockets, in its directory, to the
workers of its pools."""

import contextlib
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import zmtp
from jupyter_client.session import Session

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "potok"
PROGRAM = Path(sys.executable).with_name("potok-kernel")
KINDS = {
    "shell": b"DEALER", "iopub": b"SUB", "stdin": b"DEALER", "control": b"DEALER", "hb": b"REQ",
}
BATCH = 500  # malformed ones between two looks at the kernel
FAULTS = 100  # of a pool's workers, likewise
LARGE = 100 << 20  # bytes of a large cell

Attack = Callable[[int], None]


def all_of(victim, malformed: int, greedy: int, faults: int) -> list[tuple[str, Attack]]:
    """The attacks, each with its name. None where no numbers are given."""
    found: list[tuple[str, Attack]] = []
    for at in range(0, malformed, BATCH):
        count = min(BATCH, malformed - at)
        found.append((f"{count} malformed handshakes", Malformed(victim, count)))
    if greedy:
        found += [(f"{greedy} greedy clients: {name}", Greedy(victim, greedy, name))
                  for name in Greedy.KINDS]
        found += [(name, Large(victim, name)) for name in Large.KINDS]
        found += [(f"directory: {name}", trick) for name, trick in TRICKS.items()]
    for at in range(0, faults, FAULTS):
        count = min(FAULTS, faults - at)
        found.append((f"{count} faults of a pool", PoolFaults(victim, count)))
    return found


def memory(pid: int) -> int:
    """What a process has in memory that comes from no file, in bytes."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Anonymous:"):
            return int(line.split()[1]) << 10
    raise OSError(f"process {pid} does not tell its memory")


class Malformed:
    """Handshakes and messages that are cut short, changed, or made up."""

    def __init__(self, victim, count: int):
        self.victim, self.count = victim, count

    def __call__(self, n: int) -> None:
        chance = random.Random(n)
        for _ in range(self.count):
            port = chance.choice(list(KINDS))
            with zmtp.connect(self.victim.manager._make_url(port)) as stream:
                with contextlib.suppress(OSError):
                    stream.sendall(zmtp.malformed(chance, KINDS[port]))
                    stream.shutdown(socket.SHUT_WR)
                if not zmtp.is_closed(stream):
                    raise OSError(f"{port} keeps a malformed connection open")


class Greedy:
    """Many clients that send as much as they can, or take nothing."""

    KINDS = {
        "subscribe, and read nothing": ("iopub", b"SUB"),
        "ask, and read nothing": ("shell", b"DEALER"),
        "beat, and read nothing": ("hb", b"REQ"),
        "a message that never ends": ("control", b"DEALER"),
        "greet, and say no more": ("stdin", b"DEALER"),
    }

    def __init__(self, victim, count: int, name: str):
        self.victim, self.count, self.name = victim, count, name

    def __call__(self, n: int) -> None:
        port, kind = self.KINDS[self.name]
        url = self.victim.manager._make_url(port)
        with contextlib.ExitStack() as stack:
            clients = [stack.enter_context(zmtp.client(url, kind)) for _ in range(self.count)]
            for stream in clients:
                stream.settimeout(0.05)
                with contextlib.suppress(TimeoutError):
                    stream.sendall(self.says())
            # While they are there: everybody else is served.
            seconds = self.victim.answer(n, "variables and items")
            if seconds > 5:
                raise OSError(f"beside them a cell took {seconds:.1f} s")
            self.victim.run('for _ in 0..50 { println!("{}", "x".repeat(100_000)); }')

    def says(self) -> bytes:
        if self.name.startswith("subscribe"):
            return zmtp.SUBSCRIBE
        if self.name.startswith("ask"):
            session = Session(key=self.victim.client.session.key)
            ask = lambda: session.serialize(session.msg("kernel_info_request", {}))
            return b"".join(zmtp.message(*ask()) for _ in range(50))
        if self.name.startswith("beat"):
            return zmtp.message(b"", b"x" * 1000) * 500
        if self.name.startswith("a message"):
            return b"\x03" + (200 << 20).to_bytes(8, "big") + bytes(100_000)
        return b""


class Large:
    """100 MB: in a question about a cell, in a cell, which is refused, and in its output."""

    KINDS = {
        "a question of 100 MB": "is_complete_request",
        "a cell of 100 MB": "execute_request",
        "a cell that prints 100 MB": "",
    }

    def __init__(self, victim, name: str):
        self.victim, self.kind = victim, self.KINDS[name]

    def __call__(self, _n: int) -> None:
        client = self.victim.client
        if self.kind == "is_complete_request":
            request = client.is_complete("// " + "x" * LARGE)
        elif self.kind:
            request = client.execute("// " + "x" * LARGE + '\nprintln!("whole");')
        else:
            request = client.execute('for _ in 0..100 { println!("{}", "x".repeat(1 << 20)); }')
        printed = self.victim.finish(request)
        if self.kind == "execute_request" and printed:
            raise OSError(f"the cell was run; it printed {printed[:200]!r}")


class PoolFaults:
    """Items that kill the worker they run in, let it exit, panic, or never end."""

    CELL = """
fn fault(n: u64) -> u64 {
    match n % 8 {
        1 => { let _ = std::process::Command::new("kill").args(["-9",
            &std::process::id().to_string()]).status(); n }
        3 => panic!("item {n}"),
        5 => std::process::exit(3),
        7 if n % 400 == 7 => loop { std::hint::spin_loop() },
        7 => std::process::abort(),
        _ => n,
    }
}
let mut ends = (0, 0);
let pool = processes::Limits::new().wall(ms(2_000)).pool(2, processes::Start::Fork)?;
for (_, end) in pool.map_unordered(0..COUNT, fault) {
    if end.is_ok() { ends.0 += 1 } else { ends.1 += 1 }
}
drop(pool);
println!("{ends:?}");"""

    def __init__(self, victim, count: int):
        self.victim, self.count = victim, count

    def __call__(self, _n: int) -> None:
        # Every second item is one.
        printed = self.victim.run(self.CELL.replace("COUNT", str(2 * self.count)))
        if f"({self.count}, {self.count})" not in printed:
            raise OSError(f"the pool lost items or faults: {printed[:500]!r}")


# ---- the directory ---------------------------------------------------------------------
SESSIONS = CACHE / "sessions"


def trick(make: Callable[[Path], list[Path]]) -> Attack:
    """Puts something odd among the sessions, sweeps, and looks whether a file that has
    nothing to do with it is still there, as it was."""

    def done(n: int) -> None:
        outside = CACHE / f"torture-{n}"
        outside.mkdir(mode=0o700)
        (outside / "kept").write_text("kept")
        made = []
        try:
            made = make(outside)
            subprocess.run([PROGRAM, "sweep"], capture_output=True, timeout=30, check=False)
            if (outside / "kept").read_text() != "kept" or not (CACHE / "templates").is_dir():
                raise OSError("a sweep has removed what is not its own")
        finally:
            for path in [*made, outside]:
                if path.is_dir() and not path.is_symlink():
                    subprocess.run(["chmod", "-R", "u+rwx", path], check=False)
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)

    return done


def lock(name: str) -> Attack:
    def make(_outside: Path) -> list[Path]:
        (SESSIONS / name).write_text("")
        return [SESSIONS / name]

    return trick(make)


def link(name: str, to: str) -> Attack:
    def make(outside: Path) -> list[Path]:
        (SESSIONS / name).symlink_to(outside / to)
        return [SESSIONS / name]

    return trick(make)


def pipe(name: str) -> Attack:
    def make(_outside: Path) -> list[Path]:
        os.mkfifo(SESSIONS / name)
        return [SESSIONS / name]

    return trick(make)


def closed(mode: int) -> Attack:
    def make(outside: Path) -> list[Path]:
        inner = SESSIONS / "9-9" / "a" / "b"
        inner.mkdir(parents=True)
        (inner / "link").symlink_to(outside)
        inner.chmod(mode)
        return [SESSIONS / "9-9"]

    return trick(make)


def a_socket(_outside: Path) -> list[Path]:
    with socket.socket(socket.AF_UNIX) as stream:
        stream.bind(str(SESSIONS / "9-6.lock"))
    return [SESSIONS / "9-6.lock"]


def a_directory(_outside: Path) -> list[Path]:
    (SESSIONS / "9-5.lock").mkdir()
    return [SESSIONS / "9-5.lock"]


def open_to_all(_outside: Path) -> list[Path]:
    SESSIONS.chmod(0o777)
    deadline = time.monotonic() + 10
    subprocess.run([PROGRAM, "sweep"], capture_output=True, timeout=30, check=False)
    while SESSIONS.stat().st_mode & 0o077:
        if time.monotonic() > deadline:
            raise OSError("the sessions stay open to all")
    return []


TRICKS = {
    **{f"a lock called {name}": lock(name)
       for name in ("...lock", "..lock", ".lock", "-.lock", "9-x.lock", "x.lock")},
    "a pipe for a lock": pipe("9-1.lock"),
    "a pipe for a session": pipe("9-2"),
    "a pipe called x.lock": pipe("x.lock"),
    "a link for a lock": link("9-3.lock", "kept"),
    "a link for a session": link("9-4", ""),
    "a link to nowhere": link("9-7", "nothing"),
    "a link to the cache": link("9-8", ".."),
    "a link to itself": link("9-10", "../sessions/9-10"),
    **{f"a directory of mode {mode:03o}": closed(mode) for mode in (0o000, 0o100, 0o400)},
    "a directory for a lock": trick(a_directory),
    "a socket for a lock": trick(a_socket),
    "sessions of mode 777": trick(open_to_all),
}
