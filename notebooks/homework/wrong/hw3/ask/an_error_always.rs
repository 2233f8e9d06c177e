// fails: doubles
// fails: an answer is no number
// fails: an answer never comes
// fails: the other side dies
// fails: an answer is only partly a number
// fails: an answer below zero
// fails: no questions
/// What the other side answers to each of these questions; or what went wrong, in words: an
/// answer is no number, it does not come within `limit`, or nobody is there any more.
fn ask(
    other: &processes::End<String, String>,
    questions: &[u64],
    limit: std::time::Duration,
) -> Result<Vec<u64>, String> {
    let mut answers = vec![];
    for question in questions {
        let _ = (other, question, limit);
    }
    let _: Vec<u64> = answers;
    Err("no answer".to_string())
}
