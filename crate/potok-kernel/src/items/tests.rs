//! What is refused, what is not, and where it is said to be.

use super::{lone, notebook};
use serde_json::{Value, json};

fn told(source: &str) -> Vec<(usize, String)> {
    let told = lone(source).into_iter();
    told.map(|told| (told.finding.line, told.finding.what)).collect()
}

fn refused(source: &str, line: usize, word: &str) {
    let told = told(source);
    let said = told.iter().any(|(at, what)| *at == line && what.contains(word));
    assert!(said, "{source}\n{told:?}");
}

#[test]
fn an_answer_as_students_write_it_is_graded() {
    let answer = "\
//! A bank.
#![allow(dead_code)]
use std::sync::{Arc, Mutex, atomic::{AtomicUsize, Ordering::SeqCst}};
use std::collections::*;
const MOST: usize = 3;
static COUNT: AtomicUsize = AtomicUsize::new(0);

#[derive(Debug, Clone, Default)]
struct Account { balance: Arc<Mutex<i64>> }

impl Drop for Account {
    fn drop(&mut self) { println!(\"{:#?} # gone\", self.balance); }
}
impl std::fmt::Debug for Mine { fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { Ok(()) } }
struct Mine;

mod bank {
    use potok::explore::std;
    use std::sync::{Mutex, atomic::Ordering::{self, SeqCst}};
    use std::collections::VecDeque;
    pub fn read() -> String { std::env::var(\"HOME\").unwrap_or_default() }
}
trait Area { fn area(&self) -> f64; }
fn counted() {
    struct Guard<'a>(&'a AtomicUsize);
    impl Drop for Guard<'_> { fn drop(&mut self) { self.0.fetch_add(1, SeqCst); } }
    struct Item;
    impl Iterator for Guard<'_> { type Item = Item; fn next(&mut self) -> Option<Item> { None } }
    if true {
        impl Drop for Item { fn drop(&mut self) {} }
    }
}
fn include(env: u32) -> u32 { let unsafely = vec![env; MOST]; todo!() }
";
    assert_eq!(told(answer), []);
    assert_eq!(told(""), []);
    assert_eq!(told("// :dep x = \"1\"\n// nothing yet"), []);
}

#[test]
fn what_runs_when_a_cell_is_loaded_is_refused() {
    refused("fn f() {}\nf();", 2, "a statement");
    refused("let x = 1;", 1, "a statement");
    refused("1 + 1", 1, "a statement");
    refused("println!(\"4\")", 1, "a statement");
    refused("for _ in 0.. {}", 1, "a statement");
    refused("{ fn f() {} }", 1, "a statement");
    // The end of the function in which evcxr puts a cell.
    refused("fn f() {} }\nfn g() { std::process::exit(0)", 1, "");
    refused(":dep rand = \"0.8\"\nfn f() {}", 1, "a command");
    refused("// first\n\n  :dep rand = \"0.8\"", 3, "a command");
    refused("!rm -r x", 1, "a command");
}

#[test]
fn what_reaches_past_the_language_is_refused() {
    refused("fn f() {\n    unsafe { g() }\n}", 2, "`unsafe`");
    refused("fn f() { vec![unsafe { g() }]; }", 1, "`unsafe`");
    refused("unsafe impl Send for X {}", 1, "`unsafe`");
    refused("macro_rules! grade { () => {} }", 1, "a macro of your own");
    refused("mod m { macro_rules! a { () => {} } }", 1, "a macro of your own");
    refused("extern crate libc;", 1, "extern crate");
    refused("extern \"C\" fn f() {}", 1, "foreign");
    refused("extern \"C\" { fn f(); }", 1, "foreign");
    refused("mod other;", 1, "a file of its own");
    for attribute in
        ["no_mangle", "link_section = \".init_array\"", "used", "path = \"x\""]
    {
        refused(&format!("#[{attribute}]\nfn f() {{}}"), 1, "attribute");
        refused(
            &format!("fn f() {{\n#[{attribute}] static X: u8 = 1; }}"),
            2,
            "attribute",
        );
        refused(
            &format!("fn f() {{ vec![{{ #[{attribute}] fn g() {{}} }}]; }}"),
            1,
            "attr",
        );
    }
    refused("#[unsafe(no_mangle)]\nfn f() {}", 1, "unsafe");
    refused("#[cfg_attr(all(), no_mangle)]\nfn f() {}", 1, "attribute `cfg_attr`");
    refused("#[global_allocator]\nstatic A: X = X;", 1, "attribute `global_allocator`");
    refused("#![feature(asm)]\nfn f() {}", 1, "attribute `feature`");
}

#[test]
fn an_answer_does_not_ask_who_calls_it() {
    refused(
        "fn f<T>() -> bool { std::any::type_name::<T>() == \"a\" }",
        1,
        "who calls",
    );
    refused("use std::any::type_name_of_val as name;", 1, "who calls");
    refused("use std::panic::Location as L;\nfn f() { L::caller(); }", 2, "who calls");
    refused("fn f() { std::backtrace::Backtrace::force_capture(); }", 1, "who calls");
    refused("#[track_caller]\nfn f() {}", 1, "track_caller");
    assert_eq!(told("fn caller(caller: u8) -> u8 { caller }"), []);
}

#[test]
fn macros_that_read_files_are_refused_by_any_name() {
    refused("const X: &str = include_str!(\"/etc/passwd\");", 1, "include_str");
    refused("const X: &str = std::r#include_str!(\"x\");", 1, "include_str");
    refused("use std::include_bytes as bytes;", 1, "include_bytes");
    refused("use std::{fmt, include as vec};", 1, "include");
    refused("fn f() { println!(\"{}\", include_str!(\"x\")); }", 1, "include_str");
    refused("fn f() { include ! (\"x\") }", 1, "include");
    refused("const X: &str = env!(\"HOME\");", 1, "env");
    refused("use std::env as e;", 1, "env");
    refused("#[doc = include_str!(\"x\")]\nfn f() {}", 1, "include_str");
}

#[test]
fn the_checks_names_are_nobodys() {
    refused("fn grade(points: f64) -> f64 { points }", 1, "`grade`");
    refused("use mine as grade;", 1, "`grade`");
    refused("mod a { pub mod potok {} }", 1, "`potok`");
    refused("mod std {}", 1, "`std`");
    refused("use potok::explore::std;", 1, "into the `mod`");
    refused("#[derive(Debug)]\nenum Option { Some }", 2, "`Option`");
    refused("fn Some(x: u64) -> X { X }", 1, "`Some`");
    refused("use X::Ok;", 1, "`Ok`");
    refused("mod m {}\nuse m::*;", 2, "one by one");
    refused("use potok::explore::*;", 1, "one by one");
    refused("fn f() {}\nuse std::stringify as vec;", 2, "`vec`");
    let not_yours = "a type that is not yours";
    refused("impl std::fmt::Debug for Given { }", 1, not_yours);
    refused("fn f() {\nimpl Drop for Given { }\n}", 2, not_yours);
    refused("fn f() { struct Given; }\nimpl Drop for Given { }", 2, not_yours);
    refused("fn f() { { struct Given; }\nimpl Drop for Given { } }", 2, not_yours);
    refused("fn f() { struct Given;\nimpl Drop for super::Given { } }", 2, not_yours);
    refused(
        "fn f() { struct Given; mod m {\nimpl Drop for Given { } } }",
        2,
        not_yours,
    );
    refused("type Mine = Given;\nimpl Drop for Mine { }", 2, not_yours);
    refused("use Given as Mine;\nimpl Drop for Mine { }", 2, not_yours);
    refused("fn f() { type Mine = Given;\nimpl Drop for Mine { } }", 2, not_yours);
    refused("use std::fmt::Debug as D;\nimpl D for Given { }", 2, not_yours);
}

#[test]
fn what_reads_like_something_else_is_refused() {
    // The sign for kelvin is a K to the compiler; U+202E turns what follows around.
    refused("fn f() {}\nfn o\u{212a}() {}", 2, "looks like another");
    refused("fn f() {} // \u{202e} done", 1, "looks like another");
    assert_eq!(told("/// Кофе, 5 °C.\nfn f() -> &'static str { \"é ≤ 3\" }"), []);
}

#[test]
fn a_module_that_is_explored_has_no_other_parts() {
    let with = |line: &str| {
        format!(
            "mod bank {{\n    use potok::explore::std;\n    {line}\n}}\nfn f() {{ core::mem::drop(1) }}"
        )
    };
    for line in [
        "use ::std::sync::Mutex;",
        "fn f() { let _ = Vec::<::std::sync::Mutex<u8>>::new(); }",
        "use core::sync::atomic::AtomicU64;",
        "use super::*;",
        "fn f(x: super::Mutex<u8>) {}",
        "use crate::Mutex;",
        "use potok::prelude::*;",
        "fn f() { potok::crossbeam::queue::SegQueue::<u8>::new(); }",
        "fn f() { println!(\"{}\", ::std::process::id()); }",
        "use ::{std as real, std::fmt};",
        "fn f() -> bool { 1 > ::std::process::id() }",
        "use self::super::Mutex;",
        "use core as real;",
        "use crate as all;",
        "use potok as all;",
        "mod inner { pub use std::sync::Mutex; }",
        "fn f() { mod inner { pub use std::sync::Mutex as M; } }",
        "fn f() { drop(vec![{ mod inner { pub use std::sync::Mutex as M; } 1 }]); }",
        "fn f() { drop(vec![(|n: ::std::sync::Once| n)]); }",
    ] {
        refused(&with(line), 3, "that is explored");
    }
    for line in [
        "pub(crate) mod inner { use potok::explore::std; pub use std::sync::Mutex; }",
        "mod inner { pub fn next(n: u8) -> u8 { n + 1 } }",
        "pub(super) fn f(n: u8) -> Vec<u8> { <u8>::max(n, Self::N); vec![u8::max(n, 1)] }",
        "use potok::explore::thread;",
        "fn f() { std::thread::scope(|s| { s.spawn(|| ()); }); }",
    ] {
        assert_eq!(told(&with(line)), [], "{line}");
    }
}

#[test]
fn a_module_that_lost_the_explorers_std_has_no_other_parts_of_it() {
    let stub = "mod half { use potok::explore::std; pub fn of(n: u64) {} }";
    let lost = |part: &str| {
        let answer = format!("mod half {{ {part} pub fn of(n: u64) {{}} }}");
        let book = |answer: &str| book(vec![cell(Some("half"), false, answer)]);
        notebook(&book(&answer), Some(&book(stub))).len()
    };
    // Its checks say that there is nothing to explore.
    assert_eq!(lost("use std::sync::Mutex;"), 0);
    for mixed in [
        "use std::sync::Mutex; use potok::explore::std::thread;",
        "#[cfg(any())] use potok::explore::std; use std::sync::Mutex;",
    ] {
        assert_eq!(lost(mixed), 1, "{mixed}");
    }
    assert_eq!(lost("use potok::explore::std; use std::sync::Mutex;"), 0);
}

#[test]
fn an_answer_returns_what_it_is_asked_for() {
    let stub = "/// Half.\nfn half(n: u64) -> u64 {";
    let told = staff_and(
        &format!("{} todo!() }}", stub.replace("-> u64", "-> Mine")),
        "struct Mine;",
    );
    assert!(
        told.len() == 1 && told[0].2.contains("`half` has to return `u64`"),
        "{told:?}"
    );
    assert_eq!(
        staff_and(&format!("{stub} fn half() -> u8 {{ 1 }}\n todo!() }}"), ""),
        []
    );
    // Nor a type of its own by the name of the one that is asked for.
    for own in ["struct u64;", "type u64 = u8;", "mod m { pub struct u64; }"] {
        let told = staff_and(STUB, own);
        assert!(told.len() == 1 && told[0].2.contains("`u64`"), "{own}: {told:?}");
    }
    // Nor what a stub only imports.
    let imports = format!("use std::path::Path;\n{STUB}");
    let check = "grade(1.0).gives(\"a\", || half(Path::new(\".\")), 1)";
    let with = |own: &str| {
        let answer = cell(Some("half"), false, &format!("{imports}\n{own}"));
        let graded = vec![answer, cell(Some("half-check"), true, check)];
        let released = book(vec![cell(Some("half"), false, &imports)]);
        notebook(&book(graded), Some(&released)).len()
    };
    assert_eq!((with(""), with("struct Path;")), (0, 1));
    // One of another type, or in another module, is the student's own affair.
    let own =
        "struct Own;\nimpl Own { fn half() -> Own { Own } }\nmod own { fn half() {} }";
    assert_eq!(staff_and(&format!("{stub} todo!() }}"), own), []);
}

#[test]
fn a_constant_does_not_become_a_pattern_of_the_checks() {
    // `let work = …` in staff's check would be a pattern that most values do not fit.
    for item in [
        "const work: u64 = 3;",
        "struct work;",
        "mod m { pub const N: u64 = 3; }\nuse m::N as work;",
    ] {
        let told = staff_and(STUB, item);
        assert!(told.len() == 1 && told[0].2.contains("`work`"), "{item}: {told:?}");
    }
    assert_eq!(staff_and(STUB, "const MOST: u64 = 3;\nfn work() {}"), []);
}

fn cell(id: Option<&str>, staffs: bool, source: &str) -> Value {
    let marks = id.map(|id| {
        json!({"grade_id": id, "locked": staffs, "grade": staffs,
                                    "solution": !staffs})
    });
    let metadata = marks.map_or_else(|| json!({}), |marks| json!({"nbgrader": marks}));
    json!({"cell_type": "code", "metadata": metadata, "source": [source]})
}

fn book(cells: Vec<Value>) -> Value {
    let text = json!({"cell_type": "markdown", "metadata": {}, "source": "unsafe"});
    let cells = [vec![text], cells].concat();
    json!({ "cells": cells })
}

const SETUP: &str = ":dep potok = { path = \"x\" }\nuse potok::prelude::*;";
const GIVEN: &str = "struct Page { words: u64 }";
const STUB: &str = "/// Half.\nfn half(n: u64) -> u64 { todo!() }";
const CHECK: &str = "use potok::homework::grade;\nfn until(n: u64) -> u64 { n }\n\
    grade(1.0).gives(\"a\", || { let work = half(ms(1)); vec![work.len()] }, Some(3))";

fn staff_and(answer: &str, own: &str) -> Vec<(usize, usize, String)> {
    let with = |answer, own| {
        book(vec![
            cell(Some("setup"), true, SETUP),
            cell(Some("page"), true, GIVEN),
            cell(Some("half"), false, answer),
            cell(None, false, own),
            cell(Some("half-check"), true, CHECK),
        ])
    };
    let told = notebook(&with(answer, own), Some(&with(STUB, "half(3)")));
    told.into_iter().map(|t| (t.index, t.finding.line, t.finding.what)).collect()
}

#[test]
fn an_answer_defines_what_it_is_asked_for_and_helpers_and_no_names_of_the_checks() {
    assert_eq!(staff_and(STUB, "fn helper() {}"), []);
    assert_eq!(staff_and(&format!("{STUB}\nfn work() {{}}\nfn vec() {{}}"), ""), []);
    for name in ["ms", "until", "Page"] {
        let told = staff_and(&format!("{STUB}\nfn {name}() {{}}"), "");
        assert_eq!(told.len(), 1, "{name}: {told:?}");
        assert_eq!((told[0].0, told[0].1), (3, 3));
        assert!(told[0].2.contains(name), "{told:?}");
    }
    // Taken by value, it would be found before the method of `Vec`.
    let told = staff_and(STUB, "trait Len { fn len(self) -> u64; }");
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].0 == 4 && told[0].2.contains("`len`"), "{told:?}");
    // evcxr calls these of what a cell ends with, and of its own variables.
    for method in ["evcxr_display", "is_err", "put_variable"] {
        let own = format!("trait Own {{ fn {method}(self); }}");
        let told = staff_and(STUB, &own);
        assert!(told.len() == 1 && told[0].2.contains(method), "{told:?}");
    }
    let told = staff_and(STUB, "half(3)");
    assert!(told[0].0 == 4 && told[0].2.contains("a statement"), "{told:?}");
}

#[test]
fn a_notebook_of_another_kernel_or_of_nothing_is_no_panic() {
    assert!(notebook(&json!({"cells": []}), None).is_empty());
    let odd = json!({"cells": [{"cell_type": "code"}, {"source": 3}, 5, null]});
    assert!(notebook(&odd, None).is_empty());
    let deep = format!("fn f() {{ {}1{} }}", "(".repeat(200), ")".repeat(200));
    assert_eq!(told(&deep), []);
    refused(&"x".repeat(200_000), 1, "this long");
}
