"""A spare kernel: adopted by one kernel that it fits, and never left behind."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import (
    CACHE,
    NOTEBOOKS,
    ROOT,
    SESSIONS,
    Kernel,
    execute,
    processes,
    sessions,
    until,
)
from private import PrivateKernelManager

PROGRAM = Path(sys.prefix) / "bin/potok-kernel"
SHELF = CACHE / "spare"
NOTE = SHELF / "note"
WHERE = 'println!("{}", std::env::var("EVCXR_TMPDIR").unwrap());'


class Spare:
    """A spare that was prepared for a server that does nothing."""

    def __init__(self, cwd=NOTEBOOKS):
        self.server = subprocess.Popen(["sleep", "900"])
        before = sessions()
        command = [PROGRAM, "spare", str(self.server.pid), ROOT / "crate/potok"]
        subprocess.run(command, cwd=cwd, check=True, timeout=60)
        assert until(lambda: NOTE.exists() and self.keepers(), 60)
        assert until(lambda: sessions() - before, 60)
        self.pid = self.keepers()[0]
        (self.session,) = [name for name in sessions() if name.startswith(f"{self.pid}-")]

    def keepers(self) -> list[int]:
        return keepers(self.server.pid)

    def is_gone(self) -> bool:
        return not self.keepers() and self.session not in sessions()

    def end(self) -> None:
        self.server.kill()
        self.server.wait()
        for pid in self.keepers():
            if not until(lambda: not self.keepers(), 30):
                os.kill(pid, signal.SIGKILL)


def keepers(server: int) -> list[int]:
    """The processes that keep a spare for a server."""
    listing = subprocess.run(
        ["ps", "-eo", "pid=,stat=,args="], capture_output=True, text=True, check=True
    )
    rows = [line.split(None, 2) for line in listing.stdout.splitlines()]
    mine = f"{PROGRAM} keep-spare {server} "
    return [int(pid) for pid, state, args in rows if state[0] != "Z" and mine in args + " "]


def ports(pid: int) -> list[str]:
    """The TCP ports at which a process listens, as the system lists them."""
    inodes = set()
    for fd in Path(f"/proc/{pid}/fd").iterdir():
        found = os.readlink(fd)
        if found.startswith("socket:["):
            inodes.add(found[len("socket:[") : -1])
    rows = []
    for listed in ("tcp", "tcp6"):
        path = Path(f"/proc/{pid}/net/{listed}")
        lines = path.read_text().splitlines() if path.exists() else []
        rows += [line.split() for line in lines[1:]]
    listening = "0A"
    return [row[1] for row in rows if row[3] == listening and row[9] in inodes]


@pytest.fixture(autouse=True)
def wanted(monkeypatch):
    """Spares, but none that outlives these tests for long."""
    monkeypatch.setenv("POTOK_SPARE", "10")
    yield
    # Kernels that a test started have asked for a spare that ends with this process.
    for pid in keepers(os.getpid()):
        os.kill(pid, signal.SIGTERM)
    assert until(lambda: not keepers(os.getpid()), 30)


@pytest.fixture
def spare():
    made = []

    def prepare(**options) -> Spare:
        made.append(Spare(**options))
        return made[-1]

    yield prepare
    for each in made:
        each.end()


def test_a_new_kernel_adopts_the_spare_and_takes_it_along_when_killed(spare, kernel):
    prepared = spare()
    rust = kernel()
    first = rust.execute(WHERE)
    assert first.text() == f"{SESSIONS / prepared.session / 'crate'}\n"
    assert first.reply["execution_count"] == 1, "what warmed it up is not counted"
    assert not NOTE.exists(), "nobody else finds it"
    assert not rust.sessions, "it needs no directory of its own"

    # The server of the spare no longer matters.
    prepared.server.kill()
    prepared.server.wait()
    assert rust.run('println!("{}", 6 * 7);') == ("ok", "42\n")

    os.kill(rust.pid, signal.SIGKILL)
    assert until(prepared.is_gone), "it ends with who adopted it"


def test_restart_adopts_the_spare_and_shutdown_leaves_nothing(spare, kernel):
    rust = kernel()
    rust.client.stop_channels()
    prepared = spare()
    rust.manager.restart_kernel()
    rust.client = rust.manager.client()
    rust.client.start_channels()
    rust.client.wait_for_ready(timeout=60)
    assert rust.run(WHERE) == ("ok", f"{SESSIONS / prepared.session / 'crate'}\n")
    rust.shut_down()
    assert until(prepared.is_gone)


def test_of_two_kernels_that_start_at_once_one_adopts_it(spare, kernel):
    prepared = spare()
    managers = [PrivateKernelManager(kernel_name="rust") for _ in range(2)]
    clients = []
    try:
        for manager in managers:
            manager.start_kernel(cwd=str(NOTEBOOKS))
        for manager in managers:
            clients.append(manager.client())
            clients[-1].start_channels()
            clients[-1].wait_for_ready(timeout=300)
        # Each has its kernel when a cell has run in it.
        places = [Path(execute(client, WHERE).text().strip()) for client in clients]
        names = [place.parent.name for place in places]
        own = [name for name in names
               if any(name.startswith(f"{each.provisioner.pid}-") for each in managers)]
        assert len(own) == 1, "one has started a kernel of its own"
        assert sorted(names) == sorted([prepared.session, *own]), "the other has the spare"
        assert prepared.keepers() == [prepared.pid] and not NOTE.exists()
    finally:
        for client in clients:
            client.stop_channels()
        for manager in managers:
            manager.shutdown_kernel(now=True)


def test_it_ends_with_the_server_even_a_killed_one(spare):
    prepared = spare()
    prepared.server.kill()
    prepared.server.wait()
    assert until(prepared.is_gone)
    assert not NOTE.exists()


def test_what_a_killed_keeper_leaves_is_ignored(spare, kernel):
    prepared = spare()
    os.kill(prepared.pid, signal.SIGKILL)
    # Its kernel, too, and the compiler that this may have started, which hold the lock.
    assert until(lambda: not processes(prepared.pid))
    assert NOTE.exists(), "nothing could clean up after SIGKILL"
    rust = kernel()
    assert rust.sessions, "it starts by itself"
    assert not NOTE.exists()
    assert prepared.session not in sessions(), "swept"


def test_a_kernel_elsewhere_does_not_adopt_it(spare, kernel, tmp_path):
    prepared = spare(cwd=tmp_path)
    rust = kernel()
    assert rust.sessions
    assert NOTE.exists() and prepared.keepers()


def test_another_environment_does_not_fit(spare, kernel, monkeypatch):
    prepared = spare()
    monkeypatch.setenv("RUSTFLAGS", "-Cdebuginfo=0")
    assert kernel().sessions
    assert NOTE.exists() and prepared.keepers()


def test_there_is_one_and_the_last_wish_counts(spare, tmp_path):
    elsewhere = spare(cwd=tmp_path)
    here = spare()
    assert until(elsewhere.is_gone)
    assert here.keepers()
    # One that fits is not made twice.
    again = [PROGRAM, "spare", str(here.server.pid), ROOT / "crate/potok"]
    subprocess.run(again, cwd=NOTEBOOKS, check=True, timeout=60)
    assert until(lambda: here.keepers() == [here.pid])


def test_switched_off_none_is_prepared_or_adopted(spare, kernel, monkeypatch):
    prepared = spare()
    monkeypatch.setenv("POTOK_SPARE", "0")
    assert kernel().sessions
    assert NOTE.exists() and prepared.keepers()
    prepared.end()
    server = subprocess.Popen(["sleep", "60"])
    command = [PROGRAM, "spare", str(server.pid), ROOT / "crate/potok"]
    subprocess.run(command, cwd=NOTEBOOKS, check=True, timeout=60)
    assert not keepers(server.pid) and not NOTE.exists()
    server.kill()
    server.wait()


def test_one_that_nobody_wants_ends_by_itself(spare, monkeypatch):
    monkeypatch.setenv("POTOK_SPARE", "0.05")
    prepared = spare()
    assert until(prepared.is_gone, 60)
    assert not NOTE.exists()


def test_only_this_user_can_get_at_it(spare):
    prepared = spare()
    mode = lambda path: stat.S_IMODE(path.stat().st_mode)
    assert mode(SHELF) == 0o700
    assert mode(NOTE) == 0o600
    assert mode(SESSIONS / prepared.session / "connection.json") == 0o600
    note = json.loads(NOTE.read_text())
    key = json.loads((SESSIONS / prepared.session / "connection.json").read_text())["key"]
    shown = subprocess.run(["ps", "-eo", "args="], capture_output=True, text=True).stdout
    assert note["secret"] not in shown and key not in shown

    place = Path(note["socket"])
    assert stat.S_ISSOCK(place.stat().st_mode) and mode(place.parent) == 0o700
    assert not ports(prepared.pid), "it listens there alone"

    # Who does not know the secret gets no answer, and does no harm.
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.settimeout(10)
        stranger.connect(str(place))
        stranger.sendall(b"guess adopt\n")
        assert stranger.recv(1) == b""
    assert prepared.keepers() and NOTE.exists()


# What another user's process gets for the right word.
STRANGER = """
import socket, sys
stream = socket.socket(socket.AF_UNIX)
stream.settimeout(10)
try:
    stream.connect(sys.argv[1])
    stream.sendall(sys.argv[2].encode() + b" adopt\\n")
    print(stream.recv(100))
