//! The language in which potok speaks: its pictures, its texts, its errors.
//!
//! ```
//! use potok_base::language::{Language, current, within};
//! use potok_base::units::{decimal, fixed};
//!
//! assert_eq!(current(), Language::English);
//! let number = within(Language::Russian, || fixed(1234.5, 1));
//! assert_eq!(number, "1\u{202f}234,5");
//! assert_eq!(decimal(1234.5, 1), "1234.5");
//! ```
//!
//! *What to notice*: each crate has its messages in a table of its own, `words.rs`, written
//! with [`words!`](crate::words!). A message without a form in each language does not
//! compile. What a program brings itself (names, labels, titles) is
//! translated only where a notebook has a list for it, [`labels`].
//!
//! * [`noun`]: words that are counted, with the plurals of each language.

pub mod labels;
pub mod noun;

use std::cell::Cell;
use std::env;
use std::sync::atomic::{AtomicU8, Ordering};

/// A language that potok speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English, also where no other one is asked for.
    English,
    /// Russian.
    Russian,
}

use Language::{English, Russian};

/// The variable that names the language, for this process and those that it starts.
pub const VARIABLE: &str = "POTOK_LANG";

impl Language {
    /// As [`VARIABLE`] has it: `en`, `ru`.
    pub fn code(self) -> &'static str {
        match self {
            English => "en",
            Russian => "ru",
        }
    }

    /// The language of a code or a locale: `ru`, `ru_RU.UTF-8`, `ru-RU`.
    ///
    /// # Examples
    /// ```
    /// use potok_base::language::Language;
    /// assert_eq!(Language::of("ru_RU.UTF-8"), Some(Language::Russian));
    /// assert_eq!(Language::of("de_DE"), None);
    /// ```
    pub fn of(locale: &str) -> Option<Language> {
        let name = locale.split(['_', '-', '.', '@']).next()?.to_lowercase();
        [English, Russian].into_iter().find(|language| language.code() == name)
    }
}

/// No language yet: the first one who asks looks at the environment.
const UNKNOWN: u8 = u8::MAX;

/// A forked child has what its parent has; a new process gets it by [`VARIABLE`].
static CURRENT: AtomicU8 = AtomicU8::new(UNKNOWN);

thread_local! {
    static HERE: Cell<Option<Language>> = const { Cell::new(None) };
}

/// The language of what is said now.
pub fn current() -> Language {
    if let Some(language) = HERE.get() {
        return language;
    }
    match CURRENT.load(Ordering::Relaxed) {
        0 => English,
        1 => Russian,
        _ => {
            let language = asked_for(|name| env::var(name).ok());
            speak(language);
            language
        }
    }
}

/// From now on everything is said in this language, on all threads.
pub fn speak(language: Language) {
    CURRENT.store(language as u8, Ordering::Relaxed);
}

/// What `f` says on this thread is said in this language, whatever the others speak.
pub fn within<R>(language: Language, f: impl FnOnce() -> R) -> R {
    struct Before(Option<Language>);
    impl Drop for Before {
        fn drop(&mut self) {
            HERE.set(self.0);
        }
    }
    let _before = Before(HERE.replace(Some(language)));
    f()
}

/// The language that the environment asks for: that of [`VARIABLE`]; else that of the first
/// variable of the locale that is set, as the system's own programs look for it.
fn asked_for(variable: impl Fn(&str) -> Option<String>) -> Language {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    if let Some(language) = set(VARIABLE).and_then(|name| Language::of(&name)) {
        return language;
    }
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set);
    locale.and_then(|locale| Language::of(&locale)).unwrap_or(English)
}

/// A table of messages: `name: "in English", "in Russian";` makes a function that gives the
/// one in the language spoken now. A message with arguments puts them in as `format!` does.
///
/// # Examples
/// ```
/// use potok_base::language::{Language, within};
///
/// potok_base::words! {
///     waiting: "waiting", "ожидание";
///     first_of(most, all): "the first {most} of {all}", "первые {most} из {all}";
/// }
///
/// assert_eq!((waiting(), &*first_of(2, "5")), ("waiting", "the first 2 of 5"));
/// assert_eq!(within(Language::Russian, || first_of(2, "5")), "первые 2 из 5");
/// ```
///
/// A message that lacks a language is refused:
/// ```compile_fail
/// potok_base::words! { waiting: "waiting"; }
/// ```
#[macro_export]
macro_rules! words {
    (@one $name:ident, $english:literal, $russian:literal) => {
        pub(crate) fn $name() -> &'static str {
            match $crate::language::current() {
                $crate::language::Language::English => $english,
                $crate::language::Language::Russian => $russian,
            }
        }
    };
    (@one $name:ident($($arg:ident),*), $english:literal, $russian:literal) => {
        pub(crate) fn $name($($arg: impl ::std::fmt::Display),*) -> String {
            match $crate::language::current() {
                $crate::language::Language::English => format!($english),
                $crate::language::Language::Russian => format!($russian),
            }
        }
    };
    ($($name:ident $(($($args:tt)*))?: $english:literal, $russian:literal;)*) => {
        $($crate::words!(@one $name $(($($args)*))?, $english, $russian);)*
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(variables: &[(&str, &str)]) -> Language {
        asked_for(|name| {
            let found = variables.iter().find(|(other, _)| *other == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_variable_goes_before_the_locale() {
        assert_eq!(language(&[]), English);
        assert_eq!(language(&[("LANG", "ru_RU.UTF-8")]), Russian);
        assert_eq!(language(&[("LC_MESSAGES", "ru"), ("LANG", "en_GB")]), Russian);
        assert_eq!(language(&[("LC_ALL", "C"), ("LANG", "ru_RU")]), English);
        assert_eq!(language(&[("LC_ALL", ""), ("LANG", "ru_RU")]), Russian);
        assert_eq!(language(&[("LC_ALL", "de_DE"), ("LANG", "ru_RU")]), English);
        assert_eq!(language(&[(VARIABLE, "en"), ("LC_ALL", "ru_RU")]), English);
        assert_eq!(language(&[(VARIABLE, "RU")]), Russian);
        // What is no language of ours is as if it were not there.
        assert_eq!(language(&[(VARIABLE, "tlh"), ("LANG", "ru")]), Russian);
    }

    #[test]
    fn a_language_for_one_thread_ends_with_its_function() {
        let russian = within(Russian, || {
            assert_eq!(within(English, current), English);
            current()
        });
        let panicked = std::panic::catch_unwind(|| within(Russian, || panic!("x")));
        assert!(panicked.is_err());
        assert_eq!((russian, current()), (Russian, English));
        let elsewhere = || std::thread::spawn(current).join().unwrap();
        assert_eq!(within(Russian, elsewhere), English);
    }
}
