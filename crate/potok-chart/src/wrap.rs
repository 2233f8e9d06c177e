//! Text over several lines.

use super::label;

/// The lines of a text, each at most `room` pixels wide where its words allow that.
pub fn wrap(text: &str, size: f64, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = vec![];
    for word in label::clean(text).split(' ') {
        match lines.last_mut() {
            Some(line) if label::width(&format!("{line} {word}"), size) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(label::fit(word, size, room)),
        }
    }
    lines
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
}
