// fails: one crashes
/// `work` of each item, each in a process of its own and all at once, in the order of items.
fn each_in_a_process(items: Vec<u64>, work: fn(u64) -> u64) -> Vec<Result<u64, String>> {
    let start = |item| processes::fork(move || work(item)).unwrap();
    let children: Vec<_> = items.into_iter().map(start).collect();
    children.into_iter().map(|child| Ok(child.join().unwrap())).collect()
}
