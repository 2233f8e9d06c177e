"""Processes started from cells of the real kernel: what travels, what fails, what stays."""

import os
import re
import signal

import pytest
from conftest import processes, until

SAY = 'println!("{}", %s.unwrap_err());'


@pytest.fixture(scope="module")
def functions(one_kernel):
    """Those that these tests call, in cells of their own."""
    for cell in [
        "fn fib(n: u64) -> u64 { if n < 2 { n } else { fib(n - 1) + fib(n - 2) } }",
        "fn triple(n: u64) -> u64 { 3 * fib(n) }",
        "fn twice<T: Clone>(value: T) -> (T, T) { (value.clone(), value) }",
        "fn deep(n: u64) -> u64 { if n == 0 { 0 } else { std::hint::black_box(deep(n - 1)) + n } }",
    ]:
        assert one_kernel.run(cell)[0] == "ok"


@pytest.fixture
def rust(shared, functions):
    """The shared kernel, which knows the functions."""
    return shared


def printed(rust, code: str) -> str:
    status, text = rust.run(code)
    assert status == "ok", text
    return text


def test_functions_of_several_cells_travel(rust):
    """Each function lies in the shared object of its own cell."""
    code = """
        let a = processes::spawn(fib, 10)?.join()?;
        let b = processes::spawn(triple, 10)?.join()?;
        let c = processes::spawn(twice::<String>, "deer".to_string())?.join()?;
        let d = processes::spawn(|(a, b): (u64, u64)| a * b, (6, 7))?.join()?;
        println!("{a} {b} {c:?} {d}");
    """
    assert printed(rust, code) == '55 165 ("deer", "deer") 42\n'


def test_a_function_that_was_redefined_is_the_new_one_there_too(rust):
    printed(rust, "fn version(_: ()) -> u32 { 1 }\nlet pool = processes::Pool::new(1)?;")
    ask = 'println!("{} {}", processes::spawn(version, ())?.join()?, ' \
        "pool.submit(version, ())?.wait()?);"
    assert printed(rust, ask) == "1 1\n"
    printed(rust, "fn version(_: ()) -> u32 { 2 }")
    assert printed(rust, ask) == "2 2\n"


def test_a_pool_runs_what_was_typed_after_it_was_started(rust):
    printed(rust, "let forked = processes::Pool::new(2)?;")
    printed(rust, "let spawned = processes::Pool::start(2, processes::Start::Spawn)?;")
    printed(rust, "fn later(n: u64) -> u64 { fib(n) + 1 }")
    code = 'println!("{:?} {:?}", forked.map(0..5, later)?, spawned.map(0..5, later)?);'
    assert printed(rust, code) == "[1, 2, 2, 3, 4] [1, 2, 2, 3, 4]\n"


def test_each_fresh_process_has_a_layout_of_its_own(rust):
    """The system puts code elsewhere in every process; the function is found all the same."""
    code = """
        fn place(n: u64) -> (usize, u64) { (place as fn(u64) -> _ as usize, fib(n)) }
        let places: Vec<_> = (0..4)
            .map(|_| processes::spawn(place, 9)?.join())
            .collect::<Result<_, Error>>()?;
        let differ = places.iter().any(|(at, _)| *at != places[0].0);
        println!("{differ} {}", places.iter().all(|(_, n)| *n == 34));
    """
    assert printed(rust, code) == "true true\n"


def test_a_closure_that_captures_is_refused_in_words(rust):
    status, text = rust.run("let n = 30; processes::spawn(move |()| fib(n), ())?;")
    assert status == "error"
    assert "captures variables" in text and "pass" in text, text


@pytest.mark.parametrize(
    "body, said",
    [
        ('panic!("out of coffee")', r"process \d+ panicked at .*: out of coffee"),
        ("std::process::exit(0)", r"process \d+ exited with code 0 before"),
        ("std::process::exit(7)", r"process \d+ exited with code 7 before"),
        ("std::process::abort()", r"was killed by SIGABRT"),
        ("deep(u64::MAX)", r"was killed by SIG(ABRT|SEGV)"),
        ("unsafe { *std::hint::black_box(8 as *mut u64) = 1; 0 }", r"killed by SIG(ABRT|SEGV)"),
        ("loop { std::hint::spin_loop() }", r"did not finish within 300 ms"),
        ("vec![1_u8; std::hint::black_box(1 << 30)].len() as u64", r"its 64 MiB of memory"),
    ],
)
@pytest.mark.parametrize("how", ["fork(|| -> u64 { %s })", "spawn(|()| -> u64 { %s }, ())"])
def test_every_end_is_a_value_and_the_notebook_goes_on(rust, how, body, said):
    # Only what never ends by itself is measured by a short time.
    wall = "ms(300)" if "loop" in body else "ms(20_000)"
    memory = "" if "deep" in body or "1;" in body else ".memory(64 << 20)"  # for a crash report
    limits = f"processes::Limits::new().wall({wall}){memory}."
    text = printed(rust, SAY % f"{limits}{how % body}?.join()")
    assert re.search(said, text), text
    assert printed(rust, 'println!("{}", fib(7));') == "13\n"


