// fails: a process that comes later knows it
use std::path::Path;

/// The value of `compute` for this key: from a file in `folder` if it was computed before,
/// also by another process; computed and put there if not. A file that cannot be read as a
/// number is as good as none.
fn cached(folder: &Path, key: &str, compute: impl FnOnce() -> u64) -> u64 {
    let file = folder.join(key);
    use std::collections::HashMap;
    static KNOWN: std::sync::Mutex<Option<HashMap<std::path::PathBuf, u64>>> =
        std::sync::Mutex::new(None);
    let mut known = KNOWN.lock().unwrap();
    *known.get_or_insert_default().entry(file).or_insert_with(compute)
}
