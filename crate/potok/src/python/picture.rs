//! The picture of the result.

use super::Comparison;
use crate::error::Result;
use crate::words;
use potok_chart::{Picture, Show, speedups};

impl Show for Comparison {
    fn picture(&self) -> Result<Picture> {
        let Some(error) = &self.missing else {
            let title = words::comparison(self.job);
            return speedups(&capital(&title), &self.speedups);
        };
        let title = words::rust_alone(self.job);
        let mut picture = speedups(&capital(&title), &self.speedups)?;
        picture.text =
            format!("{}\n\n{}", picture.text.trim_end(), words::python_missing(error));
        Ok(picture)
    }
}

/// A title begins with a capital letter.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(char::to_uppercase)
        .into_iter()
        .flatten()
        .chain(letters)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::measure::Speedup;
    use crate::workload::{busy, ms};

    #[test]
    fn a_comparison_without_python_says_so() {
        let rust = Speedup::measure("Rust threads", [1, 2], |_| busy(ms(1))).unwrap();
        let missing = Some(Error::unsupported("install python3"));
        let comparison = Comparison { job: "computing", speedups: vec![rust], missing };
        let picture = comparison.picture().unwrap();
        assert!(picture.title.contains("no Python"));
        assert!(picture.text.contains("install python3"));
    }
}
