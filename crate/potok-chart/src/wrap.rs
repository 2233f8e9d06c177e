//! Text over several lines.

use super::label;

/// The lines of a text, each at most `room` pixels wide where its words allow that.
pub fn wrap(text: &str, size: f64, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = vec![];
    // Split before it is cleaned: the spaces within a number do not break.
    let words = text.split([' ', '\n', '\t']).map(label::clean);
    for word in words.filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if label::width(&format!("{line} {word}"), size) <= room => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(label::fit(&word, size, room)),
        }
    }
    if lines.is_empty() { vec![String::new()] } else { lines }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_than_the_room() {
        let lines = wrap("one two three four five six", 12.0, 60.0);
        assert_eq!(lines.join(" "), "one two three four five six");
        assert!(lines.len() > 2);
        assert!(lines.iter().all(|line| label::width(line, 12.0) <= 60.0));
        assert_eq!(wrap("", 12.0, 60.0), [""]);
    }

    #[test]
    fn a_number_stays_on_one_line() {
        let lines = wrap("four reducers → 26\u{202f}684 keys", 12.0, 100.0);
        assert!(lines.iter().any(|line| line.contains("26 684")), "{lines:?}");
    }
}
