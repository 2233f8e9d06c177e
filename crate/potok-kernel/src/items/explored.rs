//! Ways around the explorer, in a module in which every step is to be seen.
//!
//! *What to notice*: a race between two parts of the real `std` is seen by nobody, so an answer
//! that has one would be right under all orders that there are. The compiler takes any of
//! these ways; here they are refused by the words in which they are written.

use super::names::{self, GENUINE};
use super::syntax::{beside, word};
use ra_ap_syntax::ast::{self, AstNode, HasAttrs, HasModuleItem};
use ra_ap_syntax::{Direction, NodeOrToken, SyntaxKind, SyntaxToken, T};

/// Whether a module's `std` is the explorer's.
pub(super) fn is_explored(module: &ast::Module) -> bool {
    let items = module.item_list().into_iter().flat_map(|list| list.items());
    items.into_iter().any(|item| match item {
        // One with a `cfg` may not be there for the compiler.
        ast::Item::Use(it) if it.attrs().next().is_none() => {
            let mut found = false;
            names::imports(&it, 0, 0, &mut |name| found |= name.name == "std");
            found && names::root(&it) == "potok"
        }
        _ => false,
    })
}

/// In a module with the explorer's `std`: the first way around it, to parts that are not
/// explored.
pub(super) fn around_the_explorer(module: &ast::Module) -> Option<SyntaxToken> {
    if !is_explored(module) {
        return None;
    }
    let tokens = module.item_list()?.syntax().descendants_with_tokens();
    tokens.filter_map(NodeOrToken::into_token).find(is_way_around)
}

fn is_way_around(token: &SyntaxToken) -> bool {
    let next = || beside(token, Direction::Next);
    let goes_on = || colons(token, Direction::Next);
    // `::std`, and `use ::{std as other};`.
    if is_colons(token) && heads_path(token) {
        return true;
    }
    let inside = colons(token, Direction::Prev).is_some();
    match word(token) {
        // `self::super::` as well.
        Some(head @ ("core" | "alloc" | "crate" | "super"))
            if !inside || head == "super" =>
        {
            goes_on().is_some() || next().is_some_and(|it| it.kind() == T![as])
        }
        Some("potok") if !inside => match goes_on() {
            Some(last) => beside(&last, Direction::Next)
                .is_some_and(|it| word(&it) != Some("explore")),
            None => next().is_some_and(|it| it.kind() == T![as]),
        },
        // In a module inside of it, `std` is the real one again.
        Some("std") if !inside => token
            .parent_ancestors()
            .find_map(ast::Module::cast)
            .is_some_and(|nearest| !is_explored(&nearest)),
        // What is in a macro's brackets is not seen to be a module.
        Some("mod") => {
            token.parent().is_some_and(|it| it.kind() == SyntaxKind::TOKEN_TREE)
        }
        _ => false,
    }
}

/// Whether this is `::`, or the first half of it in a macro's brackets.
fn is_colons(token: &SyntaxToken) -> bool {
    let half = |token: Option<SyntaxToken>| token.is_some_and(|it| it.kind() == T![:]);
    token.kind() == T![::]
        || token.kind() == T![:]
            && half(token.next_token())
            && !half(token.prev_token())
}

/// Whether a path begins with these colons: nothing of one stands before them.
fn heads_path(first: &SyntaxToken) -> bool {
    beside(first, Direction::Prev).is_none_or(|before| {
        let part = matches!(word(&before), Some("self" | "Self" | "super" | "crate"));
        // `Vec::<u8>::new`, and `1 > ::std::…`.
        let goes_on = || {
            let next = match first.kind() {
                T![::] => Some(first.clone()),
                _ => first.next_token(),
            };
            next.and_then(|it| beside(&it, Direction::Next))
                .is_some_and(|it| !GENUINE.contains(&word(&it).unwrap_or_default()))
        };
        !part
            && before.kind() != SyntaxKind::IDENT
            && !(before.kind() == T![>] && goes_on())
    })
}

/// The far end of the `::` beside a token, which a macro's brackets have in two parts.
fn colons(token: &SyntaxToken, direction: Direction) -> Option<SyntaxToken> {
    let near = beside(token, direction)?;
    match near.kind() {
        T![::] => Some(near),
        T![:] => beside(&near, direction).filter(|far| far.kind() == T![:]),
        _ => None,
    }
}
