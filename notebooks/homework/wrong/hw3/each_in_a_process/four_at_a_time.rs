// fails: six at once
/// `work` of each item, each in a process of its own and all at once, in the order of items.
fn each_in_a_process(items: Vec<u64>, work: fn(u64) -> u64) -> Vec<Result<u64, String>> {
    let mut results = vec![];
    for some in items.chunks(4) {
        let start = |&item: &u64| processes::fork(move || work(item));
        let children: Vec<_> = some.iter().map(start).collect();
        for child in children {
            let end = child.and_then(|child| child.join());
            results.push(end.map_err(|error| error.to_string()));
        }
    }
    results
}
