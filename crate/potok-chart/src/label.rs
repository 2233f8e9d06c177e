//! Text that comes from outside: made safe, measured and cut to the room there is.

use potok_base::language::labels;

/// Longer labels are cut before anything else looks at them.
const MOST: usize = 400;

/// One line of harmless text, in the language of the notebook's edition: line breaks and
/// control characters become spaces, and characters that XML forbids or that turn the
/// direction of reading are left out.
pub fn clean(text: &str) -> String {
    let (cut, shorter) = match text.char_indices().nth(MOST) {
        Some((end, _)) => (&text[..end], true),
        None => (text, false),
    };
    let mut clean = String::new();
    for c in labels::shown(cut).chars() {
        match c {
            '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{200e}'
            | '\u{200f}' => {}
            '\u{fffe}' | '\u{ffff}' | '\u{feff}' => {}
            c if WHOLE.contains(&c) => {}
            c if c.is_control() || c.is_whitespace() => {
                if !clean.ends_with(' ') {
                    clean.push(' ');
                }
            }
            c => clean.push(c),
        }
    }
    let clean = clean.trim();
    if shorter { format!("{clean}…") } else { clean.to_owned() }
}

/// Cleaned text for a line of `most` characters, cut with an ellipsis where it is longer.
pub fn short(text: &str, most: usize) -> String {
    cut(&clean(text), |text| text.chars().count() <= most)
}

/// Cleaned text that is at most `room` pixels wide, cut with an ellipsis where it is
/// longer; empty where not even one letter fits.
pub fn fit(text: &str, size: f64, room: f64) -> String {
    cut(&clean(text), |text| width(text, size) <= room)
}

/// About how wide a line of cleaned text is, in pixels.
///
/// The reader's font is not known here. The pictures ask for Arial; a machine without it
/// shows DejaVu Sans, the widest in common use. These are its widths, rounded up.
pub fn width(text: &str, size: f64) -> f64 {
    text.chars().map(advance).sum::<f64>() * size
}

fn advance(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '\'' | 'I' => 0.30,
        ' ' | '.' | ',' | ':' | ';' | '·' => 0.32,
        'f' | '|' | '-' => 0.37,
        '!' | 't' | 'r' | '(' | ')' | '[' | ']' => 0.42,
        '"' | 'c' | 's' | 'z' | 'J' | 'г' | 'т' | 'з' | 'с' => 0.55,
        'k' | 'v' | 'x' | 'y' | 'к' => 0.60,
        'a' | 'e' | 'o' | 'а' | 'е' | 'о' => 0.62,
        'm' | 'M' | 'м' | 'ф' | 'ш' | 'щ' | 'ы' | 'ю' | 'W' | '%' | '@' | 'М' => {
            1.0
        }
        'w' | 'ж' | 'G' | 'O' | 'Q' | '=' | '+' | '×' | '≤' | '≥' | '<' | '>' => {
            0.84
        }
        'D' | 'H' | 'N' => 0.77,
        'Ж' | 'Ш' | 'Щ' | 'Ю' | 'Ф' | 'Ы' | '…' | '→' => 1.1,
        'A'..='Z' | 'А'..='Я' => 0.73,
        '\u{0300}'..='\u{036f}' | '\u{200d}' | '\u{fe0f}' => 0.0,
        c if c < '\u{1100}' => 0.64,
        '\u{2000}'..='\u{206f}' => 0.64,
        _ => 1.35,
    }
}

/// The longest beginning of `text` that fits, with an ellipsis where something is missing.
fn cut(text: &str, fits: impl Fn(&str) -> bool) -> String {
    if fits(text) {
        return text.to_owned();
    }
    let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let begin = |n: usize| format!("{}…", text[..ends[n]].trim_end());
    let fitting = ends.partition_point(|&end| {
        let n = ends.partition_point(|&other| other < end);
        fits(&begin(n))
    });
    // Position n is the text without its n-th letter and what follows.
    if fitting < 2 { String::new() } else { begin(fitting - 1) }
}

/// Between these two characters a label carries its whole text along through plotters,
/// which knows no tooltips. No text from outside contains them.
const WHOLE: [char; 2] = ['\u{e000}', '\u{e001}'];

/// Like [`fit`]; what is cut has its whole text behind it, for [`without_whole`].
pub(crate) fn fit_with_whole(text: &str, size: f64, room: f64) -> String {
    let (whole, short) = (clean(text), fit(text, size, room));
    if short == whole {
        short
    } else {
        format!("{short}{}{whole}{}", WHOLE[0], WHOLE[1])
    }
}

/// The label as it is seen, and its whole text where it was cut.
pub(crate) fn without_whole(text: &str) -> (&str, Option<&str>) {
    match text.split_once(WHOLE[0]) {
        Some((short, whole)) => (short, Some(whole.trim_end_matches(WHOLE[1]))),
        None => (text, None),
    }
}

/// Cleaned text for an XML document.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_becomes_one_harmless_line() {
        assert_eq!(clean("a\n\tb\u{0}c \u{202e}d\u{ffff}"), "a b c d");
        assert!(clean(&"x".repeat(10_000)).chars().count() <= MOST + 1);
        assert_eq!(escape("<script>&"), "&lt;script&gt;&amp;");
    }

    #[test]
    fn a_long_label_is_cut_to_the_room_there_is() {
        assert_eq!(fit("поток", 12.0, 100.0), "поток");
        let cut = fit("поток исполнения", 12.0, 60.0);
        assert!(cut.ends_with('…') && width(&cut, 12.0) <= 60.0, "{cut}");
        assert!(cut.starts_with("пот"), "{cut}");
        assert_eq!(fit("поток", 12.0, 8.0), "");
        assert_eq!(short("abcdef", 4), "abc…");
        let with = fit_with_whole("поток исполнения", 12.0, 60.0);
        assert_eq!(without_whole(&with), (&*cut, Some("поток исполнения")));
        assert_eq!(without_whole(&fit_with_whole("a", 12.0, 60.0)), ("a", None));
        // Nobody else can have them.
        assert_eq!(clean("a\u{e000}b\u{e001}"), "ab");
    }
}
