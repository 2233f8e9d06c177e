//! The `impl`s that a cell's new definition takes away, and those that nothing takes away.
//!
//! evcxr keeps an item by its name, together with the `impl`s that follow it in its cell.
//! Who defines the name anew in a later cell has lost them without a word. And an `impl` that
//! follows nothing with a name stays until the kernel ends: its cell cannot be run twice.

use super::spot::without_commands;
use super::words;
use crate::items::syntax;
use ra_ap_syntax::ast::{self, AstNode, HasName};
use std::collections::HashMap;

/// What it says before its braces: `impl Drop for Account`.
type Head = String;

/// The `impl`s of a session.
#[derive(Debug, Default)]
pub(crate) struct Impls {
    /// By the name of the item that they follow.
    behind: HashMap<String, Vec<Head>>,
    /// Those that follow none.
    alone: Vec<Head>,
}

impl Impls {
    /// A cell went well. What it took away comes back, in words.
    pub(crate) fn note(&mut self, code: &str) -> Vec<String> {
        let Heads { behind, alone } = read(code);
        let here: Vec<&Head> =
            behind.iter().flat_map(|(_, heads)| heads).chain(&alone).collect();
        let mut said = vec![];
        for (name, _) in &behind {
            let mut lost = self.behind.remove(name).unwrap_or_default();
            lost.retain(|head| !here.contains(&head));
            if !lost.is_empty() {
                let lost: Vec<String> =
                    lost.iter().map(|head| format!("`{head}`")).collect();
                said.push(words::impls_gone(name, lost.join(", ")));
            }
        }
        self.alone.extend(alone);
        for (name, heads) in behind {
            self.behind.entry(name).or_default().extend(heads);
        }
        said
    }

    /// Why a cell failed of which the compiler `said` this, if an `impl` of it is there
    /// already and cannot go.
    pub(crate) fn stays(&self, code: &str, said: &str) -> Option<String> {
        if !TWICE.iter().any(|words| said.starts_with(words)) {
            return None;
        }
        let Heads { behind, alone } = read(code);
        let mut here = behind.iter().flat_map(|(_, heads)| heads).chain(&alone);
        let head = here.find(|head| self.alone.contains(head))?;
        Some(words::impl_stays(head))
    }
}

/// What the compiler says of something that is there twice.
const TWICE: [&str; 2] =
    ["duplicate definitions with name", "conflicting implementations of trait"];

/// The `impl`s of a cell.
#[derive(Debug, Default)]
struct Heads {
    /// By the name of the item that they follow, in their order.
    behind: Vec<(String, Vec<Head>)>,
    alone: Vec<Head>,
}

/// Reads a cell as evcxr does; nothing, where it cannot be parsed.
fn read(code: &str) -> Heads {
    let mut found = Heads::default();
    // Most cells are found out without being parsed.
    let has = |word| code.contains(word);
    if !["impl", "struct", "enum", "fn", "trait", "union", "type"].into_iter().any(has)
    {
        return found;
    }
    let (code, _) = without_commands(code, 0);
    let Ok(body) = syntax::parse(&code) else { return found };
    for item in body.items() {
        let name = match &item {
            ast::Item::Impl(it) => {
                let heads = match found.behind.last_mut() {
                    Some((_, heads)) => heads,
                    None => &mut found.alone,
                };
                heads.extend(head(it));
                continue;
            }
            ast::Item::Const(it) => it.name(),
            ast::Item::Enum(it) => it.name(),
            ast::Item::Fn(it) => it.name(),
            ast::Item::Module(it) => it.name(),
            ast::Item::Static(it) => it.name(),
            ast::Item::Struct(it) => it.name(),
            ast::Item::Trait(it) => it.name(),
            ast::Item::TypeAlias(it) => it.name(),
            ast::Item::Union(it) => it.name(),
            _ => None,
        };
        if let Some(name) = name {
            found.behind.push((name.text().to_string(), vec![]));
        }
    }
    found
}

/// An `impl` up to its braces, on one line.
fn head(item: &ast::Impl) -> Option<Head> {
    let braces = item.assoc_item_list()?.syntax().text_range().start();
    let start = item.impl_token()?.text_range().start();
    let whole = item.syntax().text();
    let offset = item.syntax().text_range().start();
    let head = whole.slice(start - offset..braces - offset).to_string();
    Some(head.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = ":dep x\n#[derive(Debug)]\nstruct Account { n: u64 }\n\
        impl Account { fn new() -> Self { Account { n: 1 } } }\n\
        impl Drop for Account {\n    fn drop(&mut self) {}\n}\nAccount::new()";

    #[test]
    fn what_a_new_definition_takes_away_is_told_by_name() {
        let mut impls = Impls::default();
        assert_eq!(impls.note(ACCOUNT), [""; 0]);
        assert_eq!(impls.note(ACCOUNT), [""; 0], "the same cell again");
        let said = impls.note("struct Account { n: u64, owner: String }");
        let [said] = &*said else { panic!("{said:?}") };
        assert!(said.contains("`Account`"), "{said}");
        assert!(said.contains("`impl Account`, `impl Drop for Account`"), "{said}");
        assert_eq!(impls.note("struct Account;"), [""; 0], "nothing was left to lose");
    }

    #[test]
    fn what_the_new_cell_has_too_is_not_lost() {
        let mut impls = Impls::default();
        impls.note(ACCOUNT);
        let said = impls
            .note("struct Account; impl Account {} fn f() {} impl Drop for Account {}");
        assert_eq!(said, [""; 0]);
        // evcxr keeps it with what it follows, whatever type it is of.
        let said = impls.note("fn f() -> u8 { 1 }");
        assert!(said[0].contains("`f`") && said[0].contains("`impl Drop for Account`"));
        assert_eq!(impls.note("let f = 1; use a::Account;"), [""; 0]);
    }

    #[test]
    fn an_impl_without_its_type_cannot_be_run_again() {
        let mut impls = Impls::default();
        impls.note("struct Account;");
        let alone = "impl<T: Send>\n    From<T> for Account { fn from(_: T) -> Self { Account } }";
        impls.note(alone);
        let said = "conflicting implementations of trait `From<_>` for type `Account`";
        let told = impls.stays(alone, said).unwrap();
        assert!(told.contains("`impl<T: Send> From<T> for Account`"), "{told}");
        assert_eq!(impls.stays(alone, "mismatched types"), None);
        assert_eq!(impls.stays("impl Drop for Account {}", said), None);
    }
}
