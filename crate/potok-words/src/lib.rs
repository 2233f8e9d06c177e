//! The language in which potok speaks, and the tables of what it says.
//!
//! ```
//! use potok_words::{Language, current, within};
//!
//! potok_words::words! {
//!     waiting: "waiting", "ожидание";
//! }
//!
//! assert_eq!(current(), Language::English);
//! assert_eq!(waiting(), "waiting");
//! assert_eq!(within(Language::Russian, waiting), "ожидание");
//! ```
//!
//! *What to notice*: each crate has its messages in a table of its own, `words.rs`. A message
//! without a form in each language does not compile.
//!
//! The library and the notebook kernel both stand on this crate, so that both read the same
//! variables in the same way, and a table is written the same everywhere.
//!
//! # What it does not do
//! Plurals and numbers are the library's alone (`potok_base::language`, `potok_base::units`).
//! What goes to Jupyter's log or to a terminal is for whoever looks after the machine, and
//! English.
//!
//! # What it costs to build
//! Less than a second of one core's time; it has no dependencies.

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
    /// use potok_words::Language;
    /// assert_eq!(Language::of("ru_RU.UTF-8"), Some(Language::Russian));
    /// assert_eq!(Language::of("de_DE"), None);
    /// ```
    pub fn of(locale: &str) -> Option<Language> {
        let name = locale.split(['_', '-', '.', '@']).next()?.to_lowercase();
        [English, Russian].into_iter().find(|language| language.code() == name)
    }
}

/// All checkouts build their kernels in one directory, where cargo knows this crate's copies
/// apart by time alone. Where this variable differs, cargo compiles anew, as it does for
/// `SOURCES` in the kernel.
const _: Option<&str> = option_env!("POTOK_SOURCES");

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
            let language = of_environment();
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
/// variable of the locale that is set, as the system's own programs look for it; else English.
pub fn of_environment() -> Language {
    asked_for(|name| env::var(name).ok())
}

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
/// use potok_words::{Language, within};
///
/// potok_words::words! {
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
/// potok_words::words! { waiting: "waiting"; }
/// ```
#[macro_export]
macro_rules! words {
    (@one $name:ident, $english:literal, $russian:literal) => {
        pub(crate) fn $name() -> &'static str {
            match $crate::current() {
                $crate::Language::English => $english,
                $crate::Language::Russian => $russian,
            }
        }
    };
    (@one $name:ident($($arg:ident),*), $english:literal, $russian:literal) => {
        pub(crate) fn $name($($arg: impl ::std::fmt::Display),*) -> String {
            match $crate::current() {
                $crate::Language::English => format!($english),
                $crate::Language::Russian => format!($russian),
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
        assert_eq!(language(&[(VARIABLE, ""), ("LANG", "ru")]), Russian);
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
