"""The installed kernel keeps to Jupyter's protocol, as far as evcxr does."""

import json
import subprocess
import sys
from pathlib import Path

import jupyter_kernel_test
from conftest import NOTEBOOKS, PAUSE

class TestProtocol(jupyter_kernel_test.KernelTests):
    kernel_name = "rust"
    language_name = "Rust"
    file_extension = ".rs"
    code_hello_world = 'println!("hello, world");' + PAUSE
    code_stderr = 'eprintln!("to stderr");' + PAUSE
    completion_samples = [{"text": "ms(1).as_mil", "matches": {"as_millis()"}}]
    complete_code_samples = ["let one = 1;", "one_more(", "1 + 1"]
    code_execute_result = [
        {"code": "1 + 2", "result": "3"},
        {"code": '"six".len()', "result": "3"},
    ]
    code_inspect_sample = "String::new"

    # What evcxr 0.22 does not support.
    def test_error(self):
        self.skipTest("evcxr's error replies lack ename, evalue and traceback")

    def test_history(self):
        self.skipTest("evcxr gives no reply to history_request")

    def test_pager(self):
        self.skipTest("evcxr sends no payload: Rust has no pager")

    def test_clear_output(self):
        self.skipTest("evcxr has no message that clears a cell's output")

    def test_display_data(self):
        self.skipTest("evcxr sends rich output as execute_result, when the cell ends")


def test_a_compile_error_is_an_error(shared):
    rust = shared
    assert rust.run('let n: u32 = "seven";')[0] == "error"
    assert rust.run('println!("{}", 1 + 1);') == ("ok", "2\n")


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


def test_an_unknown_role_explains_the_known_ones():
    program = Path(sys.prefix) / "bin/potok-kernel"
    done = subprocess.run([program, "dance"], capture_output=True, text=True, timeout=10)
    assert done.returncode == 1
    assert "potok-kernel install <venv>" in done.stderr
