"""A cell that fails is an error, in the reply and on the page, and says why in words."""

import re
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from conftest import news, reply_to, settle, until

TEMPORARY = Path(tempfile.gettempdir())

GONE = "Variables are gone; functions, types and imports are kept."


def failed(run, ename: str) -> str:
    """Checks that a cell failed, in both places alike; its traceback, without bold."""
    [error] = run.of("error")
    assert run.status == "error"
    for field in ("ename", "evalue", "traceback"):
        assert run.reply[field] == error[field], field
    assert error["ename"] == ename, error
    traceback = "\n".join(error["traceback"])
    colours = set(re.findall(r"\x1b\[([0-9;]*)m", traceback))
    assert colours <= {"0", "1"}, "pages show it on red: no colour can be read there"
    return re.sub(r"\x1b\[[0-9;]*m", "", traceback)


def test_a_panic_that_ends_the_cell_is_an_error_with_its_line(shared):
    run = shared.execute('let beans = vec![1];\nprintln!("before");\nbeans[7]')
    traceback = failed(run, "panic")
    assert run.reply["evalue"].startswith("index out of bounds")
    assert "line 3 of this cell" in traceback and "3 | beans[7]" in traceback
    assert run.text("stdout") == "before\n" and run.text("stderr") == ""
    assert len(traceback.splitlines()) <= 5


def test_an_error_is_told_in_the_language_that_the_notebook_speaks(shared):
    assert shared.execute("potok::language(Language::Russian);").status == "ok"
    try:
        run = shared.execute("let beans = vec![1];\nbeans[7]")
        assert "строка 2 этой ячейки" in failed(run, "panic")
        run = shared.execute("let n = 3u64;\nprocesses::spawn(move |()| n, ())")
        assert "ошибка: замыкание захватывает переменные" in failed(run, "CompileError")
        assert "здесь макрос" in failed(shared.execute('print("hi")'), "CompileError")
    finally:
        assert shared.execute("potok::language(Language::English);").status == "ok"
    assert "line 1 of this cell" in failed(shared.execute('panic!("tea")'), "panic")


def test_a_panic_that_the_cell_caught_is_none(shared):
    run = shared.execute(
        '{ let caught = std::panic::catch_unwind(|| if ms(1) > ms(0) { panic!("tea") });\n'
        'println!("{}", caught.is_err()); }'
    )
    assert run.status == "ok" and not run.of("error")
    assert run.text("stdout") == "true\n"
    assert run.text("stderr") == "thread 'main' panicked at line 1 of this cell: tea\n"


def test_a_panic_in_a_joined_thread_is_none(shared):
    run = shared.execute('std::thread::spawn(|| -> u8 { panic!("tea") }).join().is_err()')
    assert run.status == "ok" and not run.of("error")
    assert run.text("stderr") == "thread '<unnamed>' panicked at line 1 of this cell: tea\n"
    assert run.of("execute_result")[0]["data"]["text/plain"] == "true"


def test_a_failed_question_mark_is_an_error(shared):
    run = shared.execute('eprintln!("note");\nlet n: u32 = "seven".parse()?;')
    assert "`?`" in failed(run, "Err")
    assert run.reply["evalue"] == "invalid digit found in string"
    assert run.text("stderr") == "note\n"


def test_compile_errors_are_one_error_that_can_be_read(shared):
    run = shared.execute('let a: u32 = "x";\nlet b: u32 = "y";')
    traceback = failed(run, "CompileError")
    assert run.reply["evalue"] == "mismatched types (and 1 more)"
    assert "E0308" in traceback and 'let b: u32 = "y";' in traceback
    wide = failed(shared.execute('let s = "茶"; let n: u32 = "ж";'), "CompileError")
    lines = wide.splitlines()
    assert lines[0] == "mismatched types"
    line, mark = next(pair for pair in zip(lines, lines[1:]) if "expected `u32`" in pair[1])
    # A wide character takes two places, so the mark is one further than by counting.
    assert mark.index("^") == line.index('"ж"') + 1


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("std::process::abort()", "ended itself by SIGABRT"),
        ('eprintln!("note"); unsafe { *(8 as *mut u8) = 1 }', "killed by SIGSEGV"),
        ("std::process::exit(3)", "exit status 3"),
        ("fn deep(n: u64) -> u64 { let a = [n; 99]; deep(n + 1) + a[3] } deep(1)", "killed by SIG"),
        ('std::process::Command::new("kill").args(["-9", &std::process::id().to_string()]).status()',
         "killed by SIGKILL"),
    ],
    ids=["abort", "segfault", "exit", "overflow", "killed"],
)
def test_the_death_of_the_process_is_told_in_words(shared, code, words):
    assert shared.execute("fn kept() -> u8 { 7 } let gone = 1;").status == "ok"
    run = shared.execute(f'println!("before");\n{code}')
    traceback = failed(run, "ProcessDied")
    assert words in run.reply["evalue"] and GONE in run.reply["evalue"]
    assert run.text("stdout") == "before\n"
    assert "Subprocess" not in traceback and run.text("stderr").count("\n") <= 3
    # Items are there, variables are not, and panics are as short as before.
    assert shared.run('println!("{}", kept());') == ("ok", "7\n")
    assert shared.execute("gone + 1").status == "error"
    run = shared.execute('panic!("after it")')
    assert failed(run, "panic").startswith("panic: after it") and not run.text("stderr")


