//! What the kernel says about itself: evcxr's own words, said before evcxr is ready.

use serde_json::{Value, json};
use std::process::Command;

/// The version of evcxr_jupyter in this program, pinned in Cargo.toml.
const EVCXR: &str = "0.22.0";

/// The content of a `kernel_info_reply`.
pub(crate) fn kernel_info() -> Value {
    json!({
        "status": "ok",
        "protocol_version": "5.3",
        "implementation": "evcxr_jupyter",
        "implementation_version": EVCXR,
        "language_info": {
            "name": "Rust",
            "version": compiler(),
            "mimetype": "text/rust",
            "file_extension": ".rs",
            "pygments_lexer": "rust",
            "codemirror_mode": "rust",
        },
        "banner": format!("EvCxR {EVCXR} - Evaluation Context for Rust"),
        "help_links": [
            { "text": "Rust std docs", "url": "https://doc.rust-lang.org/stable/std/" }
        ],
    })
}

/// The compiler's version: `1.95.0`.
fn compiler() -> String {
    let output = Command::new("rustc").arg("--version").output();
    let text = output.map(|output| output.stdout).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    text.split_whitespace().nth(1).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_names_the_evcxr_that_is_inside_and_the_compiler() {
        assert!(include_str!("../../Cargo.toml").contains(&format!("\"={EVCXR}\"")));
        let version = compiler();
        assert_eq!(version.split('.').count(), 3, "{version}");
    }
}
