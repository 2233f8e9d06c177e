// fails: of two
// fails: one is left over
// fails: each item once
// fails: all of that size but the last
// fails: no items
/// The items in batches of this size; the last one has what is left.
fn batches<T>(items: Vec<T>, size: usize) -> Vec<Vec<T>> {
    let mut items = items.into_iter();
    let mut batches: Vec<Vec<T>> = vec![];
    loop {
        let batch: Vec<T> = items.by_ref().take(size).collect();
        batches.push(batch);
        return batches;
    }
}
