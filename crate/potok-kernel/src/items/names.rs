//! Names: what a cell defines, what the checks call, and what is nobody's to define.

use super::explored::is_explored;
use super::syntax::{self, Body, beside, named, word};
use ra_ap_syntax::ast::{self, AstNode, HasModuleItem};
use ra_ap_syntax::{Direction, NodeOrToken, SyntaxKind, SyntaxNode, SyntaxToken, T};
use std::collections::{BTreeMap, BTreeSet};

/// Crates, and what checks are written with.
const ALWAYS: [&str; 5] = ["grade", "Grade", "potok", "core", "alloc"];

/// What Rust brings along and generated code and checks rely on.
const PRELUDE: [&str; 33] = [
    "std",
    "Option",
    "Some",
    "None",
    "Result",
    "Ok",
    "Err",
    "Vec",
    "String",
    "Box",
    "ToString",
    "ToOwned",
    "Into",
    "From",
    "TryFrom",
    "TryInto",
    "Iterator",
    "IntoIterator",
    "Extend",
    "Clone",
    "Copy",
    "Drop",
    "Fn",
    "FnMut",
    "FnOnce",
    "Send",
    "Sync",
    "Sized",
    "Default",
    "AsRef",
    "AsMut",
    "drop",
    "PartialEq",
];

/// Macros of std. A function may be called like one; what is imported may not.
const MACROS: [&str; 23] = [
    "vec",
    "format",
    "println",
    "print",
    "eprintln",
    "eprint",
    "assert",
    "assert_eq",
    "assert_ne",
    "panic",
    "todo",
    "unreachable",
    "unimplemented",
    "matches",
    "write",
    "writeln",
    "dbg",
    "concat",
    "stringify",
    "line",
    "file",
    "format_args",
    "env",
];

/// Methods that evcxr's own code around a cell calls by their names. A trait's method that
/// takes the value itself would be found first, and run in the process that counts the points.
const AROUND: [&str; 7] = [
    "is_err",
    "is_null",
    "put_variable",
    "check_variable",
    "take_variable",
    "lazy_arc",
    "block_on",
];

/// Crates whose own names are what they say.
pub(super) const GENUINE: [&str; 4] = ["std", "core", "alloc", "potok"];

/// What is known of a notebook's names.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// What staff's cells define or call.
    staffs: BTreeSet<String>,
    /// Macros that staff's cells use. A function may be called like one.
    macros: BTreeSet<String>,
    /// Methods that staff's cells call.
    methods: BTreeSet<String>,
    /// What staff's cells bind: `n` of `|n| n + 1`. A constant of that name would turn it
    /// into a pattern that some values do not fit.
    bound: BTreeSet<String>,
    /// What the stubs define: those are the student's.
    asked: BTreeSet<String>,
    /// What the stubs' functions return, by the type that they belong to and their name.
    returns: BTreeMap<(String, String), String>,
    /// The modules of the stubs that are explored.
    explored: BTreeSet<String>,
    /// Types that the student's cells define, outside of functions.
    own: BTreeSet<String>,
    /// Other names that they give: what these mean is somewhere else.
    aliases: BTreeSet<String>,
    /// Whether the stubs are known.
    pub(super) release_known: bool,
}

impl Names {
    pub(super) fn of_staff(&mut self, source: &str) {
        let rust = without_commands(source);
        let Ok(body) = syntax::parse(&rust) else { return };
        let local: BTreeSet<String> = body
            .0
            .syntax()
            .descendants()
            .filter_map(ast::IdentPat::cast)
            .filter_map(|pattern| named(&pattern))
            .collect();
        for token in body.tokens() {
            let Some(name) = word(&token).map(str::to_owned) else { continue };
            let before = beside(&token, Direction::Prev).map(|token| token.kind());
            match before {
                Some(T![.]) => _ = self.methods.insert(name),
                Some(T![::]) => {}
                _ if !is_path(&token) || local.contains(&name) => {}
                _ => match beside(&token, Direction::Next).map(|token| token.kind()) {
                    Some(T![!]) => _ = self.macros.insert(name),
                    _ => _ = self.staffs.insert(name),
                },
            }
        }
        for item in body.items() {
            each(&item, 0, &mut |defined| _ = self.staffs.insert(defined.name));
        }
        self.bound.extend(local);
    }

