// fails: both results, the left one first
// fails: both at once
// fails: work that borrows
/// Runs `left` and `right` at the same time; their results in this order.
fn both(
    left: impl FnOnce() -> u64 + Send,
    right: impl FnOnce() -> u64 + Send,
) -> (u64, u64) {
    std::thread::scope(|_| {
        (0, 0)
    })
}
