"""The relay in front of evcxr: who asks gets the answer, and nobody else gets in."""

import json
import os
import subprocess
import time
from pathlib import Path

import pytest
import zmq
from conftest import SESSIONS, news, question_of, reply_to, settle, until
from jupyter_client.session import Session

ASK = """println!("EVCXR_INPUT_REQUEST:name?");
let mut line = String::new();
std::io::stdin().read_line(&mut line)?;
println!("hello {}", line.trim());"""


def test_two_clients_each_get_their_own_answers(shared):
    with shared.another_client() as other:
        requests = {
            shared.client: shared.client.execute('println!("to ann");'),
            other: other.execute('println!("to bob");'),
        }
        for client, request in requests.items():
            assert reply_to(client, request)["status"] == "ok"
        # Both hear everything, each message with the request that it belongs to.
        for client in requests:
            said = heard(client, list(requests.values()))
            assert said == ["to ann\n", "to bob\n"]


def heard(client, requests: list[str]) -> list[str]:
    """What a client hears of each of the requests, whichever is run first."""
    said, running = dict.fromkeys(requests, ""), set(requests)
    while running:
        message = client.get_iopub_msg(timeout=60)
        request, content = message["parent_header"].get("msg_id"), message["content"]
        if request in said:
            said[request] += content.get("text", "")
            if content.get("execution_state") == "idle":
                running.remove(request)
    return list(said.values())


def test_input_is_asked_of_the_client_that_runs_the_cell(shared):
    with shared.another_client() as other:
        request = other.execute(ASK, allow_stdin=True)
        assert question_of(other, request)["prompt"] == "name?"
        assert not shared.client.stdin_channel.msg_ready()
        other.input("Ann")
        assert reply_to(other, request)["status"] == "ok"
        texts = [each["content"].get("text", "") for each in news(other, request)]
        assert "".join(texts).endswith("hello Ann\n")


def test_a_cell_that_waits_for_input_can_be_interrupted(shared):
    request = shared.client.execute(ASK, allow_stdin=True)
    question_of(shared.client, request)
    start = time.monotonic()
    shared.manager.interrupt_kernel()
    reply = reply_to(shared.client, request)
    assert time.monotonic() - start < 5
    assert reply["ename"] == "Interrupted"
    settle(shared.client, request)
    # An answer that comes too late is nobody's.
    shared.client.input("late")
    assert shared.run('println!("on");')[1].endswith("on\n")


def sockets(shared):
    info = shared.manager.get_connection_info()
    context = zmq.Context.instance()
    place = shared.manager._make_url
    shell, iopub = context.socket(zmq.DEALER), context.socket(zmq.SUB)
    shell.connect(place("shell"))
    iopub.subscribe(b"")
    return shell, iopub, place("iopub"), info["key"]


def test_a_message_without_a_valid_signature_is_dropped(shared):
    shell, iopub, _, key = sockets(shared)
    try:
        for wrong in (b"guessed", b""):
            Session(key=wrong).send(shell, "kernel_info_request")
        shell.send_multipart([b"noise"])
        shell.send_multipart([b"<IDS|MSG>", b"", b"{}", b"{}", b"{}", b"{}"])
        session = Session(key=key)
        request = session.send(shell, "kernel_info_request")
        assert shell.poll(10_000)
        _, reply = session.feed_identities(shell.recv_multipart())
        reply = session.deserialize(reply)
        assert reply["parent_header"]["msg_id"] == request["header"]["msg_id"]
        assert not shell.poll(300), "only one of them was answered"
    finally:
        shell.close(0)
        iopub.close(0)


def test_a_client_that_subscribes_late_learns_that_the_kernel_is_idle(shared):
    shell, iopub, place, key = sockets(shared)
    session = Session(key=key)
    try:
        request = session.send(shell, "kernel_info_request")
        assert shell.poll(10_000)
        iopub.connect(place)  # what was published is over by now
        while True:
            assert iopub.poll(10_000), "it would wait for ever"
            _, parts = session.feed_identities(iopub.recv_multipart())
            message = session.deserialize(parts)
            if message["parent_header"].get("msg_id") == request["header"]["msg_id"]:
                assert message["content"]["execution_state"] == "idle"
                break
    finally:
        shell.close(0)
        iopub.close(0)


def test_requests_that_evcxr_leaves_unanswered_are_answered(shared):
    for request, field in [
        (shared.client.comm_info(), "comms"),
        (shared.client.history(hist_access_type="tail", n=3), "history"),
    ]:
        assert field in reply_to(shared.client, request)


def test_what_the_relay_does_not_know_goes_through(shared):
    message = shared.client.session.msg("comm_open", {
        "comm_id": "a-comm", "target_name": "nobody", "data": {"ё": [1, None]},
    })
    shared.client.shell_channel.send(message)
    about = list(news(shared.client, message["header"]["msg_id"]))
    [answer] = [each["content"] for each in about if each["msg_type"] == "comm_close"]
    assert answer["comm_id"] == "a-comm"


def test_the_inner_kernel_is_known_to_its_owner_alone(shared):
    [name] = shared.sessions
    path = SESSIONS / name / "connection.json"
    assert path.stat().st_mode & 0o777 == 0o600
    inner = json.loads(path.read_text())
    front = shared.manager.get_connection_info()
    # Unix sockets, in a directory that nobody else can enter: no port to attack.
    assert inner["transport"] == "ipc"
    directory = Path(inner["ip"]).parent
    assert directory.stat().st_mode & 0o777 == 0o700
    assert directory.stat().st_uid == os.getuid()
    assert sorted(path.name for path in directory.iterdir()) == [f"s:{n}" for n in range(1, 6)]
    assert all(path.is_socket() for path in directory.iterdir())
    assert inner["key"] != front["key"].decode() and len(inner["key"]) == 64
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            assert inner["key"].encode() not in process.read_bytes()
        except OSError:  # it has ended meanwhile
            continue


def test_another_user_cannot_reach_the_inner_kernel(shared):
    if os.geteuid() != 0:
        pytest.skip("only root can act as another user")
    [name] = shared.sessions
    inner = json.loads((SESSIONS / name / "connection.json").read_text())
    stranger = f"""
import socket, sys
for port in range(1, 6):
    try:
        socket.socket(socket.AF_UNIX).connect({inner["ip"]!r} + ":" + str(port))
    except PermissionError:
        continue
    sys.exit("it let a stranger in")
"""
    nobody = subprocess.run(
        ["/usr/bin/env", "python3", "-c", stranger],
        user=65534, group=65534, extra_groups=[], cwd="/", timeout=30, check=False,
        capture_output=True, text=True,
    )
    assert nobody.returncode == 0, nobody.stderr
    assert shared.run('println!("on");')[1].endswith("on\n")


def test_the_directory_of_the_inner_sockets_goes_with_the_kernel(kernel):
    one = kernel()
    [name] = one.sessions
    inner = json.loads((SESSIONS / name / "connection.json").read_text())
    directory = Path(inner["ip"]).parent
    assert directory.is_dir()
    one.shut_down()
    assert until(lambda: not directory.exists())
