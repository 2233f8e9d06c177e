"""Pictures change while a cell runs, and no line is lost, torn or taken for another."""

import re

import nbformat
import pytest
from conftest import NOTEBOOKS
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

TIMELINE = """use std::thread;
record_live("Two at work", |rec| thread::scope(|s| for name in ["ann", "bob"] {
    s.spawn(move || for _ in 0..20 { rec.wait(name, || wait(ms(100))) });
}));"""


def test_a_timeline_grows_while_threads_run(shared):
    run = shared.execute(TIMELINE)
    assert run.status == "ok"
    [first] = run.of("display_data")
    frames = run.of("update_display_data")
    assert len(frames) >= 3
    ids = {each["transient"]["display_id"] for each in [first, *frames]}
    assert len(ids) == 1 and len({each["data"]["text/plain"] for each in frames}) >= 3
    # `execute` has checked that all of them belong to this cell.
    assert all("<img" in each["data"]["text/html"] for each in frames)
    size = sum(len(each["data"]["text/html"]) for each in [first, *frames])
    print(f"{1 + len(frames)} frames in 2 s, {size} bytes")
    assert size < 16 * 2**20


def test_a_notebook_keeps_the_last_frame_and_run_all_stops_at_a_failing_cell():
    cells = [TIMELINE, 'panic!("here")', 'println!("never");']
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(code) for code in cells]
    )
    client = NotebookClient(
        notebook, timeout=120, startup_timeout=300, kernel_name="rust",
        resources={"metadata": {"path": str(NOTEBOOKS)}},
    )
    with pytest.raises(CellExecutionError) as raised:
        client.execute()
    assert (raised.value.ename, raised.value.evalue) == ("panic", "here")
    frame, error, never = [cell.outputs for cell in notebook.cells]
    assert [output.output_type for output in frame] == ["display_data"]
    assert "40 spans" in frame[0].data["text/html"]
    assert "not ended" not in frame[0].data["text/html"]
    assert [output.output_type for output in error] == ["error"] and not never


def test_a_long_measurement_has_a_bar_that_is_gone_at_its_end(shared):
    code = 'Speedup::measure("naps", [1, 2], |_| wait(ms(120))).map(|s| s.points.len())'
    run = shared.execute(code)
    [first] = run.of("display_data")
    bars = run.of("update_display_data")
    assert "<progress" in first["data"]["text/html"] and len(bars) >= 3
    assert bars[-1]["data"]["text/html"] == ""


@pytest.mark.parametrize("job, label", [
    ('processes::Pool::new(2)?.progress("naps").map(0..8_u64, |_| wait(ms(250)))?.len()',
     "naps: "),
    ('MapReduce::new(|n: &u64, emit| { wait(ms(250)); emit(n, 1) }, |_, ones| ones.sum::<u64>())'
     '.splits(8).progress("naps").over(vec![1_u64, 2, 3, 4, 5, 6, 7, 8])'
     '.on(Threads(2)).run()?.sorted().len()', "naps, map: "),
    ('MapReduce::new(|n: &u64, emit| { wait(ms(250)); emit(n, 1) }, |_, ones| ones.sum::<u64>())'
     '.splits(8).progress("naps").over(vec![1_u64, 2, 3, 4, 5, 6, 7, 8])'
     '.on(Processes(2)).run()?.sorted().len()', "naps, map: "),
], ids=["pool", "map-reduce on threads", "map-reduce on processes"])
def test_a_long_job_has_a_bar_while_it_runs(shared, job, label):
    run = shared.execute(f"use potok::map_reduce::*;\n{job}")
    assert (run.status, run.of("execute_result")[-1]["data"]["text/plain"]) == ("ok", "8")
    [first] = run.of("display_data")
    *bars, last = run.of("update_display_data")
    assert bars and all("<progress" in each["data"]["text/html"] for each in [first, *bars])
    assert all(each["data"]["text/plain"].startswith(label) for each in [first, *bars])
    assert last["data"]["text/html"] == ""


