"""The installed kernel keeps to Jupyter's protocol, as far as evcxr does."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import jupyter_kernel_test
import pytest
from conftest import NOTEBOOKS, SESSIONS, execute, sessions, until
from jupyter_client.manager import KernelManager

PICTURE = 'record(|rec| rec.span("work", || busy(ms(1))))'


class TestProtocol(jupyter_kernel_test.KernelTests):
    kernel_name = "rust"
    language_name = "Rust"
    file_extension = ".rs"
    code_hello_world = 'println!("hello, world");'
    code_stderr = 'eprintln!("to stderr");'
    completion_samples = [{"text": "ms(1).as_mil", "matches": {"as_millis()"}}]
    complete_code_samples = ["let one = 1;", "one_more)", "1 + 1", ":dep regex"]
    incomplete_code_samples = ["fn one() {", "one_more(", 'let text = "one', "/* one"]
    code_execute_result = [
        {"code": "1 + 2", "result": "3"},
        {"code": '"six".len()', "result": "3"},
    ]
    code_inspect_sample = "String::new"

    code_generate_error = 'panic!("as the test expects")'
    code_display_data = [
        {"code": f'Live::new().update(&{PICTURE});', "mime": mime}
        for mime in ("text/html", "text/plain")
    ]
    code_clear_output = "potok::display::clear();"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The kernel says at once what it is; its first cell waits until evcxr is ready.
        cls.kc.execute_interactive("1 + 1", output_hook=lambda message: None, timeout=300)

    # What evcxr 0.22 does not support.
    def test_history(self):
        self.skipTest("evcxr keeps no history")

    def test_pager(self):
        self.skipTest("evcxr sends no payload: Rust has no pager")


def test_a_compile_error_is_an_error(shared):
    rust = shared
    assert rust.run('let n: u32 = "seven";')[0] == "error"
    assert rust.run('println!("{}", 1 + 1);') == ("ok", "2\n")


def test_cells_are_counted_one_by_one(shared):
    before = shared.execute("1").reply["execution_count"]
    run = shared.execute("2")
    assert run.reply["execution_count"] == before + 1
    assert run.of("execute_result")[0]["execution_count"] == before + 1
    assert shared.execute("3", silent=True).reply["execution_count"] == before + 1
    assert shared.execute("4").reply["execution_count"] == before + 2


def test_the_prelude_is_there_before_the_first_cell(shared):
    status, printed = shared.run('println!("{:?}", ms(5));')
    assert (status, printed) == ("ok", "5ms\n")


def test_a_cell_finds_the_worker_program(shared):
    status, printed = shared.run('println!("{}", env!("POTOK_WORKER"));')
    assert status == "ok"
    assert Path(printed.strip()).is_file()


def test_the_kernelspec_is_in_the_venv():
    spec = Path(sys.prefix) / "share/jupyter/kernels/rust/kernel.json"
    spec = json.loads(spec.read_text())
    assert spec["display_name"] == "Rust (potok)"
    assert spec["interrupt_mode"] == "message"
    assert Path(spec["argv"][0]).is_file()
    assert Path(spec["argv"][3]) == NOTEBOOKS.parent / "crate" / "potok"


def test_a_port_that_another_program_took_meanwhile_is_left_to_it():
    """The relay chooses evcxr's ports, and evcxr binds them a moment later."""
    for _ in range(5):
        manager, before = KernelManager(kernel_name="rust"), sessions()
        manager.start_kernel(cwd=str(NOTEBOOKS))
        client = manager.client()
        client.start_channels()
        try:
            taken = take_port(before)
            client.wait_for_ready(timeout=60)
            assert execute(client, 'println!("here");').text() == "here\n"
            if taken:
                taken.close()
                return
        finally:
            client.stop_channels()
            manager.shutdown_kernel()
    pytest.fail("evcxr was faster five times")


def take_port(before: set[str]) -> socket.socket | None:
    """Binds a port that a starting kernel has chosen, unless evcxr was faster."""
    path = []
    assert until(lambda: path.extend(new_connections(before)) or path, 60, pause=0.001)
    try:
        return socket.create_server(("127.0.0.1", json.loads(path[0])["iopub_port"]))
    except OSError:
        return None


def new_connections(before: set[str]) -> list[str]:
    """The connection files of kernels that were not there before, once they are written."""
    files = SESSIONS.glob("*/connection.json")
    texts = [file.read_text() for file in files if file.parent.name not in before]
    return [text for text in texts if text.endswith("}")]


def test_an_unknown_role_explains_the_known_ones():
    program = Path(sys.prefix) / "bin/potok-kernel"
    done = subprocess.run([program, "dance"], capture_output=True, text=True, timeout=10)
    assert done.returncode == 1
    assert "potok-kernel install <venv>" in done.stderr


def test_a_client_that_waits_is_answered_when_evcxr_is_ready(kernel, monkeypatch):
    monkeypatch.setenv("POTOK_WAIT", "1")
    started = kernel()
    (session,) = (name for name in started.sessions if name.startswith(f"{started.pid}-"))
    assert (SESSIONS / session / "ready").exists()
