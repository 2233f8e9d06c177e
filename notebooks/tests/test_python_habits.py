"""What comes from a Python habit is answered with what to write here; and what stands around
a failing cell is not told as its error."""

import pytest
from conftest import reply_to, settle
from test_errors import failed


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("%%time\n1 + 1", "`:timing`"),
        ("?all", "Shift-Tab"),
        (">>> 1 + 1", "is a prompt"),
        ('print("hi")', "println!"),
        ("let q = 1;\n!ls", "at the top of a cell"),
        ("%timeit 1 + 1", "`%timeit` is"),
        ('let cups = 2;\nf"{cups} cups"', "format!"),
    ],
)
def test_a_habit_is_answered_with_one_sentence(shared, code, words):
    run = shared.execute(code)
    traceback = failed(run, "CompileError")
    assert words in run.reply["evalue"] and "\n" not in run.reply["evalue"]
    assert len(traceback.splitlines()) == 3, traceback


def test_a_reference_in_a_variable_is_one_error_with_its_cure(shared):
    assert shared.execute("let all = vec![1, 2, 3];").status == "ok"
    run = shared.execute("let part = &all[1..];")
    traceback = failed(run, "CompileError")
    assert run.reply["evalue"].startswith("`part` borrows from another variable")
    assert "let part = all[1..].to_owned();" in traceback
    assert shared.execute("let part = all[1..].to_owned();").status == "ok"
    assert shared.run('{\n    let part = &all[1..];\n    println!("{part:?}");\n}') == ("ok", "[2, 3]\n")


def test_a_warning_about_an_earlier_cell_is_not_told(shared):
    assert shared.execute("macro_rules! unused_twice { ($e:expr) => { $e; $e } }").status == "ok"
    run = shared.execute("help_me(1)")
    assert "unused" not in failed(run, "CompileError")
    assert run.reply["evalue"].startswith("cannot find function `help_me`")


def inspected(client, code: str, cursor: int) -> dict:
    return client.inspect(code, cursor, reply=True, timeout=60)["content"]


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("let v = vec![1];\nv.pu", "sh(2)", "pub fn push"),
        ("std::sync::Mu", "tex::new(1)", "pub struct Mutex"),
        ("let s: Str", "ing = x;", "pub struct String"),
        ('println!("{}", vec![1].le', "n())", "fn len"),
        ("std::thread::spawn(", ")", "pub fn spawn"),
        ("use std::sync::{Arc, Mut", "ex};", "pub struct Mutex"),
        ("vec!", "[1]", "macro_rules! vec"),
        # The library's own: once it was the keyword `for` that was explained.
        ("bus", "y(ms(1))", "fn busy"),
        ("let run = recor", "d(|rec| rec.span(1, || ()));", "fn record"),
    ],
)
def test_what_stands_under_the_cursor_is_explained(shared, before, after, words):
    content = inspected(shared.client, before + after, len(before))
    assert content["found"] and words in content["data"]["text/plain"], content


def test_nothing_to_complete_is_an_empty_list(shared):
    for code in ["", "// a co", ":dep reg"]:
        content = shared.client.complete(code, len(code), reply=True, timeout=60)["content"]
        assert (content["status"], content["matches"]) == ("ok", []), code


def test_completion_and_inspection_are_answered_while_a_cell_runs(shared):
    assert shared.execute("fn greet_ann() {}").status == "ok"
    cell = shared.client.execute("loop { std::hint::spin_loop() }")
    completion = shared.client.complete("greet_a", 7)
    content = reply_to(shared.client, completion)
    explained = reply_to(shared.client, shared.client.inspect("greet_ann()", 9))
    # The cell has not ended: nothing but an interrupt ends it.
    shared.manager.interrupt_kernel()
    assert reply_to(shared.client, cell)["ename"] == "Interrupted"
    settle(shared.client, cell)
    assert content["matches"] == ["greet_ann"]
    assert explained["found"] and "fn greet_ann()" in explained["data"]["text/plain"]


def test_history_is_the_cells_that_were_run(shared):
    assert shared.execute("let of_history = 1;").status == "ok"
    reply = shared.client.history(hist_access_type="tail", n=1, reply=True, timeout=60)
    [[_, number, code]] = reply["content"]["history"]
    assert code == "let of_history = 1;" and number > 0


def test_a_panic_in_a_child_names_the_line_of_this_cell(shared):
    run = shared.execute('fn spill(n: u64) -> u64 {\n    if n > 0 { panic!("tea") }\n    n\n}\nprocesses::spawn(spill, 1)?.join()?')
    failed(run, "Err")
    assert "at line 2 of this cell: tea" in run.reply["evalue"], run.reply["evalue"]


