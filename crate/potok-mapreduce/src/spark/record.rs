//! Records as lines: what a map task on a cluster reads from standard input.

use super::text;
use crate::Line;
use crate::words;
use potok_base::error::{Error, ErrorKind, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A record that can travel as a line of text.
///
/// A `str` is a line as it is; a [`Line`] is its file, its place and its text; any other
/// type that has serde's traits goes as one field.
pub trait Record {
    /// Appends the line, without its end.
    ///
    /// # Errors
    /// The record cannot be turned into text.
    fn write(&self, line: &mut String) -> Result<()>;

    /// Hands the record that a line stands for to `each`.
    ///
    /// # Errors
    /// The line stands for no such record.
    fn read(line: &str, each: &mut dyn FnMut(&Self)) -> Result<()>;
}

impl Record for str {
    fn write(&self, line: &mut String) -> Result<()> {
        line.push_str(self);
        // A single one at the end would be read as part of the line break.
        if self.ends_with('\r') {
            line.push('\r');
        }
        Ok(())
    }

    fn read(line: &str, each: &mut dyn FnMut(&Self)) -> Result<()> {
        each(line);
        Ok(())
    }
}

impl Record for Line {
    fn write(&self, line: &mut String) -> Result<()> {
        text::escape(line, &self.file);
        line.push('\t');
        text::write(line, &self.offset)?;
        line.push('\t');
        text::escape(line, self);
        Ok(())
    }

    fn read(line: &str, each: &mut dyn FnMut(&Self)) -> Result<()> {
        let parts = || {
            let (file, rest) = line.split_once('\t')?;
            let (offset, text) = rest.split_once('\t')?;
            let (file, text) = (text::unescape(file)?, text::unescape(text)?);
            Some(Line::new(file, offset.parse().ok()?, text))
        };
        let record = parts()
            .ok_or_else(|| Error::new(ErrorKind::Undecodable, words::not_a_line()))?;
        each(&record);
        Ok(())
    }
}

impl<T: Serialize + DeserializeOwned> Record for T {
    fn write(&self, line: &mut String) -> Result<()> {
        text::write(line, self)
    }

    fn read(line: &str, each: &mut dyn FnMut(&Self)) -> Result<()> {
        each(&text::read(line)?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back<T: Record + ?Sized>(record: &T, same: impl Fn(&T) -> bool) {
        let mut line = String::new();
        record.write(&mut line).unwrap();
        assert!(!line.contains('\n'));
        let mut seen = 0;
        // What the reader of lines takes off again.
        let whole = line + "\r\n";
        let line = whole.lines().next().unwrap();
        T::read(line, &mut |record| {
            assert!(same(record));
            seen += 1;
        })
        .unwrap();
        assert_eq!(seen, 1);
    }

    proptest::proptest! {
        #[test]
        fn records_come_back(file in ".*", offset: u64, text in "[^\n]*") {
            let line = Line::new(file, offset, text.clone());
            there_and_back(&line, |other| *other == line);
            there_and_back(&(text.clone(), offset), |other| *other == (text.clone(), offset));
        }

        #[test]
        fn a_line_is_itself(text in "[^\n\r]*") {
            there_and_back(text.as_str(), |other| *other == text);
        }
    }

    #[test]
    fn a_line_may_end_in_a_carriage_return() {
        let mut line = String::new();
        "odd\r".write(&mut line).unwrap();
        assert_eq!((line + "\n").lines().next(), Some("odd\r"));
    }

    #[test]
    fn a_line_without_its_file_is_refused() {
        let error = <Line as Record>::read("just text", &mut |_| {}).unwrap_err();
        assert!(error.to_string().contains("its file, a tab"), "{error}");
    }
}