def test_an_interrupt_stops_the_cell_at_once_and_says_what_is_lost(shared):
    request = shared.client.execute('println!("on"); loop { std::hint::spin_loop() }')
    about = news(shared.client, request)
    assert any("on" in message["content"].get("text", "") for message in about)
    start = time.monotonic()
    shared.manager.interrupt_kernel()
    reply = reply_to(shared.client, request)
    print(f"interrupted after {time.monotonic() - start:.3f} s")
    assert time.monotonic() - start < 5
    assert (reply["status"], reply["ename"]) == ("error", "Interrupted")
    assert GONE in reply["evalue"]
    settle(shared.client, request)
    assert shared.run('println!("{}", 1 + 1);') == ("ok", "2\n")


@pytest.mark.parametrize(
    "code",
    [
        """python::run("import subprocess; subprocess.run(['sleep', '7919'])")?;""",
        """MapReduce::new(|line: &str, emit| emit(line, 1), |_, ones| ones.sum::<u64>())
            .shell("sleep 7919 | job map")?;""",
    ],
    ids=["python", "bash"],
)
def test_an_interrupt_ends_what_the_cell_started(shared, code):
    assert shared.execute("use potok::map_reduce::MapReduce;").status == "ok"
    asleep = lambda: "sleep 7919" in subprocess.run(
        ["ps", "-eo", "args"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    folders = lambda: {*TEMPORARY.glob("potok-python-*"), *TEMPORARY.glob("potok-job-*")}
    before = folders()
    request = shared.client.execute(code)
    assert until(asleep)
    shared.manager.interrupt_kernel()
    settle(shared.client, request)
    assert until(lambda: not asleep()), "it was left behind"
    assert until(lambda: folders() <= before), folders() - before


def test_an_interrupt_between_cells_costs_nothing(shared):
    assert shared.execute("let stays = 7;").status == "ok"
    # Sent and answered before the next cell is: they travel on different sockets.
    channel = shared.client.control_channel
    channel.send(shared.client.session.msg("interrupt_request", {}))
    assert channel.get_msg(timeout=20)["content"]["status"] == "ok"
    run = shared.execute('println!("{stays}");')
    assert (run.status, run.text()) == ("ok", "7\n"), run.reply


def test_what_waits_behind_a_failing_cell_does_not_run(shared):
    cells = ['panic!("stop")', 'println!("never");', "1 + 1"]
    requests = [shared.client.execute(code) for code in cells]
    replies = [reply_to(shared.client, request)["status"] for request in requests]
    assert replies == ["error", "aborted", "aborted"]
    settle(shared.client, requests[-1])
    assert shared.run('println!("on");') == ("ok", "on\n")

    requests = [shared.client.execute(code, stop_on_error=False) for code in cells]
    replies = [reply_to(shared.client, request)["status"] for request in requests]
    assert replies == ["error", "ok", "ok"]
    settle(shared.client, requests[-1])


def test_behind_a_cell_that_promised_its_error_all_run(shared):
    """JupyterLab says what a cell is tagged with, and takes any other reply but `ok` for
    the end of all cells that wait."""
    client = shared.client
    content = {"code": "let n: u32 = \"x\";", "stop_on_error": True, "store_history": True}
    tags = {"tags": ["slow", "raises-exception"]}
    promised = client.session.msg("execute_request", content, metadata=tags)
    client.shell_channel.send(promised)
    behind = client.execute('println!("on");')
    promised = promised["header"]["msg_id"]
    about = list(news(client, promised))
    reply = reply_to(client, promised)
    [error] = [each["content"] for each in about if each["msg_type"] == "error"]
    assert (error["ename"], error["evalue"]) == ("CompileError", "mismatched types")
    assert reply["status"] == "ok" and reply["user_expressions"] == {}, reply
    assert "ename" not in reply
    assert reply_to(client, behind)["status"] == "ok"
    settle(client, behind)

    tags["tags"].remove("raises-exception")
    plain = client.session.msg("execute_request", content, metadata=tags)
    client.shell_channel.send(plain)
    assert reply_to(client, plain["header"]["msg_id"])["status"] == "error"
    settle(client, plain["header"]["msg_id"])
