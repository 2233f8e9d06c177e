"""What the notebook tests share: the installed kernel, and what may not be left behind."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from jupyter_client.manager import KernelManager

NOTEBOOKS = Path(__file__).resolve().parents[1]
ROOT = NOTEBOOKS.parent
sys.path.insert(0, str(NOTEBOOKS / "tools"))

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "potok"
SESSIONS = CACHE / "sessions"

# evcxr passes on what a cell prints beside its reply: on a busy machine, after it.
PAUSE = "\nstd::thread::sleep(std::time::Duration::from_millis(200));"


def sessions() -> set[str]:
    """The session directories that exist now."""
    return {path.name for path in SESSIONS.iterdir() if path.is_dir()}


def processes(session_id: int) -> list[str]:
    """The commands that run in a session, which is what Jupyter starts a kernel in."""
    listing = subprocess.run(
        ["ps", "-eo", "sess=,pid=,stat=,args="], capture_output=True, text=True, check=True
    )
    rows = [line.split(None, 3) for line in listing.stdout.splitlines()]
    return [row[-1] for row in rows if row[0] == str(session_id) and row[2][0] != "Z"]


def until(condition, seconds: float = 20.0) -> bool:
    """Waits for a condition, but not for ever."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


class Kernel:
    """A running kernel and a client that runs cells in it."""

    def __init__(self):
        before = sessions()
        self.manager = KernelManager(kernel_name="rust")
        self.manager.start_kernel(cwd=str(NOTEBOOKS))
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=300)
        self.pid = self.manager.provisioner.pid
        self.sessions = sessions() - before

    def run(self, code: str) -> tuple[str, str]:
        """Runs a cell; its status, and what it printed."""
        printed = []

        def hook(message):
            if message["msg_type"] == "stream":
                printed.append(message["content"]["text"])

        reply = self.client.execute_interactive(
            code + PAUSE, output_hook=hook, timeout=120
        )
        return reply["content"]["status"], "".join(printed)

    def shut_down(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel()


@pytest.fixture(scope="session")
def shared():
    """One kernel for all tests that leave it as it was: a start takes seconds."""
    kernel = Kernel()
    yield kernel
    kernel.shut_down()


@pytest.fixture
def kernel():
    """Starts kernels; those that still live at the end of the test are shut down."""
    started = []

    def start() -> Kernel:
        started.append(Kernel())
        return started[-1]

    yield start
    for each in started:
        if each.manager.is_alive():
            each.shut_down()
