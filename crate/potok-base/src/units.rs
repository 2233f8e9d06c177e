//! Numbers as a person reads them: three figures and a fitting unit, in the language that
//! is spoken.
//!
//! ```
//! use potok_base::language::{Language, within};
//! use potok_base::units::time;
//!
//! assert_eq!(time(0.0123), "12.3 ms");
//! assert_eq!(within(Language::Russian, || time(0.0123)), "12,3\u{a0}мс");
//! ```

use crate::language::noun::Noun;
use crate::language::{Language, current};
use std::time::Duration;

/// A unit of time and how many seconds it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeUnit {
    /// As it stands behind a number.
    pub name: &'static str,
    /// How long one of it is.
    pub seconds: f64,
}

/// The unit in which `seconds` is a number from 1 to 999, as far as there is one.
pub fn time_unit(seconds: f64) -> TimeUnit {
    let unit = |english, russian, seconds| {
        let name = match current() {
            Language::English => english,
            Language::Russian => russian,
        };
        TimeUnit { name, seconds }
    };
    // A hair below the border rounds up to it.
    match seconds.abs() * 1.0005 {
        s if s >= 1.0 || s.is_nan() => unit("s", "с", 1.0),
        s if s >= 1e-3 => unit("ms", "мс", 1e-3),
        s if s >= 1e-6 => unit("µs", "мкс", 1e-6),
        _ => unit("ns", "нс", 1e-9),
    }
}

/// A time as `12.3 ms`.
pub fn time(seconds: f64) -> String {
    if seconds == 0.0 {
        return "0".to_owned();
    }
    let unit = time_unit(seconds);
    with_unit(&number(seconds / unit.seconds), unit.name)
}

/// A duration as `12.3 ms`.
pub fn duration(duration: Duration) -> String {
    time(duration.as_secs_f64())
}

/// A number with its unit behind it: `12.3 ms`.
pub fn with_unit(number: &str, unit: &str) -> String {
    match current() {
        Language::English => format!("{number} {unit}"),
        // Not on two lines.
        Language::Russian => format!("{number}\u{a0}{unit}"),
    }
}

/// A number with so many decimals, behind the language's own sign.
pub fn decimal(value: f64, decimals: usize) -> String {
    match current() {
        Language::English => format!("{value:.decimals$}"),
        Language::Russian => fixed(value, decimals),
    }
}

/// A share as `12 %`, with so many decimals.
pub fn percent(share: f64, decimals: usize) -> String {
    with_unit(&decimal(100.0 * share, decimals), "%")
}

/// A number with three figures, and a narrow space between thousands.
pub fn number(value: f64) -> String {
    // No minus before zero.
    let value = value + 0.0;
    let size = value.abs();
    let decimals = match size {
        s if s == 0.0 || s >= 99.95 => 0,
        s if s >= 9.995 => 1,
        s if s >= 0.9995 => 2,
        s if s >= 0.001 => (2.0 - s.log10().floor()) as usize,
        _ => return localized(format!("{value:.1e}")),
    };
    // 10 µs in seconds, divided by 1 µs, is not quite 10.
    let whole = (value - value.round()).abs() <= size * 1e-9;
    fixed(value, if whole { 0 } else { decimals })
}

/// A number with so many decimals, and a narrow space between thousands.
pub fn fixed(value: f64, decimals: usize) -> String {
    let plain = format!("{value:.decimals$}");
    let (whole, rest) = plain.split_at(plain.find('.').unwrap_or(plain.len()));
    let digits = whole.trim_start_matches('-').len();
    let shortest = match current() {
        Language::English => 5,
        Language::Russian => 4,
    };
    if digits < shortest {
        return localized(plain);
    }
    let mut spaced = String::new();
    let sign = whole.len() - digits;
    for (i, c) in whole.char_indices() {
        if i > sign && (whole.len() - i).is_multiple_of(3) {
            spaced.push('\u{202f}');
        }
        spaced.push(c);
    }
    spaced + &localized(rest.to_owned())
}

/// With the language's own sign before the decimals.
fn localized(number: String) -> String {
    match current() {
        Language::English => number,
        Language::Russian => number.replace('.', ","),
    }
}

/// A round number with no more decimals than it has: a tick of an axis.
pub fn plain(value: f64) -> String {
    let digits = format!("{:.9}", value + 0.0);
    let decimals =
        digits.trim_end_matches('0').split_once('.').map_or(0, |(_, d)| d.len());
    fixed(value + 0.0, decimals)
}

/// `1 span`, `2 spans`: a count with its noun.
pub fn count(n: usize, noun: Noun) -> String {
    with_unit(&fixed(n as f64, 0), &noun.behind(n))
}

/// The count behind "of": `of 2 spans`, `из 2 отрезков`.
pub fn count_of(n: usize, noun: Noun) -> String {
    with_unit(&fixed(n as f64, 0), &noun.of(n))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::noun::SPAN;
    use crate::language::within;

    #[test]
    fn russian_has_its_own_signs() {
        within(Language::Russian, || {
            assert_eq!(fixed(1_234.5, 1), "1\u{202f}234,5");
            assert_eq!(number(0.012_34), "0,0123");
            assert_eq!(number(1e-5), "1,0e-5");
            assert_eq!(plain(2.5), "2,5");
            assert_eq!(time(1.5e-9), "1,50\u{a0}нс");
            assert_eq!(time(75.0), "75\u{a0}с");
            assert_eq!(percent(0.125, 1), "12,5\u{a0}%");
            assert_eq!(count(21, SPAN), "21\u{a0}отрезок");
            assert_eq!(count_of(3_000, SPAN), "3\u{202f}000\u{a0}отрезков");
            assert_eq!(duration(Duration::from_millis(1_500)), "1,50\u{a0}с");
        });
        assert_eq!(duration(Duration::from_millis(1_500)), "1.50 s");
        assert_eq!(
            (percent(0.125, 1), decimal(1e5, 0)),
            ("12.5 %".into(), "100000".into())
        );
    }

    #[test]
    fn times_come_in_a_fitting_unit() {
        assert_eq!(time(0.0), "0");
        assert_eq!(time(1.5e-9), "1.50 ns");
        assert_eq!(time(12.34e-6), "12.3 µs");
        assert_eq!(time(0.999_9), "1.000 s".replace("00 ", " ").replace("1.0", "1.00"));
        assert_eq!(time(30.0 * 1e-6), "30 µs");
        assert_eq!(time(250e-3), "250 ms");
        assert_eq!(time(75.0), "75 s");
    }

    #[test]
    fn numbers_have_three_figures() {
        assert_eq!(number(-0.0), "0");
        assert_eq!(number(1.0), "1");
        assert_eq!(number(1.234), "1.23");
        assert_eq!(number(0.012_34), "0.0123");
        assert_eq!(number(1_234_567.0), "1\u{202f}234\u{202f}567");
        assert_eq!(number(-12_345.0), "-12\u{202f}345");
        let ticks = [0.0, 0.1 + 0.2, 2.5, 400.0, 20_000.0].map(plain);
        assert_eq!(ticks, ["0", "0.3", "2.5", "400", "20\u{202f}000"]);
        assert_eq!(count(1, SPAN), "1 span");
        assert_eq!(count(3_000, SPAN), "3000 spans");
    }
}