    pub(super) fn of_student(&mut self, source: &str) {
        let Ok(body) = syntax::parse(&without_commands(source)) else { return };
        for item in body.items() {
            each(&item, 0, &mut |defined| {
                if defined.is_type {
                    self.own.insert(defined.name);
                }
            });
        }
        for node in body.0.syntax().descendants() {
            let alias = match ast::TypeAlias::cast(node.clone()) {
                // `type Item = …;` of an iterator is no name of its own.
                Some(it) if it.syntax().parent().is_some_and(|it| is_of_impl(&it)) => {
                    None
                }
                Some(it) => named(&it),
                None => ast::Rename::cast(node).and_then(|it| named(&it)),
            };
            self.aliases.extend(alias);
        }
    }

    pub(super) fn asked_for(&mut self, source: &str) {
        let Ok(body) = syntax::parse(&without_commands(source)) else { return };
        for item in body.items() {
            each(&item, 0, &mut |defined| {
                // What a stub imports is still what it was.
                if !matches!(defined.by, By::Import { .. }) {
                    self.asked.insert(defined.name);
                }
            });
        }
        let modules = body.0.syntax().descendants().filter_map(ast::Module::cast);
        let explored = modules.filter(is_explored).filter_map(|it| named(&it));
        self.explored.extend(explored);
        // Who defines one of these types anew answers in the checks' place.
        let types = body.0.syntax().descendants().filter_map(ast::RetType::cast);
        let parts = types.flat_map(|it| it.syntax().descendants_with_tokens());
        let tokens = parts.filter_map(NodeOrToken::into_token).filter(is_path);
        self.staffs.extend(tokens.filter_map(|it| word(&it).map(str::to_owned)));
        let functions = body.0.syntax().descendants().filter_map(ast::Fn::cast);
        self.returns
            .extend(functions.filter_map(|it| Some((place(&it)?, returned(&it)))));
    }

    /// Why a function may not return what it does: a type of the student's own would answer
    /// the checks' questions itself.
    pub(super) fn wrong_return(&self, function: &ast::Fn) -> Option<String> {
        let wanted = self.returns.get(&place(function)?)?;
        (returned(function) != *wanted).then(|| {
            let name = named(function).unwrap_or_default();
            match wanted.strip_prefix("->") {
                Some(wanted) => format!("`{name}` has to return `{wanted}`"),
                None => format!("`{name}` has to return nothing"),
            }
        })
    }

    /// Why a student's cell may not define this, if it may not.
    pub(super) fn refuse(&self, defined: &Defined) -> Option<String> {
        let Defined { name, depth, by, .. } = defined;
        let name = name.as_str();
        let top = *depth == 0;
        if *by == By::Method {
            let caught = self.methods.contains(name) && !self.asked.contains(name);
            let around = name.starts_with("evcxr") || AROUND.contains(&name);
            return (caught || around).then(|| {
                format!(
                    "the checks call `{name}`: give your trait's method another name"
                )
            });
        }
        if *by == (By::Import { genuine: true }) {
            let explored = top && name == "std";
            return explored.then(|| {
                "put `use potok::explore::std;` into the `mod` that is explored"
                    .to_owned()
            });
        }
        let imported = matches!(by, By::Import { .. });
        let constant = imported || *by == By::Constant;
        let reserved = ALWAYS.contains(&name)
            || name.starts_with("evcxr")
            || top && PRELUDE.contains(&name)
            || imported && (MACROS.contains(&name) || self.macros.contains(name))
            || constant && self.release_known && self.bound.contains(name)
            || self.release_known
                && self.staffs.contains(name)
                && !self.asked.contains(name);
        reserved
            .then(|| format!("`{name}` is a name of the checks': choose another one"))
    }

    /// In a module that lost the explorer's `std`: where it has others of the explorer's parts.
    /// A race between those that are left would be seen by nobody.
    pub(super) fn mixed(&self, module: &ast::Module) -> Option<SyntaxToken> {
        if is_explored(module) || !self.explored.contains(&named(module)?) {
            return None;
        }
        let tokens = module.item_list()?.syntax().descendants_with_tokens();
        let mut tokens = tokens.filter_map(NodeOrToken::into_token);
        tokens.find(|token| word(token) == Some("explore"))
    }

