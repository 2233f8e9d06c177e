"""What others may say to a kernel without its key, and what a client may not do to others."""

import os
import random
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import zmq
import zmtp
from conftest import NOTEBOOKS, question_of, reply_to, settle
from jupyter_client.session import Session

KINDS = {
    "shell": b"DEALER", "iopub": b"SUB", "stdin": b"DEALER", "control": b"DEALER", "hb": b"REQ",
}
ASK = """println!("EVCXR_INPUT_REQUEST:name?");
let mut line = String::new();
std::io::stdin().read_line(&mut line)?;
println!("hello {}", line.trim());"""


@pytest.fixture(scope="module")
def tcp_kernel():
    """One that answers at ports, as with a front end that knows nothing else."""
    from conftest import Kernel

    kernel = Kernel(transport="tcp")
    kernel.client.execute_interactive("();", output_hook=lambda message: None, timeout=300)
    yield kernel
    kernel.shut_down()


@pytest.fixture(params=["ipc", "tcp"])
def victim(request, shared):
    return shared if request.param == "ipc" else request.getfixturevalue("tcp_kernel")


def answers(kernel, seconds: float = 5) -> None:
    """A fresh cell is answered in time."""
    start = time.monotonic()
    assert kernel.run('println!("on");')[1].endswith("on\n")
    assert time.monotonic() - start < seconds


def url(kernel, port: str) -> str:
    return kernel.manager._make_url(port)


@pytest.mark.parametrize("port", KINDS)
def test_malformed_bytes_cost_their_own_connection(victim, port):
    chance = random.Random(port)
    for _ in range(60):
        with zmtp.connect(url(victim, port)) as stream:
            try:
                stream.sendall(zmtp.malformed(chance, KINDS[port]))
                stream.shutdown(1)
            except OSError:
                pass  # it has closed the connection already
            assert zmtp.is_closed(stream)
    answers(victim)
    assert victim.client.hb_channel.is_beating()


@pytest.mark.parametrize("port", ["shell", "control", "stdin"])
def test_messages_that_are_not_signed_are_not_heard(shared, port):
    with zmq.Context.instance().socket(zmq.DEALER) as socket:
        socket.linger = 0
        socket.connect(url(shared, port))
        for key in (b"guessed", b""):
            for kind in ("execute_request", "shutdown_request", "interrupt_request"):
                Session(key=key).send(socket, kind, {"code": "1 + 1", "restart": False})
        assert not socket.poll(500)
    answers(shared)


def test_an_identity_in_use_is_not_taken_over(victim):
    identity = victim.client.session.bsession
    for _ in range(8):
        for port in ("shell", "stdin", "control"):
            with zmtp.client(url(victim, port), b"DEALER", identity) as thief:
                request = victim.client.kernel_info()
                assert reply_to(victim.client, request)["status"] == "ok"
                assert zmtp.is_closed(thief)
        settle(victim.client, request)


# After the text of zmtp.py, which another user may be unable to read in this checkout.
STRANGER = """
heard, refused = 0, 0
for url, kind in {targets!r}:
    # A socket that is closed at once is listed as root's.
    for hurry in (False, True):
        try:
            stream = connect(url)
            stream.sendall(GREETING + ready(kind) + SUBSCRIBE + message(b"x"))
            while not hurry and (data := stream.recv(1000)):
                heard += len(data)
            stream.close()
        except (PermissionError, ConnectionResetError, BrokenPipeError):
            pass
        refused += 1
print(heard, refused)
"""


def test_another_user_hears_nothing_and_is_not_heard(victim):
    if os.geteuid() != 0:
        pytest.skip("only root can act as another user")
    targets = [(url(victim, port), kind) for port, kind in KINDS.items()]
    module = (NOTEBOOKS / "tools/zmtp.py").read_text()
    code = module + STRANGER.format(targets=targets)
    stranger = subprocess.run(
        ["/usr/bin/env", "python3", "-c", code],
        user=65534, group=65534, extra_groups=[], cwd="/", timeout=60, check=False,
        capture_output=True, text=True,
    )
    assert stranger.returncode == 0, stranger.stderr
    heard, refused = map(int, stranger.stdout.split())
    assert (heard, refused) == (0, 2 * len(KINDS))
    answers(victim)


