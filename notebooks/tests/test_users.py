"""Users of one machine share one installed kernel and one template that they can only read;
what each does with it is their own.

Two users who exist nowhere but here, by number: each has a home directory, crates and a cache
of their own. Only root can be both."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import NOTEBOOKS, ROOT, execute, until
from jupyter_client.manager import KernelManager
from test_paths import compiled, mounted, only_root

NUMBERS = (61_001, 61_002)
# Somebody who has no kernel, and locks what can be read.
STRANGER = 61_003
# What the system refuses, said in English.
REFUSED = ("Permission denied", "Operation not permitted")


class User:
    """Somebody with a kernel."""

    def __init__(self, number: int, home: Path, program: Path, toolchain: Path):
        self.number, self.home = number, home
        home.mkdir(mode=0o700)
        registry = Path(os.environ.get("CARGO_HOME") or Path.home() / ".cargo") / "registry"
        # As they would be downloaded; unpacked by cargo.
        for part in ("cache", "index"):
            shutil.copytree(registry / part, home / ".cargo/registry" / part, symlinks=True)
        for path in [home, *home.rglob("*")]:
            os.chown(path, number, number, follow_symlinks=False)
        path = f"{toolchain / 'bin'}:/usr/local/bin:/usr/bin:/bin"
        env = {"HOME": str(home), "PATH": path, "POTOK_SPARE": "0", "LC_ALL": "C"}
        self.became = [
            "setpriv", f"--reuid={number}", f"--regid={number}", "--clear-groups",
            "env", "-i", *(f"{name}={value}" for name, value in env.items()),
        ]  # fmt: skip
        self.connection = home / "connection.json"
        self.manager = KernelManager(
            kernel_name="rust", connection_file=str(self.connection), transport="tcp"
        )
        # Jupyter, as root here, writes the file for the kernel's user.
        give = f'chown {number} "$1"; shift; exec "$@"'
        start = [str(program), "start", "{connection_file}", str(ROOT / "crate/potok")]
        argv = ["sh", "-c", give, "sh", "{connection_file}", *self.became, *start]
        self.manager.kernel_spec.argv[:] = argv
        began = time.monotonic()
        self.log = tempfile.TemporaryFile()
        self.manager.start_kernel(cwd=str(NOTEBOOKS), stderr=self.log)
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=300)
        self.started = time.monotonic() - began

    def tries(self, *command: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [*self.became, *command], capture_output=True, text=True, check=False, cwd="/"
        )

    def processes(self) -> list[int]:
        listing = ["ps", "-o", "pid=", "-u", str(self.number)]
        found = subprocess.run(listing, capture_output=True, text=True, check=False)
        return [int(pid) for pid in found.stdout.split()]

    def memory(self) -> float:
        """In MB; what several processes share is divided between them."""
        sizes = []
        for pid in self.processes():
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            sizes += [int(line.split()[1]) for line in lines if line.startswith("Pss:")]
        return sum(sizes) / 1000

    def session(self) -> Path:
        (dir,) = [dir for dir in (self.home / ".cache/potok/sessions").iterdir() if dir.is_dir()]
        return dir

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel()


@pytest.fixture(scope="module")
def machine():
    """A program that is installed for all, with its template; and the compiler."""
    with tempfile.TemporaryDirectory() as directory:
        prefix = Path(directory)
        prefix.chmod(0o755)
        (prefix / "bin").mkdir()
        shutil.copy(Path(sys.prefix) / "bin/potok-kernel", prefix / "bin")
        program = prefix / "bin/potok-kernel"
        subprocess.run(
            [program, "template", "--shared", ROOT / "crate/potok"], check=True, timeout=600
        )
        sysroot = ["rustc", "--print", "sysroot"]
        sysroot = subprocess.run(sysroot, capture_output=True, text=True, check=True)
        (prefix / "toolchain").mkdir()
        # Root's own may be where nobody else can go.
        with mounted("--bind", sysroot.stdout.strip(), str(prefix / "toolchain")):
            yield prefix, program


@contextmanager
def locked(path: Path):
    """A stranger holds a lock on it."""
    stranger = ["setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups"]
    holds = ["flock", "--exclusive", "--nonblock", str(path), "sh", "-c", "echo held; exec cat"]
    with subprocess.Popen(
        [*stranger, *holds], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield
        process.stdin.close()
    assert process.returncode == 0


@pytest.fixture
def shared(machine) -> Path:
    """The template, which a stranger holds as fast as one can who may only read it."""
    prefix, _ = machine
    (template,) = (prefix / "share/potok-kernel/templates").glob("[!.]*")
    with locked(template):
        yield template


@only_root
def test_two_users_share_a_kernel_and_nothing_else(machine, shared, capsys):
    prefix, program = machine
    users = []
    try:
        for number in NUMBERS:
            users.append(User(number, prefix / str(number), program, prefix / "toolchain"))
        for user in users:
            run = execute(user.client, "println!(\"{:?}\", ms(5));")
            assert run.text() == "5ms\n", run
            assert compiled(user.session()) == compiled(shared), "compiled once more"
            user.log.seek(0)
            assert b"ompil" not in user.log.read()
        ann, bob = users
        theirs = [ann.session(), ann.session() / "crate/Cargo.toml", ann.connection]
        for path in theirs:
            done = bob.tries("cat", str(path))
            assert done.returncode != 0 and any(it in done.stderr for it in REFUSED), done
        assert ann.processes()
        for pid in ann.processes():
            for command in (["kill", "-TERM", str(pid)], ["ls", f"/proc/{pid}/fd"]):
                done = bob.tries(*command)
                assert done.returncode != 0 and any(it in done.stderr for it in REFUSED), done
        for path in [shared / "new", shared / "Cargo.lock"]:
            done = bob.tries("touch", str(path))
            assert done.returncode != 0 and REFUSED[0] in done.stderr, done
        assert execute(ann.client, 'println!("here");').text() == "here\n"
        with capsys.disabled():
            for user in users:
                print(f"\n{user.number}: started in {user.started:.1f} s, "
                      f"{user.memory():.0f} MB", end="")
    finally:
        for user in users:
            user.close()
    assert until(lambda: not any(user.processes() for user in users))
