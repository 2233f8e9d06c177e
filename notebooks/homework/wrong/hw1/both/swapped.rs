// fails: both results, the left one first
/// Runs `left` and `right` at the same time; their results in this order.
fn both(
    left: impl FnOnce() -> u64 + Send,
    right: impl FnOnce() -> u64 + Send,
) -> (u64, u64) {
    std::thread::scope(|s| {
        let left = s.spawn(left);
        let right = right();
        (right, left.join().unwrap())
    })
}
