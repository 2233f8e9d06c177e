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
//! *What to notice*: the language and the tables of messages are `potok-words`, which the
//! notebook kernel has too. What a program brings itself (names, labels, titles) is
//! translated only where a notebook has a list for it, [`labels`].
//!
//! * [`noun`]: words that are counted, with the plurals of each language.

pub mod labels;
pub mod noun;

pub use potok_words::{Language, VARIABLE, current, speak, within};
