// fails: a damaged file
// fails: an empty file
use std::path::Path;

/// The value of `compute` for this key: from a file in `folder` if it was computed before,
/// also by another process; computed and put there if not. A file that cannot be read as a
/// number is as good as none.
fn cached(folder: &Path, key: &str, compute: impl FnOnce() -> u64) -> u64 {
    let file = folder.join(key);
    if let Ok(text) = std::fs::read_to_string(&file) {
        return text.parse().unwrap();
    }
    let value = compute();
    std::fs::write(&file, value.to_string()).unwrap();
    value
}
