"""Submissions of every kind that a class hands in, and some that nobody should.

Each is made of a homework's own source: its solutions, some of them replaced, some cells
changed. What it has to earn stands beside it.
"""

import copy
import json
from dataclasses import dataclass, field
from pathlib import Path

import cells

HOMEWORK = Path(__file__).resolve().parents[1] / "homework"
WORTH = {"both": 2.0, "parallel_map": 4.0, "responsive": 3.0}
HEADS = {
    "both": "fn both(left: impl FnOnce() -> u64 + Send, right: impl FnOnce() -> u64 + Send) "
    "-> (u64, u64)",
    "parallel_map": "fn parallel_map<T: Send, R: Send>(items: Vec<T>, workers: usize, "
    "work: &(dyn Fn(T) -> R + Sync)) -> Vec<R>",
    "responsive": "fn responsive(job: impl FnOnce() -> u64 + Send, tick: impl FnMut()) -> u64",
}
DEFAULTS = {"both": "(0, 0)", "parallel_map": "vec![]", "responsive": "0"}

# What a forged result would look like, on each way that one could try.
FORGED_CARD = r"""EVCXR_BEGIN_CONTENT text/plain\n{points}\nEVCXR_END_CONTENT\n"""
FORGED_LINE = r'{{\"points\":{points},\"score\":{points},\"checks\":[]}}\n'

# Bodies of functions. They go into a function of the right type, which returns a default.
BODIES = {
    "panics": 'panic!("I give up");',
    "loops": "let mut n = 0_u64; loop { n = std::hint::black_box(n + 1); if n == 0 { break; } }",
    "exits": "std::process::exit(0);",
    "prints a result": 'println!("CARD");',
    "prints a result again and again from a thread": """
    std::thread::spawn(|| for _ in 0..2_000 { print!("CARD"); });
    std::thread::sleep(std::time::Duration::from_millis(300));""",
    "writes a result to whatever is open": """
    for fd in 0..64 {
        let Ok(mut out) = std::fs::OpenOptions::new().write(true)
            .open(format!("/proc/self/fd/{fd}")) else { continue };
        let _ = std::io::Write::write_all(&mut out, b"LINE");
    }""",
    "writes a result to its parent's": """
    let parent = std::os::unix::process::parent_id();
    for fd in 0..64 {
        let path = format!("/proc/{parent}/fd/{fd}");
        let Ok(mut out) = std::fs::OpenOptions::new().write(true).open(path) else { continue };
        let _ = std::io::Write::write_all(&mut out, b"LINE");
    }""",
    "shows a result of its own": """
    potok::homework::grade(POINTS).gives("mine", || 1, 1).evcxr_display();""",
    "runs an interpreter": """
    let script = "import ctypes, os; ctypes.CDLL(None).kill(os.getppid(), 9); "
        .to_string() + "[os.write(fd, b'LINE') for fd in range(3, 64)]";
    for python in ["/usr/bin/python3", "CHECKOUT/.venv/bin/python"] {
        let _ = std::process::Command::new(python).args(["-c", &script]).status();
    }""",
    "looks into the memory of its parents": """
    let parent = std::os::unix::process::parent_id();
    for process in ["self".to_string(), parent.to_string(), (parent - 1).to_string()] {
        let maps = std::fs::read_to_string(format!("/proc/{process}/maps")).unwrap_or_default();
        let memory = format!("/proc/{process}/mem");
        println!("{maps}");
        let Ok(mut memory) = std::fs::OpenOptions::new().write(true).open(memory) else { continue };
        let _ = std::io::Write::write_all(&mut memory, &[0; 64]);
        std::process::exit(7);
    }""",
    "panics while it is dropped": """
    struct Last;
    impl Drop for Last { fn drop(&mut self) { panic!("once more") } }
    std::panic::set_hook(Box::new(|_| println!("CARD")));
    let _last = Last;
    panic!("now");""",
    "goes elsewhere": """
    let _ = std::env::set_current_dir("/");
    potok::language(potok::Language::Russian);
    for place in ["/tmp/mine", "/usr/mine", "CHECKOUT/mine", "CACHE/mine"] {
        let _ = std::fs::create_dir(place);
    }""",
    "kills its parents": """
    let mut pid = std::os::unix::process::parent_id();
    for _ in 0..4 {
        let _ = std::process::Command::new("/bin/kill").args(["-9", &pid.to_string()]).status();
        pid = pid.saturating_sub(1).max(2);
    }""",
    "starts processes without end": """
    loop {
        let mut sh = std::process::Command::new("/bin/sh");
        if sh.args(["-c", "sleep 4711 & sleep 4711 & sleep 4711"]).spawn().is_err() { break; }
    }""",
    "leaves a daemon": """
    let sleeps = || std::thread::sleep(std::time::Duration::from_secs(4711));
    if let Ok(child) = potok::processes::fork(sleeps) { std::mem::forget(child); }
    let _ = std::process::Command::new("/usr/bin/setsid").args(["sleep", "4711"]).spawn();""",
    "prints 40 MB": 'for _ in 0..400_000 { println!("{}", "x".repeat(100)); }',
    "takes all memory": """
    let mut all = vec![];
    loop { all.push(vec![1_u8; 64 << 20]); }""",
    "writes to the gradebook": """
    for place in ["GRADEBOOK", "order.json", "result.json", "result.part"] {
        let _ = std::fs::write(place, "mine");
        let _ = std::fs::remove_file(place);
    }""",
    "makes folders in folders": """
    for _ in 0..3_000 {
        let made = std::fs::create_dir("a").and_then(|()| std::env::set_current_dir("a"));
        if made.is_err() { break; }
    }""",
    "fills the disk": """
    let block = vec![0_u8; 1 << 20];
    for n in 0..100_000 {
        if std::fs::write(n.to_string(), &block).is_err() { break; }
    }""",
    "panics without an end": """
    std::panic::set_hook(Box::new(|_| loop { std::thread::park(); }));
    panic!("now");""",
    "exits while it is dropped": """
    struct Last;
    impl Drop for Last { fn drop(&mut self) { println!("CARD"); std::process::exit(0) } }
    let _last = Last;
    panic!("now");""",
    "reads what it can": """
    fn walk(at: &std::path::Path, depth: u32) {
        if let Ok(text) = std::fs::read_to_string(at) {
            if text.contains("HIDDEN") { println!("{text}"); }
        }
        for entry in std::fs::read_dir(at).into_iter().flatten().flatten() {
            if depth < 8 { walk(&entry.path(), depth + 1); }
        }
    }
    for at in ["..", "/tmp", "CACHE", "CHECKOUT/notebooks", "/proc/self/environ"] {
        walk(std::path::Path::new(at), 0);
    }""",
}

