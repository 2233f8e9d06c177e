//! The language in which a notebook is spoken to: that of the library in it, which has the
//! pictures' words in `potok_base::language`.
//!
//! *What to notice*: what a reader sees below a cell stands in a table, `relay/words.rs`. What
//! goes to Jupyter's log and to a terminal is for who looks after the machine, and English.

use std::cell::Cell;
use std::sync::atomic::{AtomicU8, Ordering};

/// A language that potok speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Russian,
}

use Language::{English, Russian};

/// The variable that names the language, for this process and those that it starts.
pub(crate) const VARIABLE: &str = "POTOK_LANG";

impl Language {
    /// The language of a code or a locale: `ru`, `ru_RU.UTF-8`.
    pub(crate) fn of(locale: &str) -> Option<Self> {
        let name = locale.split(['_', '-', '.', '@']).next()?.to_lowercase();
        match &*name {
            "en" => Some(English),
            "ru" => Some(Russian),
            _ => None,
        }
    }
}

/// None chosen by a cell: that of the environment.
const AS_STARTED: u8 = u8::MAX;

static CHOSEN: AtomicU8 = AtomicU8::new(AS_STARTED);

thread_local! {
    static HERE: Cell<Option<Language>> = const { Cell::new(None) };
}

/// The language of what is said now.
pub(crate) fn current() -> Language {
    if let Some(language) = HERE.get() {
        return language;
    }
    match CHOSEN.load(Ordering::Relaxed) {
        0 => English,
        1 => Russian,
        // Tests read English, whatever their machine speaks.
        _ if cfg!(test) => English,
        _ => asked_for(|name| std::env::var(name).ok()),
    }
}

/// A cell chose a language; without one, that of the environment holds again, since the
/// process that chose it has ended.
pub(crate) fn choose(language: Option<Language>) {
    CHOSEN.store(language.map_or(AS_STARTED, |it| it as u8), Ordering::Relaxed);
}

/// What `f` says on this thread is said in this language.
pub(crate) fn within<R>(language: Language, f: impl FnOnce() -> R) -> R {
    let before = HERE.replace(Some(language));
    let said = f();
    HERE.set(before);
    said
}

/// The language that the environment asks for, as the library reads it.
fn asked_for(variable: impl Fn(&str) -> Option<String>) -> Language {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    if let Some(language) = set(VARIABLE).and_then(|name| Language::of(&name)) {
        return language;
    }
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set);
    locale.and_then(|locale| Language::of(&locale)).unwrap_or(English)
}

/// A table of messages: `name: "in English", "in Russian";` makes a function that gives the
/// one in the language spoken now, as `potok_base::words!` does.
macro_rules! words {
    (@one $name:ident, $english:literal, $russian:literal) => {
        pub(super) fn $name() -> &'static str {
            match $crate::language::current() {
                $crate::language::Language::English => $english,
                $crate::language::Language::Russian => $russian,
            }
        }
    };
    (@one $name:ident($($arg:ident),*), $english:literal, $russian:literal) => {
        pub(super) fn $name($($arg: impl ::std::fmt::Display),*) -> String {
            match $crate::language::current() {
                $crate::language::Language::English => format!($english),
                $crate::language::Language::Russian => format!($russian),
            }
        }
    };
    ($($name:ident $(($($args:tt)*))?: $english:literal, $russian:literal;)*) => {
        $($crate::language::words!(@one $name $(($($args)*))?, $english, $russian);)*
    };
}
pub(crate) use words;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_goes_before_the_locale() {
        let language = |variables: &[(&str, &str)]| {
            asked_for(|name| {
                let found = variables.iter().find(|(other, _)| *other == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(language(&[]), English);
        assert_eq!(language(&[("LANG", "ru_RU.UTF-8")]), Russian);
        assert_eq!(language(&[("LC_ALL", "C"), ("LANG", "ru_RU")]), English);
        assert_eq!(language(&[(VARIABLE, "en"), ("LC_ALL", "ru_RU")]), English);
        assert_eq!(language(&[(VARIABLE, ""), ("LANG", "ru")]), Russian);
        assert_eq!(language(&[(VARIABLE, "tlh"), ("LANG", "ru")]), Russian);
    }

    #[test]
    fn what_one_thread_says_in_a_language_changes_no_other() {
        within(Russian, || {
            assert_eq!(current(), Russian);
            within(English, || assert_eq!(current(), English));
            assert_eq!(std::thread::spawn(current).join().unwrap(), English);
        });
        assert_eq!(current(), English);
    }
}
