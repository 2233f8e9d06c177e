//! Takes the notebooks of the homework apart and makes one module of each answer: the
//! solutions, the stubs, and each wrong answer in the place of the solution it is for.

use serde_json::Value;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// A code cell of a notebook.
struct Cell {
    id: String,
    kind: Kind,
    source: String,
}

#[derive(Clone, PartialEq)]
enum Kind {
    /// Where potok comes in: a command to the kernel.
    SetUp,
    /// Code that is given.
    Given,
    /// What a student writes.
    Solution,
    /// The checks of the cell of that name, and their points.
    Check(f64),
    /// A cell to play with.
    Free,
}

/// The line that lets a module be explored; without it the module is ordinary Rust.
const EXPLORED: &str = "use potok::explore::std;";

/// An answer to a notebook: the text of each of its solution cells.
type Answer<'a> = Box<dyn Fn(&Cell) -> String + 'a>;

fn main() {
    let homework = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned();
    for folder in ["source", "wrong"] {
        println!("cargo::rerun-if-changed={}", homework.join(folder).display());
    }
    let place = PathBuf::from(std::env::var_os("OUT_DIR").unwrap());
    // Students have the library and this crate, and no answers.
    if !homework.join("source").is_dir() {
        return fs::write(place.join("answers.rs"), "").unwrap();
    }
    let mut out = String::new();
    let mut notebooks = entries(&homework.join("source"));
    notebooks.retain(|folder| folder.is_dir());
    assert!(!notebooks.is_empty(), "no homework in {}", homework.display());
    for folder in notebooks {
        let name = file_name(&folder);
        let cells = cells(&folder.join(format!("{name}.ipynb")));
        notebook(&mut out, &name, &cells, &homework.join("wrong").join(&name));
    }
    fs::write(place.join("answers.rs"), out).unwrap();
}

fn notebook(out: &mut String, name: &str, cells: &[Cell], wrong: &Path) {
    let solved: Answer<'_> = Box::new(|cell| cell.source.clone());
    let empty: Answer<'_> = Box::new(|cell| stub(&cell.source));
    module(out, &format!("{name}_solution"), cells, &solved, true);
    module(out, &format!("{name}_stub"), cells, &empty, false);
    if cells.iter().any(|cell| cell.source.contains(EXPLORED)) {
        module(out, &format!("{name}_in_std"), &in_std(cells), &solved, true);
    }
    let mut exercises = 0;
    for cell in cells {
        let Kind::Check(points) = cell.kind else { continue };
        exercises += 1;
        let exercise =
            cell.id.strip_suffix("-check").expect("a check is called X-check");
        let solution = cells.iter().find(|c| c.id == exercise);
        let solution = solution.unwrap_or_else(|| panic!("{name}: no cell {exercise}"));
        assert_ne!(stub(&solution.source), solution.source, "{name}: {exercise}");
        // evcxr keeps what a cell binds: it refuses a closure, and asks for types.
        let binds = cell.source.lines().find(|line| line.starts_with("let "));
        assert_eq!(binds, None, "{name}: {exercise}: take a `fn` in its place");
        let call = |answer: &str| format!("{name}_{answer}::check_{exercise}()");
        let judged = call("solution");
        let body = format!("homework_proof::solves(&{judged}, {points:?})");
        test(out, &format!("{name}_{exercise}_is_solved_by_its_solution"), &body);
        let body = format!("homework_proof::earns_nothing(&{})", call("stub"));
        test(out, &format!("{name}_{exercise}_earns_nothing_by_its_stub"), &body);

        let answers = entries(&wrong.join(exercise));
        assert!(answers.len() >= 4, "{name}: {} wrong {exercise}", answers.len());
        for file in answers {
            let text = fs::read_to_string(&file).unwrap();
            let named = |by: &str| -> Vec<&str> {
                text.lines().filter_map(|line| line.strip_prefix(by)).collect()
            };
            let (fails, may) = (named("// fails: "), named("// may fail: "));
            assert!(!fails.is_empty(), "{} names no check", file.display());
            let kind = file_name(&file).replace(".rs", "");
            let answer: Answer<'_> = Box::new(|cell| match cell.id == exercise {
                true => text.clone(),
                false => cell.source.clone(),
            });
            let answer_name = format!("wrong_{exercise}_{kind}");
            module(out, &format!("{name}_{answer_name}"), cells, &answer, false);
            let judged = call(&answer_name);
            let body =
                format!("homework_proof::fails(&{judged}, &{fails:?}, &{may:?})");
            test(out, &format!("{name}_{exercise}_tells_{kind}"), &body);
        }
    }
    assert!(exercises >= 2, "{name} has {exercises} exercises");
}