    /// Whether a student's cells define this type, which stands in a place of one of them:
    /// outside of functions, or around that place in the same one.
    pub(super) fn is_own(&self, ty: &ast::Path) -> bool {
        let Some(name) = ty.segment().and_then(|it| it.name_ref()) else {
            return false;
        };
        let name = name.text().to_string();
        let defines = |block: ast::StmtList| {
            block.statements().any(|statement| match statement {
                ast::Stmt::Item(item) => {
                    is_type(&item) && name_of(&item) == Some(name.clone())
                }
                _ => false,
            })
        };
        let around =
            ty.syntax().ancestors().take_while(|it| !ast::Module::can_cast(it.kind()));
        let mut blocks = around.filter_map(ast::StmtList::cast);
        !self.is_alias(&name)
            && (self.own.contains(&name)
                || ty.qualifier().is_none() && blocks.any(defines))
    }

    /// Whether this is another name that a student's cells gave something.
    pub(super) fn is_alias(&self, name: &str) -> bool {
        self.aliases.contains(name)
    }
}

/// A name that a cell defines.
#[derive(Debug)]
pub(super) struct Defined {
    pub(super) name: String,
    /// In how many modules.
    pub(super) depth: usize,
    pub(super) by: By,
    pub(super) is_type: bool,
    /// Where, in what was parsed.
    pub(super) at: usize,
}

/// By what it is defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    Item,
    /// What can be a pattern: a constant, a static, a type without fields.
    Constant,
    Method,
    /// Genuine: from a known crate, by its own name.
    Import {
        genuine: bool,
    },
}

fn defined(source: &str, names: &mut BTreeSet<String>) {
    let Ok(body) = syntax::parse(&without_commands(source)) else { return };
    for item in body.items() {
        each(&item, 0, &mut |defined| _ = names.insert(defined.name));
    }
}

/// Whether a cell defines anything.
pub(super) fn any(source: &str) -> bool {
    let mut names = BTreeSet::new();
    defined(source, &mut names);
    !names.is_empty()
}

/// Calls `with` for each name that an item defines, those in modules too.
pub(super) fn each(item: &ast::Item, depth: usize, with: &mut dyn FnMut(Defined)) {
    // Behind the attributes and the documentation.
    let whole = item.syntax();
    let name_at = whole.children().find(|child| ast::Name::can_cast(child.kind()));
    let at = usize::from(name_at.as_ref().unwrap_or(whole).text_range().start());
    let by = match item {
        ast::Item::Const(_) | ast::Item::Static(_) | ast::Item::Struct(_) => {
            By::Constant
        }
        _ => By::Item,
    };
    if let Some(name) = name_of(item) {
        with(Defined { name, depth, by, is_type: is_type(item), at });
    }
    match item {
        ast::Item::Module(module) => {
            let items = module.item_list().into_iter().flat_map(|list| list.items());
            items.for_each(|item| each(&item, depth + 1, with));
        }
        ast::Item::Trait(it) => {
            let items = it.assoc_item_list().into_iter().flat_map(|l| l.assoc_items());
            for item in items {
                if let ast::AssocItem::Fn(method) = item
                    && let Some(name) = named(&method)
                {
                    with(Defined { name, depth, by: By::Method, is_type: false, at });
                }
            }
        }
        ast::Item::Use(it) => imports(it, depth, at, with),
        _ => {}
    }
}

fn name_of(item: &ast::Item) -> Option<String> {
    match item {
        ast::Item::Const(it) => named(it),
        ast::Item::Enum(it) => named(it),
        ast::Item::Fn(it) => named(it),
        ast::Item::Module(it) => named(it),
        ast::Item::Static(it) => named(it),
        ast::Item::Struct(it) => named(it),
        ast::Item::Trait(it) => named(it),
        ast::Item::TypeAlias(it) => named(it),
        ast::Item::Union(it) => named(it),
        _ => None,
    }
}

fn is_type(item: &ast::Item) -> bool {
    matches!(item, ast::Item::Enum(_) | ast::Item::Struct(_) | ast::Item::Union(_))
}

fn is_of_impl(parent: &SyntaxNode) -> bool {
    ast::AssocItemList::can_cast(parent.kind())
}

