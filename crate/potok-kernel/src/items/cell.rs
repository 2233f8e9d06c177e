//! One cell of a student's.

use super::explored;
use super::names::{self, Names};
use super::syntax::{self, Body, beside, word};
use ra_ap_syntax::ast::{self, AstNode, HasName};
use ra_ap_syntax::{Direction, SyntaxNode, SyntaxToken, T};

/// Something that is not graded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Finding {
    pub(super) line: usize,
    pub(super) what: String,
}

/// Attributes that change nothing about how a program is put together.
const ATTRIBUTES: [&str; 17] = [
    "derive",
    "allow",
    "warn",
    "deny",
    "expect",
    "forbid",
    "inline",
    "must_use",
    "doc",
    "default",
    "repr",
    "non_exhaustive",
    "cold",
    "cfg",
    "test",
    "rustfmt::skip",
    "serde",
];

/// Macros that read files, or write the machine's own language.
const READERS: [&str; 8] = [
    "include_str",
    "include_bytes",
    "include",
    "option_env",
    "env",
    "asm",
    "global_asm",
    "naked_asm",
];

/// Ways to find out which check calls, and to do for each what it wants to see.
const WHO_CALLS: [&str; 3] = ["type_name", "type_name_of_val", "Backtrace"];

/// Traits whose methods the checks call without naming them.
const CALLED: [&str; 4] = ["Debug", "Drop", "Serialize", "Deserialize"];

/// The sign for kelvin, which Rust takes for a K; and signs that change the direction of
/// what stands beside them, so that a reader sees other code than the compiler.
const DECEIVING: [char; 12] = [
    '\u{212a}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}',
    '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}',
];

/// More than anybody writes into a cell.
const LONGEST: usize = 100_000;

/// What of a cell is not graded, by line.
pub(super) fn findings(source: &str, names: &Names) -> Vec<Finding> {
    let one = |line, what: &str| vec![Finding { line, what: what.to_owned() }];
    if source.len() > LONGEST {
        return one(1, "a cell this long");
    }
    if let Some(at) = source.find(DECEIVING) {
        return one(line_of(source, at), "a letter or a sign that looks like another");
    }
    if let Some(line) = names::command(source) {
        return one(line, "a command to the kernel (`:dep` and the like)");
    }
    let body = match syntax::parse(source) {
        Ok(body) => body,
        Err(error) => return one(error.line, &format!("not Rust: {}", error.why)),
    };
    let mut found = Cell { source, found: vec![] };
    found.only_items(&body);
    for token in body.tokens() {
        found.token(&token);
    }
    for node in body.0.syntax().descendants() {
        found.node(&node, names);
    }
    for item in body.items() {
        names::each(&item, 0, &mut |defined| {
            if let Some(why) = names.refuse(&defined) {
                found.add(defined.at, &why);
            }
        });
    }
    if let Some(glob) = names::opaque_glob(&body) {
        let why =
            "`*`: import from your own modules the names that you need, one by one";
        found.add(glob.syntax().text_range().start().into(), why);
    }
    found.found.sort();
    found.found.dedup();
    found.found
}

fn line_of(source: &str, at: usize) -> usize {
    source[..at].matches('\n').count() + 1
}

struct Cell<'a> {
    source: &'a str,
    found: Vec<Finding>,
}