def test_a_subscriber_that_does_not_read_delays_nobody(shared):
    with zmtp.client(url(shared, "iopub"), b"SUB") as idler:
        idler.sendall(zmtp.SUBSCRIBE)
        for _ in range(4_000):
            start = time.monotonic()
            request = shared.client.kernel_info()
            assert reply_to(shared.client, request)["status"] == "ok"
            settle(shared.client, request)
            assert time.monotonic() - start < 5
        # Text by the megabyte, too, of which it would have had to take all.
        assert shared.run('println!("{}", "x".repeat(80 << 20).len());')[0] == "ok"
        answers(shared)


def test_a_client_that_reads_no_replies_delays_nobody(shared):
    greedy = Session(key=shared.client.session.key)
    stop = threading.Event()

    def flood() -> int:
        sent = 0
        with zmtp.client(url(shared, "shell"), b"DEALER", b"greedy") as stream:
            stream.settimeout(0.2)
            while not stop.is_set():
                content = {"history": "x" * 10_000}
                parts = greedy.serialize(greedy.msg("kernel_info_request", content))
                try:
                    stream.sendall(zmtp.message(*parts))
                    sent += 1
                except TimeoutError:
                    break  # the kernel reads no more of it, which is its right
        return sent

    with ThreadPoolExecutor() as pool:
        floods = pool.submit(flood)
        try:
            for _ in range(10):
                answers(shared)
        finally:
            stop.set()
        assert floods.result(timeout=60) > 0


def test_a_flood_of_heartbeats_delays_nobody(shared):
    stop = threading.Event()

    def flood() -> int:
        sent = 0
        with zmtp.client(url(shared, "hb"), b"REQ") as stream:
            stream.settimeout(0.2)
            while not stop.is_set():
                try:
                    stream.sendall(zmtp.message(b"", b"ping") * 1000)
                    sent += 1000
                except TimeoutError:
                    break
        return sent

    with ThreadPoolExecutor() as pool:
        floods = pool.submit(flood)
        try:
            for _ in range(10):
                answers(shared)
                assert shared.client.hb_channel.is_beating()
        finally:
            stop.set()
        assert floods.result(timeout=60) > 1000


def interrupt(client):
    """Interrupts, and waits for the answer.

    Control and shell are connections of their own: without the wait the next cell could be
    there before the interrupt, which would then be meant for it.
    """
    client.control_channel.send(client.session.msg("interrupt_request", {}))
    assert client.get_control_msg(timeout=20)["msg_type"] == "interrupt_reply"


def test_after_interrupts_at_any_moment_the_next_cell_runs(shared):
    chance = random.Random(7)
    for n in range(20):
        request = shared.client.execute(f'println!("cell {n}");')
        time.sleep(chance.random() * 0.6)
        interrupt(shared.client)
        reply_to(shared.client, request)
        settle(shared.client, request)
        assert shared.run(f'println!("after {n}");')[1].endswith(f"after {n}\n")


def test_only_the_client_that_was_asked_can_answer(shared):
    with shared.another_client() as other:
        request = shared.client.execute(ASK, allow_stdin=True)
        assert question_of(shared.client, request)["prompt"] == "name?"
        other.input("Mallory")
        # What was sent before has arrived when this is answered.
        other.control_channel.send(other.session.msg("kernel_info_request", {}))
        assert other.get_control_msg(timeout=10)["msg_type"] == "kernel_info_reply"
        shared.client.input("Ann")
        assert reply_to(shared.client, request)["status"] == "ok"
        said = []
        while True:
            message = shared.client.get_iopub_msg(timeout=60)
            if message["parent_header"].get("msg_id") == request:
                said.append(message["content"].get("text", ""))
                if message["content"].get("execution_state") == "idle":
                    break
        assert "".join(said).endswith("hello Ann\n")


def test_a_client_that_leaves_takes_its_question_along(shared):
    with shared.another_client() as other:
        request = other.execute(ASK, allow_stdin=True)
        question_of(other, request)
    assert not shared.client.stdin_channel.msg_ready()
    interrupt(shared.client)
    answers(shared, seconds=20)