SPILL = 'fn spill(n: u64) -> u64 {\n    if n > 0 { panic!("tea") }\n    n\n}\n'


@pytest.mark.parametrize("code", [
    "processes::spawn(spill, 1)?.join().unwrap()",
    'println!("{}", processes::spawn(spill, 1)?.join().unwrap_err());',
    "processes::Pool::new(1)?.map_each([0, 1], spill)",
    'eprintln!("{:?}", processes::fork(|| spill(1))?.join());',
], ids=["unwrap", "println", "the last value", "eprintln"])
def test_wherever_a_childs_panic_is_told_it_names_the_line_of_this_cell(shared, code):
    run = shared.execute(SPILL + code)
    texts = [run.text("stdout"), run.text("stderr"), run.reply.get("evalue", "")]
    texts += [each["data"]["text/plain"] for each in run.of("execute_result")]
    said = " ".join(texts)
    assert "at line 2 of this cell: tea" in said and "lib.rs" not in said, said


def test_a_table_of_functions_is_refused_with_what_to_write(shared):
    assert shared.execute("fn square(n: u64) -> u64 { n * n } fn cube(n: u64) -> u64 { n * n * n }").status == "ok"
    call = "processes::Pool::new(1)?.map([2, 3], {})?"
    run = shared.execute("let fs = [square, cube];\n" + call.format("fs[1]"))
    traceback = failed(run, "CompileError")
    assert "address in this process alone" in run.reply["evalue"], run.reply["evalue"]
    assert len(traceback.splitlines()) == 1, traceback
    run = shared.execute(call.format("|n| [square, cube][1](n)"))
    assert run.of("execute_result")[0]["data"]["text/plain"] == "[8, 27]"


def test_a_closure_that_captures_is_one_error_with_its_line_and_two_ways_out(shared):
    run = shared.execute("let n = 3_u64;\nprocesses::spawn(move |()| n + 1, ())?;")
    traceback = failed(run, "CompileError")
    assert "as the argument" in run.reply["evalue"] and "`fork`" in run.reply["evalue"]
    assert "line 2 of this cell" in traceback and len(traceback.splitlines()) <= 5, traceback


def test_a_string_that_a_closure_captures_is_named(shared):
    run = shared.execute("let s = String::from(\"x\");\nprocesses::spawn(move |()| s.len(), ())?;")
    traceback = failed(run, "CompileError")
    assert run.reply["evalue"].startswith("this closure captures a `String`"), run.reply["evalue"]
    assert "line 2 of this cell" in traceback and len(traceback.splitlines()) == 4, traceback


def test_a_closure_in_a_variable_is_told_with_what_to_write(shared):
    traceback = failed(shared.execute("let add = |a: i32, b: i32| a + b;"), "CompileError")
    assert traceback.startswith("error: `add` is a closure") and "fn add(" in traceback
    assert shared.execute("let add: Box<dyn Fn(i32, i32) -> i32> = Box::new(|a, b| a + b);").status == "ok"
    assert shared.run('println!("{}", add(1, 2));') == ("ok", "3\n")


def test_what_join_gives_can_be_kept_in_a_variable(shared):
    assert shared.execute("let joined = thread::spawn(|| 5).join();").status == "ok"
    assert shared.run('println!("{}", joined.is_ok());') == ("ok", "true\n")


@pytest.mark.parametrize(
    ("body", "words"),
    [('panic!("tea")', "tea"), ("std::panic::panic_any(7_i32)", "7 (`i32`)"),
     ("std::panic::panic_any(vec![0.5_f64])", "a value that is no text")],
)
def test_a_panic_of_an_item_is_told_once_by_the_error(shared, body, words):
    code = f"Parallel::new().jobs(2).map(0..4_u64, |i| {{ if i == 2 {{ {body} }}; i }})?"
    run = shared.execute(code)
    failed(run, "Err")
    assert run.reply["evalue"].startswith("item 2 panicked: ") and words in run.reply["evalue"]
    assert run.text("stderr") == "" and run.text("stdout") == ""


def test_rayon_works_in_a_pool_that_was_forked_after_it(shared):
    code = """
        use potok::rayon::prelude::*;
        fn sum(n: u64) -> u64 { (1..=n).into_par_iter().sum() }
        let here = sum(1000);
        let there = processes::Pool::new(2)?.map([1000, 10], sum)?;
        println!("{here} {there:?}");
    """
    assert shared.run(code) == ("ok", "500500 [500500, 55]\n")


def test_a_child_can_be_asked_without_mut(shared):
    code = """
        let child = processes::spawn(|ms: u64| wait(Duration::from_millis(ms)), 60_000)?;
        println!("{}", child.is_alive());
        child.kill();
        println!("{}", child.join().is_err());
    """
    assert shared.run(code) == ("ok", "true\ntrue\n")