pub(super) fn imports(
    it: &ast::Use,
    depth: usize,
    at: usize,
    with: &mut dyn FnMut(Defined),
) {
    let trees = it.syntax().descendants().filter_map(ast::UseTree::cast);
    for tree in trees.filter(|tree| tree.use_tree_list().is_none()) {
        if tree.star_token().is_some() {
            continue;
        }
        let genuine = GENUINE.contains(&&*root(it));
        let renamed = tree.rename().and_then(|rename| named(&rename));
        let by = By::Import { genuine: genuine && renamed.is_none() };
        if let Some(name) = renamed.or_else(|| last_segment(&tree)) {
            with(Defined { name, depth, by, is_type: false, at });
        }
    }
}

/// The crate or module from which an import comes: `std` of `use std::sync::{Arc, Mutex};`.
pub(super) fn root(it: &ast::Use) -> String {
    let tokens = it.use_tree().into_iter().flat_map(|tree| {
        tree.syntax().descendants_with_tokens().filter_map(NodeOrToken::into_token)
    });
    let mut words = tokens.filter(|token| !token.kind().is_trivia());
    let first = words.next();
    let first = first.filter(|token| token.kind() != T![::]).or_else(|| words.next());
    first.as_ref().and_then(word).unwrap_or_default().to_owned()
}

/// `Arc` of `sync::Arc`; `sync` of `sync::{self}`.
fn last_segment(tree: &ast::UseTree) -> Option<String> {
    let path = tree.path()?;
    let name = path.segment()?.syntax().text().to_string();
    if name != "self" {
        return Some(name.trim_start_matches("r#").to_owned());
    }
    let above = tree.syntax().ancestors().skip(1).find_map(ast::UseTree::cast)?;
    Some(above.path()?.segment()?.syntax().text().to_string())
}

/// The type or module that a function belongs to, and its name; of one inside of another
/// function nothing.
fn place(function: &ast::Fn) -> Option<(String, String)> {
    let above = || function.syntax().ancestors().skip(1);
    // One is what a cell is parsed as.
    if above().filter(|node| ast::Fn::can_cast(node.kind())).count() > 1 {
        return None;
    }
    let of = above().find_map(|node| {
        let of_type = ast::Impl::cast(node.clone()).and_then(|it| it.self_ty());
        let of_type = of_type.map(|ty| ty.syntax().text().to_string());
        of_type.or_else(|| named(&ast::Module::cast(node)?))
    });
    Some((of.unwrap_or_default(), named(function)?))
}

/// The type that a function returns, without space.
fn returned(function: &ast::Fn) -> String {
    let text = function.ret_type().map(|ty| ty.syntax().text().to_string());
    text.unwrap_or_default().split_whitespace().collect()
}

/// Whether a name may be that of an item: the head of a path, or anything in a macro.
fn is_path(token: &SyntaxToken) -> bool {
    let Some(parent) = token.parent() else { return false };
    match parent.kind() {
        SyntaxKind::TOKEN_TREE => true,
        SyntaxKind::NAME_REF => {
            parent.parent().is_some_and(|it| it.kind() == SyntaxKind::PATH_SEGMENT)
        }
        _ => false,
    }
}

/// The Rust of a cell; each command to the kernel is an empty line.
pub(super) fn without_commands(source: &str) -> String {
    let line = |line: &str| match line.trim_start().starts_with(':') {
        true => String::new(),
        false => line.to_owned(),
    };
    let lines: Vec<String> = source.lines().map(line).collect();
    lines.join("\n")
}

/// Whether evcxr takes the cell's line for a command, which it does above any Rust.
pub(super) fn command(source: &str) -> Option<usize> {
    for (n, line) in source.lines().enumerate() {
        if line.starts_with('!') || line.trim_start_matches(' ').starts_with(':') {
            return Some(n + 1);
        }
        if !line.starts_with("//") && !line.trim().is_empty() {
            return None;
        }
    }
    None
}

/// The items from which everything is imported: `use m::*;`, if `m` is no known crate. Of
/// the explorer's parts some are called `std` and `thread`.
pub(super) fn opaque_glob(body: &Body) -> Option<ast::Use> {
    body.items().find_map(|item| match item {
        ast::Item::Use(it) => {
            let text = it.syntax().text().to_string();
            let known = GENUINE.contains(&&*root(&it)) && !text.contains("explore");
            (!known && text.contains('*')).then_some(it)
        }
        _ => None,
    })
}
