// fails: halves
// fails: one crashes
// fails: three at once
// fails: six at once
/// `work` of each item, each in a process of its own and all at once, in the order of items.
fn each_in_a_process(items: Vec<u64>, work: fn(u64) -> u64) -> Vec<Result<u64, String>> {
    vec![]
}