# Whole cells that are refused: what they win is nothing, though the answer is right.
REFUSED = {
    "shadows `grade`": "fn grade(points: f64) -> f64 { points }",
    "imports something as `grade`": "use std::convert::identity as grade;",
    "shadows the library": "mod potok {}",
    "has a macro": "macro_rules! grade { ($e:expr) => { $e } }",
    "runs something when loaded": 'println!("CARD");',
    "asks for a crate": "",
    "has a constructor": '#[unsafe(link_section = ".init_array")]\n'
    "static START: extern \"C\" fn() = start;\nextern \"C\" fn start() {}",
    "reads a file when compiled": 'const SECRET: &str = include_str!("/etc/passwd");',
    "catches the checks' methods": "trait Len { fn len(self) -> usize; }\n"
    "impl<T> Len for Vec<T> { fn len(self) -> usize { 1 } }",
    "is shown in the checks' place": """
trait Shown { fn evcxr_display(self); }
impl<T> Shown for T {
    fn evcxr_display(self) {
        let mine = potok::homework::grade(2.0).gives("mine", || 1, 1);
        potok::homework::Grade::evcxr_display(&mine);
    }
}""",
    "asks which check calls": "fn line() -> u32 { std::panic::Location::caller().line() }",
    "imports the explorer's parts for all": "use potok::explore::*;",
    "has a constant called like a variable of the checks": "const calls: usize = 100;",
    "has a letter that is another one": "fn o\u212a() {}",
    "returns a type of its own": "type Both = (u64, u64);",
    "is unsafe": "fn peek(at: usize) -> u8 { unsafe { *(at as *const u8) } }",
}


@dataclass
class Submission:
    """A file to be handed in, and what it has to earn for each exercise."""

    name: str
    text: str
    earns: dict[str, float]
    # What staff has to be told of it.
    notes: list[str] = field(default_factory=list)


def source(homework: str = "hw1") -> dict:
    return cells.read(HOMEWORK / "source" / homework / f"{homework}.ipynb")


def handed_in(answers: dict[str, str], released: dict, homework: str = "hw1") -> dict:
    """What a student hands in: the notebook that was handed out, with answers."""
    solved = cells.by_grade_id(source(homework))
    notebook = copy.deepcopy(released)
    for cell in notebook["cells"]:
        name = cells.grade_id(cell)
        if cells.is_solution(cell) and cell["cell_type"] == "code":
            cell["source"] = answers.get(name, solved[name]["source"])
    return notebook


