//! A cell as evcxr reads it.

use ra_ap_syntax::ast::{self, AstNode, HasName};
use ra_ap_syntax::{
    Direction, Edition, NodeOrToken, SourceFile, SyntaxKind, SyntaxToken,
};

/// evcxr parses a cell between these.
const BEFORE: &str = "fn f(){";
const AFTER: &str = "\n}";

/// The statements of a cell.
#[derive(Debug)]
pub(crate) struct Body(pub(super) ast::StmtList);

/// Why there are none.
#[derive(Debug)]
pub(crate) struct Unreadable {
    pub(super) line: usize,
    pub(super) why: String,
}

/// Reads a cell's Rust.
pub(crate) fn parse(source: &str) -> Result<Body, Unreadable> {
    let whole = format!("{BEFORE}{source}{AFTER}");
    let parsed = SourceFile::parse(&whole, Edition::Edition2024);
    if let Some(error) = parsed.errors().first() {
        let line = line(source, error.range().start().into());
        return Err(Unreadable { line, why: error.to_string() });
    }
    let mut items = parsed.tree().syntax().children();
    let body = items.next().and_then(ast::Fn::cast).and_then(|f| f.body()?.stmt_list());
    match body {
        // A brace of the cell's own must not end the body.
        Some(body) if items.next().is_none() => Ok(Body(body)),
        _ => Err(Unreadable { line: 1, why: "a `}` too many".to_owned() }),
    }
}

/// The line of a cell in which a place of what is parsed lies.
pub(super) fn line(source: &str, at: usize) -> usize {
    let at = at.saturating_sub(BEFORE.len()).min(source.len());
    source.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1
}

impl Body {
    /// The items of the cell's own level.
    pub(crate) fn items(&self) -> impl Iterator<Item = ast::Item> + use<> {
        self.0.syntax().children().filter_map(ast::Item::cast)
    }

    /// All tokens but space and comments, those in a macro's brackets too.
    pub(super) fn tokens(&self) -> impl Iterator<Item = SyntaxToken> + use<> {
        let all = self.0.syntax().descendants_with_tokens();
        all.filter_map(NodeOrToken::into_token)
            .filter(|token| !token.kind().is_trivia())
    }
}

/// The text of a name or a keyword: `r#x` is `x`. Nothing for strings and signs.
pub(super) fn word(token: &SyntaxToken) -> Option<&str> {
    let text = token.text();
    let is = token.kind() == SyntaxKind::IDENT || token.kind().is_any_identifier();
    let is = is || token.kind().is_keyword(Edition::Edition2024);
    is.then(|| text.strip_prefix("r#").unwrap_or(text))
}

/// The token before or after, comments and space apart.
pub(super) fn beside(token: &SyntaxToken, direction: Direction) -> Option<SyntaxToken> {
    let step = |token: &SyntaxToken| match direction {
        Direction::Next => token.next_token(),
        Direction::Prev => token.prev_token(),
    };
    let mut found = step(token);
    while let Some(trivia) = found.as_ref().filter(|token| token.kind().is_trivia()) {
        found = step(trivia);
    }
    found
}

/// The name of an item.
pub(super) fn named(item: &impl HasName) -> Option<String> {
    let name = item.name()?;
    Some(name.text().trim_start_matches("r#").to_owned())
}
