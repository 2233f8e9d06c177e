// fails: the third is good
// fails: none is good
/// `work` of an item, tried again after an error, up to `attempts` times; the last error.
fn with_retries(
    attempts: u32,
    work: &dyn Fn(u32) -> Result<u64, String>,
) -> Result<u64, String> {
    let mut last = Err("no attempt".to_string());
    for attempt in 0..attempts {
        last = work(0 * attempt);
        if last.is_ok() {
            break;
        }
    }
    last
}