/// The cells without their checks, in which `std` is `std`: a solution compiles with the
/// real threads and locks too.
fn in_std(cells: &[Cell]) -> Vec<Cell> {
    let unjudged = cells.iter().filter(|cell| !matches!(cell.kind, Kind::Check(_)));
    let ordinary = |cell: &Cell| Cell {
        id: cell.id.clone(),
        kind: cell.kind.clone(),
        source: cell.source.replace(EXPLORED, ""),
    };
    unjudged.map(ordinary).collect()
}

fn module(
    out: &mut String,
    name: &str,
    cells: &[Cell],
    answer: &Answer<'_>,
    all: bool,
) {
    let _ =
        writeln!(out, "#[allow(warnings, clippy::all, clippy::todo)]\nmod {name} {{");
    for (n, cell) in cells.iter().enumerate() {
        let source = &cell.source;
        let _ = match cell.kind {
            Kind::SetUp => {
                let rust = source.lines().filter(|line| !line.starts_with(':'));
                writeln!(out, "{}", rust.collect::<Vec<_>>().join("\n"))
            }
            Kind::Given => writeln!(out, "{source}"),
            Kind::Solution => writeln!(out, "{}", answer(cell)),
            Kind::Check(_) => {
                let exercise = cell.id.trim_end_matches("-check");
                let grade = "potok::homework::Grade";
                writeln!(out, "pub fn check_{exercise}() -> {grade} {{\n{source}\n}}")
            }
            // Compiled once: it has to go with the solution.
            Kind::Free if all => {
                writeln!(out, "fn free_{n}() {{ let _ = {{\n{source}\n}}; }}")
            }
            Kind::Free => Ok(()),
        };
    }
    out.push_str("}\n");
}

fn test(out: &mut String, name: &str, body: &str) {
    let _ = writeln!(out, "#[test]\nfn {name}() {{\n    {body};\n}}");
}

/// What nbgrader makes of a solution for students: a stub in the place of what is marked.
fn stub(solution: &str) -> String {
    let mut lines = vec![];
    let mut inside = false;
    for line in solution.lines() {
        if line.contains("BEGIN SOLUTION") {
            assert!(!inside, "a solution in a solution: {line}");
            let indent = &line[..line.len() - line.trim_start().len()];
            lines.push(format!("{indent}todo!();"));
            inside = true;
        } else if line.contains("END SOLUTION") {
            assert!(inside, "a solution ends that has not begun: {line}");
            inside = false;
        } else if !inside {
            lines.push(line.to_owned());
        }
    }
    assert!(!inside, "a solution has no end");
    lines.join("\n")
}

fn cells(path: &Path) -> Vec<Cell> {
    let text = fs::read_to_string(path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let notebook: Value = serde_json::from_str(&text).unwrap();
    let cells = notebook["cells"].as_array().expect("a notebook has cells");
    cells.iter().filter(|cell| cell["cell_type"] == "code").map(cell).collect()
}

fn cell(cell: &Value) -> Cell {
    let source = match &cell["source"] {
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
        source => source.as_str().unwrap_or_default().to_owned(),
    };
    let marks = &cell["metadata"]["nbgrader"];
    let id = marks["grade_id"].as_str().unwrap_or_default().to_owned();
    let kind = match (marks["grade"].as_bool(), marks["solution"].as_bool()) {
        (Some(true), _) => Kind::Check(marks["points"].as_f64().expect("points")),
        (_, Some(true)) => Kind::Solution,
        (Some(false), Some(false)) if id == "setup" => Kind::SetUp,
        (Some(false), Some(false)) => Kind::Given,
        _ => Kind::Free,
    };
    Cell { id, kind, source }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let list = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = list.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}
