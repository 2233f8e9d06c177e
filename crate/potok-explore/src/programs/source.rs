//! How a program is written: its own text, from the file that it was compiled from.

use potok_base::error::{Error, Result};
use std::any::type_name;

/// The files beside this one.
const FILES: [&str; 5] = [
    include_str!("buffer.rs"),
    include_str!("counter.rs"),
    include_str!("locks.rs"),
    include_str!("rounds.rs"),
    include_str!("stack.rs"),
];

/// How one of these programs is written, with the private parts that it uses.
///
/// # Errors
/// Something else than a program of this module.
///
/// # Examples
/// ```
/// use potok::explore::programs;
/// let text = programs::source(programs::two_condvars)?;
/// assert!(text.starts_with("/// The cure of"));
/// assert!(text.contains("goods.notify_one();") && text.contains("fn two_consumers"));
/// assert!(programs::source(|| 1).is_err());
/// # Ok::<(), potok::Error>(())
/// ```
pub fn source<T, P: Fn() -> T>(_program: P) -> Result<String> {
    let path = type_name::<P>();
    let name = path.rsplit("::").next().unwrap_or(path);
    let file =
        FILES.into_iter().find(|file| file.contains(&format!("pub fn {name}()")));
    let file =
        file.ok_or_else(|| Error::invalid(crate::words::no_such_program(path)))?;
    let items = items(file);
    let mut wanted = vec![name];
    let mut at = 0;
    while let Some(&name) = wanted.get(at) {
        let used = items.iter().filter(|item| item.is_called(name));
        for other in used.flat_map(|item| words(item.text)) {
            let private = items.iter().any(|i| i.is_called(other) && !i.is_public());
            if private && !wanted.contains(&other) {
                wanted.push(other);
            }
        }
        at += 1;
    }
    let wanted = |item: &&Item<'_>| wanted.iter().any(|name| item.is_called(name));
    let texts: Vec<&str> = items.iter().filter(wanted).map(|item| item.text).collect();
    Ok(texts.join("\n\n"))
}

/// Something that stands for itself in a file, with its comment.
struct Item<'a> {
    text: &'a str,
}

/// The items of a file: an empty line stands between two of them, and within none but one
/// that goes on further in.
fn items(file: &str) -> Vec<Item<'_>> {
    let (mut items, mut start) = (vec![], 0);
    for (end, _) in file.match_indices("\n\n") {
        if !file[end + 2..].starts_with(' ') {
            items.push(Item { text: &file[start..end] });
            start = end + 2;
        }
    }
    items.push(Item { text: file[start..].trim_end() });
    items
}

impl Item<'_> {
    /// The line that says what it is.
    fn head(&self) -> &str {
        let comment = |line: &&str| line.starts_with("//") || line.starts_with('#');
        self.text.lines().find(|line| !comment(line)).unwrap_or_default()
    }

    fn is_public(&self) -> bool {
        self.head().starts_with("pub ")
    }

    /// A function, constant or type of this name, or what a type of this name can do.
    fn is_called(&self, name: &str) -> bool {
        let kinds = ["fn", "const", "struct", "impl"];
        let mut words = words(self.head()).filter(|word| *word != "pub");
        words.next().is_some_and(|kind| kinds.contains(&kind))
            && words.next() == Some(name)
    }
}

/// The words of a text, comments left out.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let code = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    code.flat_map(|line| line.split(|c: char| !(c.is_alphanumeric() || c == '_')))
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs;

    #[test]
    fn a_program_comes_with_what_it_uses_and_nothing_else() {
        let aba = source(programs::aba).unwrap();
        let parts =
            ["const A:", "pub fn aba()", "struct Stack", "impl Stack", "fn pop("];
        assert!(parts.iter().all(|part| aba.contains(part)), "{aba}");
        assert!(!aba.contains("version_beside_top"), "{aba}");
        let hasty = source(programs::semaphore_checks_once).unwrap();
        assert!(
            hasty.contains("fn three_visits(") && !hasty.contains("barrier"),
            "{hasty}"
        );
        assert!(hasty.ends_with("\n}"));
    }

    #[test]
    fn every_program_is_found() {
        let public = FILES.iter().flat_map(|file| items(file));
        let public: Vec<&str> =
            public.filter(Item::is_public).map(|item| item.text).collect();
        let found = [
            source(programs::one_condvar_notify_one),
            source(programs::one_step_update),
            source(programs::locks_in_one_order),
            source(programs::barrier_with_generations),
            source(programs::version_beside_top),
        ];
        assert_eq!(public.len(), 17);
        for text in found {
            let text = text.unwrap();
            assert!(public.iter().any(|item| text.contains(item)), "{text}");
        }
    }

    #[test]
    fn something_else_is_refused_by_its_name() {
        let error = source(|| 1).unwrap_err().to_string();
        assert!(error.contains("something_else_is_refused"), "{error}");
        assert!(source(lost_update as fn() -> u32).is_err());
    }

    fn lost_update() -> u32 {
        1
    }
}
