"""What the notebook tests share: the installed kernel, and what may not be left behind."""

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty

import pytest
from jupyter_client.blocking.client import BlockingKernelClient

NOTEBOOKS = Path(__file__).resolve().parents[1]
ROOT = NOTEBOOKS.parent
sys.path.insert(0, str(NOTEBOOKS / "tools"))

from private import PrivateKernelManager  # noqa: E402

# A spare kernel in the background would be in the way of tests that count directories and
# processes; those that are about it turn it on.
os.environ["POTOK_SPARE"] = "0"

# Tests compare texts, whatever the machine speaks. A notebook in `ru` is run without it.
os.environ["POTOK_LANG"] = "en"

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "potok"
SESSIONS = CACHE / "sessions"


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


def make(*targets: str, timeout: float, **options) -> subprocess.CompletedProcess:
    """`make` in this checkout as a person calls it: what the make that runs the tests tells its
    children (its depth, for which they announce each directory; its options) is not passed on."""
    told = {name for name in os.environ if name in ("MFLAGS", "GNUMAKEFLAGS") or name[:4] == "MAKE"}
    environment = {name: value for name, value in os.environ.items() if name not in told}
    return subprocess.run(["make", *targets], cwd=ROOT, env=environment, timeout=timeout, **options)


def until(condition, seconds: float = 20.0, pause: float = 0.1) -> bool:
    """Waits for a condition, but not for ever."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


@dataclass
class Run:
    """What a client learns of one cell."""

    status: str
    reply: dict
    outputs: list[dict]

    def of(self, kind: str) -> list[dict]:
        """The contents of the outputs of one kind."""
        return [each["content"] for each in self.outputs if each["msg_type"] == kind]

    def text(self, name: str = "stdout") -> str:
        return "".join(each["text"] for each in self.of("stream") if each["name"] == name)


def execute(client, code: str, **options) -> Run:
    """Runs a cell to its end, and checks that all of it came in time and to the right cell."""
    request = client.execute(code, **options)
    outputs = []
    for message in news(client, request):
        if message["msg_type"] not in ("status", "execute_input"):
            outputs.append(message)
    reply = reply_to(client, request)
    return Run(reply["status"], reply, outputs)


def news(client, request: str):
    """What is published about a request, up to its end. Others' news from before it began
    are passed over; from then on there are to be none."""
    began = False
    while True:
        message = client.get_iopub_msg(timeout=120)
        if message["parent_header"].get("msg_id") == request:
            began = True
            yield message
            if message["content"].get("execution_state") == "idle":
                return
        elif began:
            assert message["msg_type"] == "status", f"of another cell: {message}"


def settle(client, request: str) -> None:
    """Takes all that is published up to the end of a request."""
    for _ in news(client, request):
        pass


def reply_to(client, request: str, timeout: float = 60) -> dict:
    """The content of the reply to a request; others' are passed over."""
    return answer_to(client.get_shell_msg, request, timeout)


def question_of(client, request: str) -> dict:
    """What a cell asks its reader; others' questions are passed over."""
    return answer_to(client.get_stdin_msg, request, 60)


def answer_to(receive, request: str, timeout: float) -> dict:
    while True:
        message = receive(timeout=timeout)
        if message["parent_header"].get("msg_id") == request:
            return message["content"]


class Kernel:
    """A running kernel and a client that runs cells in it."""

    def __init__(self, **options):
        before = sessions()
        self.manager = PrivateKernelManager(kernel_name="rust", **options)
        self.manager.start_kernel(cwd=str(NOTEBOOKS))
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=300)
        self.pid = self.manager.provisioner.pid
        self.sessions = sessions() - before

    def execute(self, code: str, **options) -> Run:
        return execute(self.client, code, **options)

    def run(self, code: str) -> tuple[str, str]:
        """Runs a cell; its status, and what it printed or what is wrong with it."""
        run = self.execute(code)
        printed = [each["text"] for each in run.of("stream")]
        printed += [line for each in run.of("error") for line in each["traceback"]]
        return run.status, "".join(printed)

    def come_to_rest(self) -> None:
        """Ends and takes away what a test has left behind: a cell, news, questions."""
        request = self.client.kernel_info()
        try:
            reply_to(self.client, request, timeout=10)
        except Empty:
            self.manager.interrupt_kernel()
            reply_to(self.client, request)
        settle(self.client, request)
        while self.client.stdin_channel.msg_ready():
            self.client.get_stdin_msg(timeout=10)

    @contextmanager
    def another_client(self):
        """A client with an identity of its own, as another browser window has."""
        client = BlockingKernelClient(connection_file=self.manager.connection_file)
        client.load_connection_file()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=60)
            yield client
        finally:
            client.stop_channels()

    def shut_down(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel()


@pytest.fixture(scope="session")
def one_kernel():
    """One for all tests that can share: a start takes seconds."""
    kernel = Kernel()
    # It answers before evcxr is ready, which a busy machine may take minutes for. The time
    # that tests give a cell does not begin before.
    kernel.client.execute_interactive("();", output_hook=lambda message: None, timeout=300)
    yield kernel
    kernel.shut_down()


@pytest.fixture
def shared(one_kernel):
    """The one kernel, at rest, however the test before has ended."""
    one_kernel.come_to_rest()
    return one_kernel


@pytest.fixture
def kernel():
    """Starts kernels; those that still live at the end of the test are shut down."""
    started = []

    def start(**options) -> Kernel:
        started.append(Kernel(**options))
        return started[-1]

    yield start
    for each in started:
        if each.manager.is_alive():
            each.shut_down()
