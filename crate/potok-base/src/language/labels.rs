//! Titles and names that stand in the code of a notebook, in the language of its edition.
//!
//! A notebook in another language has the same cells, so its code says `"Two queues"`. What a
//! picture shows in that place comes from a list beside the notebook, one line for each:
//! what the code says, a tab, and what is shown. `{}` stands for a number that differs:
//!
//! ```text
//! Two queues<tab>Две очереди
//! thread {}<tab>поток {}
//! ```
//!
//! A text without a line is shown as it is, as everywhere else.

use super::{Language, current};
use std::borrow::Cow;
use std::collections::HashMap;
use std::env;
use std::fs;
use std::sync::OnceLock;

/// The variable that names the list's file; the kernel sets it.
pub const VARIABLE: &str = "POTOK_LABELS";

/// What stands for a number in a line of the list.
const NUMBER: &str = "{}";

/// A list of labels, by what the code says.
#[derive(Debug, Default)]
struct Labels {
    shown: HashMap<String, String>,
}

/// What is shown where the code says `text`.
///
/// # Examples
/// ```
/// use potok_base::language::labels::shown;
/// assert_eq!(shown("Two queues"), "Two queues"); // no list, or English is spoken
/// ```
pub fn shown(text: &str) -> Cow<'_, str> {
    static LABELS: OnceLock<Labels> = OnceLock::new();
    if current() == Language::English {
        return text.into();
    }
    LABELS.get_or_init(Labels::of_this_notebook).shown(text)
}

impl Labels {
    /// No list, or one that cannot be read, is an empty one: labels stay as they are.
    fn of_this_notebook() -> Self {
        let list =
            env::var(VARIABLE).ok().and_then(|path| fs::read_to_string(path).ok());
        Labels::read(&list.unwrap_or_default())
    }

    fn read(list: &str) -> Self {
        let lines = list.lines().filter_map(|line| line.split_once('\t'));
        let shown = lines.map(|(code, shown)| (code.to_owned(), shown.to_owned()));
        Labels { shown: shown.collect() }
    }

    fn shown<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if let Some(shown) = self.shown.get(text) {
            return shown.clone().into();
        }
        let (pattern, numbers) = without_numbers(text);
        match self.shown.get(&pattern) {
            Some(shown) if !numbers.is_empty() => with_numbers(shown, &numbers).into(),
            _ => text.into(),
        }
    }
}

/// The text with a `{}` for each number, and the numbers. An ellipsis that stands for many
/// numbers, as `chunk …`, counts as one.
fn without_numbers(text: &str) -> (String, Vec<&str>) {
    let (mut pattern, mut numbers, mut rest) = (String::new(), vec![], text);
    let is_number = |c: char| c.is_ascii_digit() || c == '…';
    while let Some(start) = rest.find(is_number) {
        let (before, number) = rest.split_at(start);
        let end = number.find(|c| !is_number(c)).unwrap_or(number.len());
        let (number, behind) = number.split_at(end);
        pattern += before;
        pattern += NUMBER;
        numbers.push(number);
        rest = behind;
    }
    (pattern + rest, numbers)
}

fn with_numbers(shown: &str, numbers: &[&str]) -> String {
    let mut parts = shown.split(NUMBER);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for (n, part) in parts.enumerate() {
        text += numbers.get(n).copied().unwrap_or_default();
        text += part;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "Two queues\tДве очереди\nthread {}\tпоток {}\n\
                        {} of {}\tиз {}: {}\n1 thread\tодин поток\nno tab\n";

    #[test]
    fn a_label_in_the_list_is_shown_as_the_list_has_it() {
        let labels = Labels::read(LIST);
        assert_eq!(labels.shown("Two queues"), "Две очереди");
        assert_eq!(labels.shown("thread 12"), "поток 12");
        assert_eq!(labels.shown("thread …"), "поток …");
        assert_eq!(labels.shown("3 of 40"), "из 3: 40");
        // Where the code itself has a number, its own line goes first.
        assert_eq!(labels.shown("1 thread"), "один поток");
    }

    #[test]
    fn every_other_text_is_shown_as_it_is() {
        let labels = Labels::read(LIST);
        for text in ["", "two queues", "thread", "7", "no tab", "поток 1"] {
            assert_eq!(labels.shown(text), text);
        }
        assert_eq!(Labels::read("").shown("thread 1"), "thread 1");
    }
}
