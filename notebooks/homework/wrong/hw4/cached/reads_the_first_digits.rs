// fails: a damaged file
use std::path::Path;

/// The value of `compute` for this key: from a file in `folder` if it was computed before,
/// also by another process; computed and put there if not. A file that cannot be read as a
/// number is as good as none.
fn cached(folder: &Path, key: &str, compute: impl FnOnce() -> u64) -> u64 {
    let file = folder.join(key);
    let known = std::fs::read_to_string(&file).ok().and_then(|text| {
        let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    });
    known.unwrap_or_else(|| {
        let value = compute();
        std::fs::write(&file, value.to_string()).expect("the folder can be written to");
        value
    })
}