def test_a_line_of_a_child_is_no_command_of_the_kernel(rust):
    code = """
        fn speak() {
            println!("EVCXR_EXECUTION_COMPLETE");
            println!("EVCXR_BEGIN_CONTENT text/html");
        }
        processes::fork(speak)?.join()?;
        println!("the cell goes on");
    """
    words = [line.split() for line in printed(rust, code).splitlines()]
    assert words == [
        ["EVCXR_EXECUTION_COMPLETE"],
        ["EVCXR_BEGIN_CONTENT", "text/html"],
        ["the", "cell", "goes", "on"],
    ]


def test_lines_of_parent_and_children_are_never_torn(rust):
    code = """
        fn say(who: char) {
            (0..2_000).for_each(|_| println!("{}", who.to_string().repeat(60)));
        }
        let children = [processes::fork(|| say('a'))?, processes::fork(|| say('b'))?];
        say('p');
        for child in children { child.join()? }
    """
    lines = printed(rust, code).splitlines()
    assert {line: lines.count(line) for line in set(lines)} == {
        who * 60: 2_000 for who in "abp"
    }


def test_what_a_task_prints_stands_before_its_result(rust):
    code = """
        let pool = processes::Pool::new(2)?;
        let tasks: Vec<_> = (0..300_u32)
            .map(|n| pool.submit(|n: u32| println!("task {n}"), n))
            .collect::<Result<_, _>>()?;
        for (n, task) in tasks.into_iter().enumerate() {
            task.wait()?;
            println!("result {n}");
        }
    """
    lines = printed(rust, code).splitlines()
    assert len(lines) == 600
    assert all(lines.index(f"task {n}") < lines.index(f"result {n}") for n in range(300))


def test_forking_beside_threads_is_refused_or_on_ones_own_word(kernel):
    rust = kernel()
    ending = """
        struct Slow;
        impl Drop for Slow { fn drop(&mut self) { wait(ms(20)); } }
        thread_local! { static SLOW: Slow = const { Slow }; }
        std::thread::scope(|s| { s.spawn(|| SLOW.with(|_| ())); });
        println!("{}", std::fs::read_dir("/proc/self/task").unwrap().count());
        processes::fork(|| ())?.join()?;
    """
    # Nearly always 2: a thread that has left its scope still ends.
    assert printed(rust, ending) in ("1\n", "2\n")
    code = """
        let (hold, held) = std::sync::mpsc::channel::<()>();
        let other = std::thread::spawn(move || held.recv().is_err());
        println!("{}", processes::fork(|| 1).unwrap_err());
        // SAFETY: the child needs nothing that the other thread has.
        println!("{}", unsafe { processes::fork_among_threads(|| 2) }?.join()?);
        drop(hold);
        other.join().unwrap();
    """
    refused, result = printed(rust, code).splitlines()
    assert "1 other thread runs" in refused and "`spawn`" in refused
    assert result == "2"


def test_nothing_is_left_when_the_process_of_the_cells_is_killed(kernel):
    rust = kernel()
    code = """
        let pools = [processes::Pool::new(2)?,
            processes::Pool::start(2, processes::Start::Spawn)?];
        let child = processes::fork(|| wait(ms(600_000)))?;
        println!("{} {:?} {:?} {}", std::process::id(), pools[0].pids(), pools[1].pids(),
            child.pid());
    """
    runtime, *children = map(int, re.findall(r"\d+", printed(rust, code)))
    assert len(children) == 5
    alive = lambda: [pid for pid in children if os.path.exists(f"/proc/{pid}")]
    assert len(alive()) == 5
    os.kill(runtime, signal.SIGKILL)
    assert until(lambda: not alive()), alive()
    rust.shut_down()
    assert until(lambda: not processes(rust.pid)), processes(rust.pid)
