//! A picture: an SVG for a page, a text for everybody else.

use std::fmt::Write as _;

/// A finished picture: an SVG document and a text that says the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// What it shows, in a few words.
    pub title: String,
    /// What there is to see in it, in a sentence or two.
    pub description: String,
    /// A complete SVG document.
    pub svg: String,
    /// The same for a terminal: mostly a table.
    pub text: String,
}

impl Picture {
    /// The picture as an `<img>` with its description, for a page.
    ///
    /// An image of its own rather than inline SVG: pages of other people's notebooks show
    /// it without running anything, and names inside two pictures cannot clash.
    pub fn to_html(&self) -> String {
        let alt = escape(&format!("{}. {}", self.title, self.description));
        let mut source = String::with_capacity(self.svg.len() * 5 / 4);
        for c in self.svg.chars() {
            match c {
                '\n' => source.push(' '),
                '"' | '#' | '%' | '&' | '<' | '>' => {
                    let _ = write!(source, "%{:02X}", u32::from(c));
                }
                c => source.push(c),
            }
        }
        format!(r#"<img alt="{alt}" src="data:image/svg+xml;charset=utf-8,{source}">"#)
    }
}

/// Text made safe for HTML and for an attribute; a line break becomes a space.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_gets_one_line_that_nothing_can_break_out_of() {
        let picture = Picture {
            title: "a <b> \"c\"".into(),
            description: "two\nlines".into(),
            svg: "<svg xmlns=\"http://www.w3.org/2000/svg\"><text>50 % #1 поток</text></svg>".into(),
            text: "x".into(),
        };
        let html = picture.to_html();
        assert!(!html.contains('\n'));
        assert_eq!(html.matches('<').count(), 1);
        assert_eq!(html.matches('"').count(), 4);
        assert!(html.contains("a &lt;b&gt; &quot;c&quot;. two lines"));
        assert!(html.contains("50 %25 %231 поток"));
    }
}