except (PermissionError, ConnectionResetError, BrokenPipeError):
    print("refused")
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another user")
def test_another_user_cannot_adopt_it_even_with_the_secret(spare, kernel):
    prepared = spare()
    note = json.loads(NOTE.read_text())
    place = Path(note["socket"])

    def stranger() -> str:
        command = ["/usr/bin/env", "python3", "-c", STRANGER, str(place), note["secret"]]
        done = subprocess.run(
            command, user=65534, group=65534, extra_groups=[], cwd="/", timeout=60,
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout.strip()

    assert stranger() == "refused", "the directory is closed"
    # Even where it stands open, it is asked who comes.
    place.parent.chmod(0o711)
    place.chmod(0o777)
    assert stranger() in ("refused", "b''")
    place.parent.chmod(0o700)
    rust = kernel()
    assert rust.run(WHERE) == ("ok", f"{SESSIONS / prepared.session / 'crate'}\n")
    assert not place.parent.exists(), "nobody else is to come"


def test_a_directory_that_others_can_read_is_closed_to_them(spare):
    SHELF.mkdir(mode=0o700, exist_ok=True)
    SHELF.chmod(0o755)
    assert spare().keepers()
    assert stat.S_IMODE(SHELF.stat().st_mode) == 0o700


def test_a_link_in_the_directorys_place_is_refused(kernel, tmp_path):
    for left in SHELF.iterdir() if SHELF.exists() else []:
        left.unlink()
    if SHELF.exists():
        SHELF.rmdir()
    SHELF.symlink_to(tmp_path)
    server = subprocess.Popen(["sleep", "60"])
    try:
        command = [PROGRAM, "spare", str(server.pid), ROOT / "crate/potok"]
        subprocess.run(command, cwd=NOTEBOOKS, check=True, timeout=60)
        assert until(lambda: not keepers(server.pid)) and not any(tmp_path.iterdir())
        assert kernel().sessions, "a kernel does without"
    finally:
        SHELF.unlink()
        server.kill()
        server.wait()


def test_a_kernel_that_is_ready_asks_for_the_next(kernel):
    rust = kernel()
    assert rust.run('println!("first");') == ("ok", "first\n")
    assert until(lambda: NOTE.exists() and keepers(os.getpid()), 60)
    assert isinstance(rust, Kernel)
