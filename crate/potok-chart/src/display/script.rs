//! A part of a page that a script brings to life.
//!
//! *What to notice*: the part is whole without its script, and a page that is not trusted
//! drops the script. All that the script needs stands in the same output: nothing is
//! fetched, and no name of the page is used.

use potok_base::output::json_string;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// A part of a page and its script: a function, written as an expression. It is called
/// with the class of the part and with `data`, expressions as well.
///
/// Its lines are joined, so a comment needs a line of its own.
pub fn scripted(name: &str, page: &str, script: &str, data: &[String]) -> String {
    let mut hasher = DefaultHasher::new();
    (page, data).hash(&mut hasher);
    let key = format!("potok-{name}-{:016x}", hasher.finish());
    let lines = script.lines().map(str::trim).filter(|line| !line.starts_with("//"));
    let script = lines.collect::<Vec<_>>().join(" ");
    format!(
        r#"<div class="{key}">{page}</div><script>{script}("{key}", {});</script>"#,
        data.join(", ")
    )
}

/// A text as a script has it; it cannot end the script.
pub fn script_text(text: &str) -> String {
    json_string(text).replace('<', "\\u003c")
}

/// A list of texts as a script has it.
pub fn script_list<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let texts: Vec<String> = texts.into_iter().map(script_text).collect();
    format!("[{}]", texts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_called_with_its_part_of_the_page() {
        let script = "(function (key, n) {\n  // why\n  use(key, n);\n})\n";
        let html = scripted("x", "<p>page</p>", script, &["[1]".into()]);
        let key = html.split('"').nth(1).unwrap();
        let rest = format!("(function (key, n) {{ use(key, n); }})(\"{key}\", [1]);");
        let page = format!("<div class=\"{key}\"><p>page</p></div>");
        assert_eq!(html, format!("{page}<script>{rest}</script>"));
        let other = scripted("x", "<p>page</p>", script, &["[2]".into()]);
        assert!(!other.contains(key), "two of them are told apart by their data");
    }

    #[test]
    fn a_text_cannot_end_the_script() {
        let list = script_list(["</script>", "a \"b\"\n"]);
        assert_eq!(list, r#"["\u003c/script>", "a \"b\"\u000a"]"#);
    }
}
