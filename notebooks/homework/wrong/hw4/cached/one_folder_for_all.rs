// fails: each folder has its own
use std::path::Path;

/// The value of `compute` for this key: from a file in `folder` if it was computed before,
/// also by another process; computed and put there if not. A file that cannot be read as a
/// number is as good as none.
fn cached(folder: &Path, key: &str, compute: impl FnOnce() -> u64) -> u64 {
    let _ = folder;
    let file = Path::new(key);
    let known = std::fs::read_to_string(&file).ok().and_then(|text| text.parse().ok());
    known.unwrap_or_else(|| {
        let value = compute();
        std::fs::write(&file, value.to_string()).expect("the folder can be written to");
        value
    })
}