impl Cell<'_> {
    fn add(&mut self, at: usize, what: &str) {
        let line = syntax::line(self.source, at);
        self.found.push(Finding { line, what: what.to_owned() });
    }

    fn only_items(&mut self, body: &Body) {
        for node in body.0.syntax().children() {
            let item = ast::Item::cast(node.clone());
            let fine = match &item {
                Some(ast::Item::MacroCall(_) | ast::Item::AsmExpr(_)) | None => {
                    ast::Attr::can_cast(node.kind())
                }
                Some(_) => true,
            };
            if !fine {
                let why = "a statement. Only items are graded: functions, types, `use` and \
                           the like. Try things out in a cell of your own";
                self.add(node.text_range().start().into(), why);
            }
        }
    }

    fn token(&mut self, token: &SyntaxToken) {
        let at = token.text_range().start().into();
        if token.kind() == T![#] {
            return self.attribute(token);
        }
        let Some(word) = word(token) else { return };
        let next = beside(token, Direction::Next).map(|token| token.kind());
        let in_use = || token.parent_ancestors().any(|n| ast::Use::can_cast(n.kind()));
        match word {
            "unsafe" => self.add(at, "`unsafe`: write it without"),
            "macro_rules" => self.add(at, "a macro of your own: write a function"),
            "include_str" | "include_bytes" | "global_asm" | "naked_asm" => {
                self.add(at, &format!("`{word}!`"));
            }
            "caller"
                if beside(token, Direction::Prev)
                    .is_some_and(|it| it.kind() == T![::] || it.kind() == T![:]) =>
            {
                self.add(at, "`caller`: an answer does not ask who calls it");
            }
            _ if WHO_CALLS.contains(&word) => {
                self.add(at, &format!("`{word}`: an answer does not ask who calls it"));
            }
            // `std::env` is a module as well.
            "env" if in_use() && next == Some(T![as]) => self.add(at, "`env` renamed"),
            _ if READERS.contains(&word)
                && (next == Some(T![!]) || word != "env" && in_use()) =>
            {
                self.add(at, &format!("`{word}!`"));
            }
            _ => {}
        }
    }

    /// `#[…]`, in a macro's brackets too.
    fn attribute(&mut self, pound: &SyntaxToken) {
        let mut next = beside(pound, Direction::Next);
        if next.as_ref().is_some_and(|token| token.kind() == T![!]) {
            next = next.and_then(|token| beside(&token, Direction::Next));
        }
        if next.as_ref().is_none_or(|token| token.kind() != T!['[']) {
            return;
        }
        let mut path = String::new();
        while let Some(token) = next.and_then(|token| beside(&token, Direction::Next)) {
            match (word(&token), token.kind()) {
                (Some(word), _) => path += word,
                (None, T![::]) | (None, T![:]) => path += token.text(),
                _ => break,
            }
            next = Some(token);
        }
        if !ATTRIBUTES.contains(&&*path) && !path.starts_with("clippy::") {
            self.add(
                pound.text_range().start().into(),
                &format!("the attribute `{path}`"),
            );
        }
    }

    fn node(&mut self, node: &SyntaxNode, names: &Names) {
        let at = node.text_range().start().into();
        if ast::MacroDef::can_cast(node.kind()) {
            self.add(at, "a macro of your own: write a function");
        } else if ast::ExternCrate::can_cast(node.kind()) {
            self.add(at, "`extern crate`");
        } else if ast::Abi::can_cast(node.kind()) {
            self.add(at, "`extern`: foreign functions");
        } else if let Some(module) = ast::Module::cast(node.clone()) {
            if module.item_list().is_none() {
                self.add(at, "a module in a file of its own");
            } else if let Some(way) =
                explored::around_the_explorer(&module).or_else(|| names.mixed(&module))
            {
                let why = "in a `mod` that is explored all parts come from its `std`: no \
                           `::std`, `core`, `super`, `crate`, other part of `potok`, or \
                           `mod` in it without `use potok::explore::std;`";
                self.add(way.text_range().start().into(), why);
            }
        } else if let Some(function) = ast::Fn::cast(node.clone()) {
            if let Some(why) = names.wrong_return(&function) {
                let name =
                    function.name().map(|name| name.syntax().text_range().start());
                self.add(name.map_or(at, usize::from), &why);
            }
        } else if let Some(it) = ast::Impl::cast(node.clone()) {
            let path = |ty: Option<ast::Type>| match ty? {
                ast::Type::PathType(it) => it.path(),
                _ => None,
            };
            let of = path(it.trait_()).and_then(|path| path.segment()?.name_ref());
            let of = of.map(|it| it.text().to_string()).unwrap_or_default();
            let called = CALLED.contains(&&*of) || names.is_alias(&of);
            if called && path(it.self_ty()).is_none_or(|ty| !names.is_own(&ty)) {
                self.add(at, &format!("`{of}` of a type that is not yours"));
            }
        }
    }
}
