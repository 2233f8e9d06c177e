//! Values as text: one field of a line, whatever the value is.
//!
//! ```text
//! "two words"        two words
//! "a tab\t"          a tab\t                a backslash and a letter
//! 42, -1.5, true     42, -1.5, true
//! (1, "a")           \x02 01 61 …           postcard's bytes, in hex
//! ```
//!
//! *What to notice*: words and numbers, which people read in a pipeline, are readable.
//! Everything else is exact rather than pretty. No field contains a tab or a line break, equal
//! values have equal texts, and a text is read back by its type. Why not JSON: see
//! `potok_base::output::json_string`; it also has no `Some(None)` and no NaN.

mod read;
mod write;

use crate::words;
use potok_base::error::{Error, ErrorKind, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Write;

/// The prefix of a value that is neither text nor a number. The text of a string cannot begin
/// with it, since backslashes are doubled.
const BYTES: &str = "\\x";

/// Appends the text of a value.
///
/// # Errors
/// A type that serde can write but postcard cannot: a sequence of unknown length.
pub(super) fn write<T: Serialize + ?Sized>(text: &mut String, value: &T) -> Result<()> {
    let start = text.len();
    if value.serialize(write::Plain(text)).is_ok() {
        return Ok(());
    }
    text.truncate(start);
    let bytes = postcard::to_stdvec(value).map_err(|error| {
        let name = std::any::type_name::<T>();
        Error::new(ErrorKind::Undecodable, words::no_text(name, error))
    })?;
    text.push_str(BYTES);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    Ok(())
}

/// The value that a text stands for.
///
/// # Errors
/// It is not the text of such a value.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T> {
    let value = match text.strip_prefix(BYTES) {
        None => T::deserialize(read::Plain(text)).map_err(|error| error.to_string()),
        Some(digits) => {
            bytes(digits).ok_or(words::not_hex().to_owned()).and_then(|bytes| {
                postcard::from_bytes(&bytes).map_err(|error| error.to_string())
            })
        }
    };
    value.map_err(|why| {
        let name = std::any::type_name::<T>();
        let shown: String = text.chars().take(60).collect();
        Error::new(ErrorKind::Undecodable, words::not_its_text(shown, name, why))
    })
}

fn bytes(digits: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    let digit = |digit: u8| char::from(digit).to_digit(16);
    let byte = |[high, low]: &[u8; 2]| Some((digit(*high)? << 4 | digit(*low)?) as u8);
    if rest.is_empty() { pairs.iter().map(byte).collect() } else { None }
}

/// Appends text with its tabs, line breaks and backslashes escaped.
pub(super) fn escape(to: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '\t', '\n', '\r']) {
        to.push_str(&rest[..at]);
        to.push_str(match rest.as_bytes()[at] {
            b'\\' => "\\\\",
            b'\t' => "\\t",
            b'\n' => "\\n",
            _ => "\\r",
        });
        rest = &rest[at + 1..];
    }
    to.push_str(rest);
}

/// Undoes [`escape`]; `None` where there is an escape that it does not make.
pub(super) fn unescape(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        plain.push_str(&rest[..at]);
        plain.push(match rest.as_bytes().get(at + 1)? {
            b'\\' => '\\',
            b't' => '\t',
            b'n' => '\n',
            b'r' => '\r',
            _ => return None,
        });
        rest = &rest[at + 2..];
    }
    plain.push_str(rest);
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::fmt::Debug;

    fn there_and_back<T>(value: &T) -> String
    where
        T: Serialize + DeserializeOwned + PartialEq + Debug,
    {
        let mut text = String::new();
        write(&mut text, value).unwrap();
        assert_eq!(&read::<T>(&text).unwrap(), value, "{text}");
        assert!(!text.contains(['\t', '\n', '\r']), "{text:?}");
        text
    }

    #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Meters(f64);

    #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    enum Mood {
        Calm,
        Stormy { wind: u8 },
    }

    proptest! {
        #[test]
        fn any_string_comes_back(text in ".*", odd in "[\\\\\t\n\rx0]{0,8}") {
            there_and_back(&text);
            there_and_back(&format!("{odd}{text}{odd}"));
        }

        #[test]
        fn any_number_comes_back(a: i64, b: u64, c: f64, d: f32, e: i8, f: u128, g: i128) {
            there_and_back(&(a, b));
            there_and_back(&a);
            there_and_back(&b);
            there_and_back(&c);
            there_and_back(&d);
            there_and_back(&e);
            there_and_back(&f);
            there_and_back(&g);
        }

        #[test]
        fn structure_comes_back(
            map in proptest::collection::btree_map(".{0,4}", proptest::option::of(0..9_u8), 0..5),
            words in proptest::collection::vec((".{0,3}", any::<char>()), 0..5),
        ) {
            there_and_back::<BTreeMap<String, Option<u8>>>(&map);
            there_and_back(&words);
        }

        #[test]
        fn nonsense_is_an_error_and_no_panic(text in ".*", digits in "\\\\x[0-9a-g]{0,9}") {
            for text in [text, digits] {
                let _ = read::<u64>(&text);
                let _ = read::<String>(&text);
                let _ = read::<(String, f64)>(&text);
                let _ = read::<Option<Mood>>(&text);
            }
        }
    }

    #[test]
    fn words_and_numbers_are_readable() {
        assert_eq!(there_and_back(&"поток".to_owned()), "поток");
        assert_eq!(there_and_back(&"a\tb\\\n".to_owned()), "a\\tb\\\\\\n");
        assert_eq!(there_and_back(&"\\x61".to_owned()), "\\\\x61");
        assert_eq!(there_and_back(&42_u64), "42");
        assert_eq!(there_and_back(&Meters(-1.5)), "-1.5");
        assert_eq!(there_and_back(&f64::INFINITY), "inf");
        assert_eq!(there_and_back(&'\t'), "\\t");
        assert_eq!(there_and_back(&true), "true");
        assert_eq!(there_and_back(&Some(3_u8)), "\\x0103");
    }

    #[test]
    fn what_json_loses_is_kept() {
        there_and_back(&Some(None::<u8>));
        there_and_back(&[(1, ()), (2, ())]);
        there_and_back(&[Mood::Calm, Mood::Stormy { wind: 9 }]);
        let mut text = String::new();
        write(&mut text, &f64::NAN).unwrap();
        assert_eq!(read::<f64>(&text).unwrap().to_bits(), f64::NAN.to_bits());
    }

    #[test]
    fn an_error_names_the_text_and_the_type() {
        let error = read::<u64>("twelve").unwrap_err().to_string();
        assert!(error.contains("`twelve`") && error.contains("u64"), "{error}");
    }
}
