"""A failure names the line of the cell that it comes from, be it an earlier one, and what a
new definition took away is told. In one kernel: some two seconds a test."""

import pytest
from test_errors import failed

BREW = 'fn brew_late(cups: u64) -> u64 {\n    if cups > 1 {\n        panic!("no beans")\n    }\n    cups\n}'
PLACE = "line 3 of the cell with `fn brew_late`"


def test_a_failure_in_an_earlier_cell_is_told_with_its_line_and_item(shared):
    assert shared.execute(BREW).status == "ok"
    traceback = failed(shared.execute("brew_late(2)"), "panic")
    assert PLACE in traceback and '3 |         panic!("no beans")' in traceback, traceback
    failed(run := shared.execute("processes::spawn(brew_late, 2)?.join()?"), "Err")
    assert f"at {PLACE}: no beans" in run.reply["evalue"], run.reply["evalue"]
    # A cell that was changed and run again is the one that is meant.
    assert shared.execute("// stronger\n" + BREW).status == "ok"
    assert PLACE.replace("3", "4") in failed(shared.execute("brew_late(2)"), "panic")


def test_an_answer_of_an_earlier_cell_keeps_its_place(shared):
    """Its numbers are of that cell's file, and mean another line in the present one."""
    assert shared.execute(BREW + "\nlet child = processes::spawn(brew_late, 2)?;").status == "ok"
    assert shared.execute("fn afterwards() -> u64 {\n    1\n}").status == "ok"
    failed(run := shared.execute("let a = 1;\nlet b = 2;\nchild.join()?"), "Err")
    assert f"at {PLACE}: no beans" in run.reply["evalue"], run.reply["evalue"]


def test_a_closure_in_a_variable_has_its_place_in_its_own_cell(shared):
    code = 'let late: Box<dyn Fn() -> u64> = Box::new(|| {\n    panic!("no milk")\n});'
    assert shared.execute(code).status == "ok"
    traceback = failed(shared.execute("let c = 1;\nlate()"), "panic")
    assert "line 2 of the cell with `let late`" in traceback, traceback


@pytest.mark.parametrize(
    "code",
    [
        'use potok::rayon::prelude::*;\n(0..100).into_par_iter().map(|x| {\n    if x == 50 { panic!("fifty") }\n    x\n}).sum::<i32>()',
        'potok::rayon::scope(|s| {\n    s.spawn(|_| ());\n    s.spawn(|_| panic!("fifty"));\n});',
        'thread::scope(|s| {\n    s.spawn(|| ());\n    s.spawn(|| panic!("fifty"));\n});',
        'let handle = thread::spawn(\n    || 1,\n);\nlet bad = thread::spawn(|| -> u8 { panic!("fifty") });\nbad.join().unwrap();',
    ],
    ids=["par_iter", "rayon::scope", "thread::scope", "join"],
)
def test_a_panic_of_another_thread_that_ends_the_cell_is_told_with_its_line(shared, code):
    run = shared.execute(code)
    traceback = failed(run, "panic")
    line = next(n for n, line in enumerate(code.splitlines(), 1) if "panic!" in line)
    assert "fifty" in traceback and f"line {line} of this cell" in traceback, traceback
    assert f"at line {line} of this cell: fifty\n" in run.text("stderr"), run.text("stderr")


def test_whoever_prints_is_no_hindrance_to_a_thread_that_panics(shared):
    code = 'let out = std::io::stdout().lock();\nassert!(thread::spawn(|| panic!("tea")).join().is_err());\ndrop(out);'
    run = shared.execute("{\n" + code + "\n}")
    assert run.status == "ok" and "line 3 of this cell: tea" in run.text("stderr"), run


def test_an_error_in_a_use_line_is_told_with_the_line(shared):
    run = shared.execute("let a = 1;\nuse crossbeem::channel::{bounded, select};\na")
    traceback = failed(run, "CompileError")
    assert "line 2 of this cell" in traceback and "use crossbeem::channel::{" in traceback
    assert "^^^^^^^^^" in traceback, traceback


def test_an_error_in_a_macro_of_an_earlier_cell_is_told_with_both_places(shared):
    code = "macro_rules! all_of {\n    ($($e:expr),*) => { [$(u64::from($e)),*] }\n}"
    assert shared.execute(code).status == "ok"
    traceback = failed(shared.execute('let n = 1_u8;\nall_of![n, "x"]'), "CompileError")
    assert '2 │ all_of![n, "x"]' in traceback, traceback
    assert "line 2 of the cell with `macro_rules! all_of`" in traceback, traceback


def test_a_value_of_an_earlier_type_that_cannot_be_shown_is_told_with_what_to_write(shared):
    assert shared.execute("struct Unseen { cups: u64 }\nlet unseen = Unseen { cups: 1 };").status == "ok"
    traceback = failed(shared.execute("let d = unseen.cups;\nunseen"), "CompileError")
    assert "line 2 of this cell" in traceback, traceback
    assert "#[derive(Debug)]" in traceback and "cell with `struct Unseen`" in traceback, traceback


def test_an_impl_that_a_new_definition_takes_away_is_told(shared):
    account = "struct Purse { cups: u64 }\nimpl Purse { fn new() -> Self { Purse { cups: 1 } } }"
    for _ in range(2):
        run = shared.execute(account)
        assert run.status == "ok" and run.text("stderr") == ""
    run = shared.execute("struct Purse { cups: u64, owner: u64 }")
    assert run.status == "ok"
    [line] = run.text("stderr").splitlines()
    assert "`Purse` is defined anew" in line and "`impl Purse`" in line
    assert shared.execute("Purse::new();").status == "error"


def test_an_impl_that_cannot_be_run_again_is_told_with_what_to_do(shared):
    assert shared.execute("struct Bag;").status == "ok"
    alone = "impl Bag { fn weight(&self) -> u64 { 3 } }"
    assert shared.execute(alone).status == "ok"
    traceback = failed(run := shared.execute(alone), "CompileError")
    assert "duplicate definitions" in run.reply["evalue"]
    assert "`impl Bag`" in traceback and "restart the kernel" in traceback, traceback


def test_a_stack_that_was_too_small_is_not_called_a_recursion(shared):
    code = "thread::Builder::new().stack_size(64 * 1024).spawn(|| {\n    let mut all = [0_u8; 1 << 20];\n    all[7] = 1;\n    std::hint::black_box(&all);\n}).unwrap().join().is_ok()"
    traceback = failed(shared.execute(code), "ProcessDied")
    assert "stack" in traceback and "array" in traceback and "does not tell" in traceback, traceback
