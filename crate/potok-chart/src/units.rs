//! Numbers as a person reads them: three figures and a fitting unit.

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
    let unit = |name, seconds| TimeUnit { name, seconds };
    // A hair below the border rounds up to it.
    match seconds.abs() * 1.0005 {
        s if s >= 1.0 || s.is_nan() => unit("s", 1.0),
        s if s >= 1e-3 => unit("ms", 1e-3),
        s if s >= 1e-6 => unit("µs", 1e-6),
        _ => unit("ns", 1e-9),
    }
}

/// A time as `12.3 ms`.
pub fn time(seconds: f64) -> String {
    if seconds == 0.0 {
        return "0".to_owned();
    }
    let unit = time_unit(seconds);
    format!("{} {}", number(seconds / unit.seconds), unit.name)
}

/// A duration as `12.3 ms`.
pub fn duration(duration: Duration) -> String {
    time(duration.as_secs_f64())
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
        _ => return format!("{value:.1e}"),
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
    if digits < 5 {
        return plain;
    }
    let mut spaced = String::new();
    let sign = whole.len() - digits;
    for (i, c) in whole.char_indices() {
        if i > sign && (whole.len() - i).is_multiple_of(3) {
            spaced.push('\u{202f}');
        }
        spaced.push(c);
    }
    spaced + rest
}

/// A round number with no more decimals than it has: a tick of an axis.
pub fn plain(value: f64) -> String {
    let digits = format!("{:.9}", value + 0.0);
    let decimals =
        digits.trim_end_matches('0').split_once('.').map_or(0, |(_, d)| d.len());
    fixed(value + 0.0, decimals)
}

/// `1 span`, `2 spans`: a count with its noun.
pub fn count(n: usize, noun: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{} {noun}{s}", fixed(n as f64, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(count(1, "span"), "1 span");
        assert_eq!(count(3_000, "span"), "3000 spans");
    }
}