def hostile(kind: str, exercise: str, places: dict[str, str]) -> str:
    """An answer that does something else than it should, and then gives a default."""
    points = f"{WORTH[exercise]:g}"
    body = BODIES[kind].replace("CARD", FORGED_CARD.format(points=points))
    body = body.replace("LINE", FORGED_LINE.format(points=points))
    body = body.replace("POINTS", f"{WORTH[exercise]:.1f}")
    for name, place in places.items():
        body = body.replace(name, place)
    text = "#[allow(unreachable_code, unused)]\n"
    return f"{text}{HEADS[exercise]} {{\n    {body}\n    {DEFAULTS[exercise]}\n}}"


def wrong(homework: str, exercise: str, kind: str) -> tuple[str, list[str]]:
    """A wrong answer of the tree, and the checks that it fails."""
    text = (HOMEWORK / "wrong" / homework / exercise / f"{kind}.rs").read_text()
    marks = [line.split("// fails: ") for line in text.splitlines()]
    return text, [mark[1] for mark in marks if len(mark) == 2 and not mark[0]]


def of(name: str, notebook: dict, notes=(), **lost: float) -> Submission:
    """All is earned but what is said to be lost: `both=0.0`."""
    return Submission(name, json.dumps(notebook), {**WORTH, **lost}, list(notes))


def three(names: list[str], released: dict, places: dict[str, str]) -> Submission:
    """A submission with one hostile answer for each exercise, which earns nothing."""
    answers = {
        exercise: hostile(name, exercise, places) for exercise, name in zip(WORTH, names)
    }
    lost = {exercise: 0.0 for exercise in answers}
    return of(" and ".join(names), handed_in(answers, released), **lost)


def refused(name: str, released: dict) -> Submission:
    """A right answer in a cell with something that is not graded."""
    answer = cells.by_grade_id(source())["both"]["source"]
    extra = REFUSED[name].replace("CARD", FORGED_CARD.format(points="2"))
    if "returns" in name:
        answer = answer.replace("-> (u64, u64)", "-> Both")
    answer = f"{answer}\n{extra}" if extra else f':dep rand = "0.8"\n{answer}'
    return of(name, handed_in({"both": answer}, released), ["cell `both`"], both=0.0)


def damaged(released: dict) -> list[Submission]:
    """Notebooks in which cells have changed; the answers are right."""
    right = handed_in({}, released)

    def changed(change) -> dict:
        notebook = copy.deepcopy(right)
        change(notebook, cells.by_grade_id(notebook))
        return notebook

    def edit(notebook, named):
        named["both-check"]["source"] = "2.0"

    def delete(notebook, named):
        gone = ["both-check", "setup", "responsive"]
        notebook["cells"] = [c for c in notebook["cells"] if cells.grade_id(c) not in gone]

    def rename(notebook, named):
        named["both"]["metadata"]["nbgrader"]["grade_id"] = "mine"
        named["responsive-check"]["metadata"]["nbgrader"]["grade_id"] = "mine-check"

    def strip(notebook, named):
        for cell in notebook["cells"]:
            cell["metadata"] = {}
            cell.pop("id", None)
        notebook["metadata"] = {
            "kernelspec": {"name": "python3", "language": "python", "display_name": "x"}
        }

    def helper(notebook, named):
        named["both"]["source"] = named["both"]["source"].replace("right()", "call(right)")
        own = ["fn call(f: impl FnOnce() -> u64) -> u64 { f() }", "call(|| 3)"]
        at = notebook["cells"].index(named["both"])
        notebook["cells"][at:at] = [cells.own_cell(n, text) for n, text in enumerate(own)]

    def odd(notebook, named):
        # Half of a character, names that are lists, cells of no kind.
        for cell in notebook["cells"]:
            cell["id"] = [cell["id"]]
        marks = {"nbgrader": {"grade_id": "\ud800", "solution": True, "points": 1e999}}
        notebook["cells"] += [
            {"cell_type": "code", "id": {}, "metadata": marks, "source": "\ud800"},
            {"cell_type": ["code"], "metadata": [], "source": {"fn": 1}},
        ]

    return [
        of("edits a check", changed(edit), ["`both-check` was edited"]),
        of("deletes cells", changed(delete), ["`setup` was deleted", "`responsive` is missing"],
           responsive=0.0),
        of("renames cells", changed(rename), ["`both` was renamed `mine`", "`responsive-check`"]),
        of("has no marks and another kernel", changed(strip), ["`both` had lost its mark"]),
        of("has helpers in cells of its own", changed(helper)),
        of("has odd parts", changed(odd)),
    ]


def unreadable() -> list[Submission]:
    nothing = {exercise: 0.0 for exercise in WORTH}
    return [
        Submission("is an empty file", "", nothing, ["the file is no notebook"]),
        Submission("is no notebook", '{"cells": 3}', nothing, ["it has no cells"]),
        Submission("has no cells", '{"cells": []}', nothing, ["`both` is missing"]),
    ]
