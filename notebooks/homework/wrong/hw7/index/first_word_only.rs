// fails: the words of a page
// fails: on two threads
// fails: the same on one thread, threads and processes
// fails: words of any kind
/// The words of a line `page: words …`, each with the number of the page.
fn words_of(line: &str) -> Vec<(String, u32)> {
    let (page, text) = line.split_once(": ").expect("a page, a colon, its text");
    let page: u32 = page.parse().expect("the number of a page");
    text.split_whitespace().take(1).map(|word| (word.to_lowercase(), page)).collect()
}

/// The pages of a word, each of them once, in ascending order.
fn pages_of(mut pages: Vec<u32>) -> Vec<u32> {
    pages.sort();
    pages.dedup();
    pages
}
