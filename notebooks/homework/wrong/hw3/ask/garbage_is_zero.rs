// fails: an answer is no number
// fails: an answer is only partly a number
// fails: an answer below zero
/// What the other side answers to each of these questions; or what went wrong, in words: an
/// answer is no number, it does not come within `limit`, or nobody is there any more.
fn ask(
    other: &processes::End<String, String>,
    questions: &[u64],
    limit: std::time::Duration,
) -> Result<Vec<u64>, String> {
    let mut answers = vec![];
    for question in questions {
        other.send(&question.to_string()).map_err(|error| error.to_string())?;
        let answer = other.recv_timeout(limit).map_err(|error| error.to_string())?;
        answers.push(answer.parse().unwrap_or(0));
    }
    Ok(answers)
}