def test_a_day_at_the_coffee_shop_is_seen_while_it_goes_on(shared):
    run = shared.execute(
        'let day = potok::coffee::Shop::queues(2).customers(8).brew(ms(100)).run_live("A day")?;'
    )
    assert run.status == "ok"
    [first] = run.of("display_data")
    frames = run.of("update_display_data")
    texts = [each["data"]["text/plain"] for each in [first, *frames]]
    assert len(set(texts)) >= 3
    served = [int(n) for n in re.findall(r": (\d) served", texts[-1])]
    assert len(served) == 3 and served == sorted(set(served)), texts[-1]


def test_a_cell_that_gives_a_variable_away_still_shows_its_picture(shared):
    run = shared.execute(
        'let given = record(|rec| rec.span("work", || busy(ms(1))));\n'
        'chart::timeline("One span", &{given})?'
    )
    assert run.status == "ok"
    [shown] = run.of("execute_result")
    assert "<img" in shown["data"]["text/html"]
    assert shared.execute("given").status == "error", "it is gone, as it would be in a program"


@pytest.mark.parametrize(("value", "shown"), [("5", "5"), ("1.5", "1.5"), ("-7", "-7")])
def test_a_number_whose_type_nobody_wrote_is_shown(shared, value, shown):
    run = shared.execute(f"let number = {value};\nnumber")
    assert run.status == "ok", run.reply
    assert run.of("execute_result")[0]["data"]["text/plain"] == shown


def test_text_that_looks_like_a_marked_line_or_a_command_stays_text(shared):
    lines = [
        'POTOK:0123 {"op":"clear"}',
        "POTOK_LIVE",
        "see EVCXR_BEGIN_CONTENT text/html for more",
        "EVCXR_PANIC_NOTIFICATION is what evcxr says",
    ]
    run = shared.execute("".join(f'println!("{{}}", r#"{line}"#);\n' for line in lines))
    assert run.status == "ok"
    assert run.text() == "".join(f"{line}\n" for line in lines)
    assert not run.of("clear_output")


def test_what_is_printed_without_a_line_break_is_there(shared):
    run = shared.execute(
        "use std::io::Write;\n"
        'for i in 0..3 { print!("{i} "); std::io::stdout().flush().unwrap(); wait(ms(60)); }'
    )
    assert run.text() == "0 1 2 "
    assert len(run.of("stream")) >= 2, "it is not held back until the end"
    # Neither is it left for the next cell, whether that cell ends well or not.
    assert shared.run('print!("no break");') == ("ok", "no break")
    assert shared.run("1 + 1") == ("ok", "")
    run = shared.execute('print!("before "); panic!("it");')
    assert (run.status, run.text()) == ("error", "before ")
    run = shared.execute('print!("before "); "x".parse::<u8>()?;')
    assert (run.status, run.text()) == ("error", "before ")
    assert shared.run("1 + 1") == ("ok", "")
    run = shared.execute('use std::io::Write; std::io::stdout().write_all(b"\\xff bytes\\n")?;')
    assert (run.status, run.text()) == ("ok", "\N{REPLACEMENT CHARACTER} bytes\n")


def test_two_threads_and_a_picture_do_not_tear_each_others_lines(shared):
    run = shared.execute(
        "use std::thread;\n"
        'record_live("Printing", |rec| thread::scope(|s| for name in ["ann", "bob"] {\n'
        "    s.spawn(move || rec.span(name, || for i in 0..20_000 {\n"
        '        if i % 5_000 == 0 { wait(ms(60)) }\n        println!("{name} {i}");\n'
        "    }));\n}));"
    )
    assert run.status == "ok"
    lines = run.text().splitlines()
    for name in ("ann", "bob"):
        mine = [line for line in lines if line.startswith(name)]
        assert mine == [f"{name} {i}" for i in range(20_000)]
    assert len(lines) == 40_000
    assert run.of("update_display_data")


def test_a_hundred_thousand_lines_arrive_in_order(shared):
    run = shared.execute('for i in 0..100_000 { println!("line {i}"); }')
    assert run.text().splitlines() == [f"line {i}" for i in range(100_000)]
    print(f"{len(run.of('stream'))} messages")


def test_a_forked_child_prints_into_its_cell(shared):
    run = shared.execute(
        'let code = r#"println!"#;\n'
        'processes::fork(|| for i in 0..1000 { println!("child {i}") })?.join()?;\n'
        'println!("parent");'
    )
    assert run.status == "ok"
    expected = [f"child {i}" for i in range(1000)]
    assert run.text().splitlines() == [*expected, "parent"]
