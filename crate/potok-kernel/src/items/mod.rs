//! What of a student's notebook may be graded: items, and nothing that runs when a cell is
//! loaded.
//!
//! ```text
//! potok-kernel items hw1.ipynb
//! hw1.ipynb: cell `both`, line 3: `unsafe`: write it without
//! ```
//!
//! A check runs a student's function in a confined child. What stands beside functions runs
//! outside of any check, in the process that counts the points: a statement, a linker
//! section, a macro that reads a file while it is compiled, a trait that catches a call of
//! the checks' own. None of it is needed for an answer.
//!
//! *What to notice*: a cell is parsed in the words in which evcxr parses it (the body of a
//! function), by the same parser. What that cannot make sense of is refused as well.

mod cell;
mod explored;
mod names;
pub(crate) mod syntax;
#[cfg(test)]
mod tests;

use crate::Result;
use cell::Finding;
use names::Names;
use serde_json::{Value, json};
use std::fs;
use std::process::ExitCode;

/// What is told of one cell of a notebook.
#[derive(Debug)]
struct Told {
    index: usize,
    /// What staff calls the cell, or its place.
    name: String,
    finding: Finding,
    /// A cell to try things out in: that it is not run when graded costs nothing.
    to_play: bool,
}

/// `items [--json] <file> [<released>]`: tells what will not be graded. With the notebook
/// that was handed out, also which names are not the student's to define.
///
/// # Errors
/// A file that is no notebook.
#[allow(clippy::print_stdout, reason = "the answer to a question at a terminal")]
pub(crate) fn run(args: &[&str]) -> Result<ExitCode> {
    let (as_json, files) = match args {
        ["--json", files @ ..] => (true, files),
        files => (false, files),
    };
    let (file, released) = match *files {
        [file] => (file, None),
        [file, released] => (file, Some(read(released)?)),
        _ => {
            return Err("usage: potok-kernel items [--json] <file> [<released>]".into());
        }
    };
    let told = match file.ends_with(".ipynb") {
        true => notebook(&read(file)?, released.as_ref()),
        false => lone(&fs::read_to_string(file).map_err(|e| format!("{file}: {e}"))?),
    };
    if as_json {
        let told: Vec<Value> = told.iter().map(Told::json).collect();
        println!("{}", Value::from(told));
    } else {
        for each in told.iter().filter(|told| !told.to_play) {
            let Told { name, finding: Finding { line, what }, .. } = each;
            println!("{file}: {name}, line {line}: {what}");
        }
    }
    let fine = told.iter().all(|told| told.to_play);
    Ok(if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Told {
    fn json(&self) -> Value {
        let Told { index, name, finding: Finding { line, what }, .. } = self;
        json!({ "index": index, "name": name, "line": line, "what": what })
    }
}

fn read(file: &str) -> Result<Value> {
    let text = fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    let notebook: Value =
        serde_json::from_str(&text).map_err(|error| format!("{file}: {error}"))?;
    match notebook["cells"].is_array() {
        true => Ok(notebook),
        false => Err(format!("{file} is no notebook: it has no cells").into()),
    }
}

/// A file of Rust, as if it were one cell.
fn lone(source: &str) -> Vec<Told> {
    let named = |finding| Told {
        index: 0,
        name: "the file".to_owned(),
        finding,
        to_play: false,
    };
    let mut names = Names::default();
    names.of_student(source);
    let found = cell::findings(source, &names);
    found.into_iter().map(named).collect()
}

fn notebook(notebook: &Value, released: Option<&Value>) -> Vec<Told> {
    let mut names = Names::default();
    let (staffs, students): (Vec<_>, Vec<_>) =
        code_cells(notebook).partition(|(_, cell)| is_staffs(cell));
    for (_, cell) in &staffs {
        names.of_staff(&source(cell));
    }
    for (_, cell) in &students {
        names.of_student(&source(cell));
    }
    // Which names an answer has is told by the stubs that were handed out.
    let asked = released.into_iter().flat_map(code_cells);
    for (_, cell) in asked.filter(|(_, cell)| cell["metadata"]["nbgrader"].is_object())
    {
        if !is_staffs(cell) {
            names.asked_for(&source(cell));
        }
    }
    names.release_known = released.is_some();
    let told = students.iter().flat_map(|(index, cell)| {
        let source = source(cell);
        let found = cell::findings(&source, &names);
        let name = name(cell, *index);
        let to_play = !cell["metadata"]["nbgrader"].is_object() && !names::any(&source);
        let told =
            move |finding| Told { index: *index, name: name.clone(), finding, to_play };
        found.into_iter().map(told)
    });
    told.collect()
}

/// The code cells, each with its place among all cells.
fn code_cells(notebook: &Value) -> impl Iterator<Item = (usize, &Value)> {
    let cells = notebook["cells"].as_array().map(Vec::as_slice).unwrap_or_default();
    cells.iter().enumerate().filter(|(_, cell)| cell["cell_type"] == "code")
}

/// Whether staff wrote the cell and puts it back before it is graded.
fn is_staffs(cell: &Value) -> bool {
    let marks = &cell["metadata"]["nbgrader"];
    let is = |mark: &str| marks[mark].as_bool().unwrap_or_default();
    (is("locked") || is("grade")) && !is("solution")
}

fn name(cell: &Value, index: usize) -> String {
    match cell["metadata"]["nbgrader"]["grade_id"].as_str() {
        Some(id) => format!("cell `{id}`"),
        None => format!("cell {}", index + 1),
    }
}

fn source(cell: &Value) -> String {
    match &cell["source"] {
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
        source => source.as_str().unwrap_or_default().to_owned(),
    }
}
