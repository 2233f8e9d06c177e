//! Who reads Russian is told in Russian: whatever the library says stands in a table of
//! words, `words.rs`, which does not compile without both languages.

use super::tidy::{crates, library};

/// Texts that are no messages of ours, by the end of their file and their beginning.
const NO_MESSAGES: [(&str, &str); 18] = [
    ("potok-chart/src/card.rs", "Arial, "),
    ("potok-chart/src/display/mod.rs", "EVCXR_BEGIN_CONTENT"),
    ("potok-homework/src/page.rs", "EVCXR_BEGIN_CONTENT"),
    // What a broken program returns: code that a reader sees and explores.
    ("potok-explore/src/programs/buffer.rs", "all done"),
    ("potok-explore/src/programs/source.rs", "pub fn "),
    ("potok-explore/src/programs/stack.rs", "every node has"),
    // The word of an ending in a schedule's string is the same in all languages.
    ("potok-explore/src/schedule.rs", "not finished"),
    ("potok-mapreduce/src/flow.rs", "Deer Bear"),
    ("potok-mapreduce/src/zipf.rs", "the of and"),
    ("potok-mapreduce/src/zipf.rs", "ba be bi"),
    // What programs and Rust itself say, and what they are told.
    ("potok-mapreduce/src/spark/shell.rs", "export LD_LIBRARY_PATH"),
    ("potok-mapreduce/src/spark/ship.rs", "not found"),
    ("potok-process/src/child_output.rs", "memory allocation of "),
    ("potok-process/src/panics.rs", ""),
    ("potok-process/src/sys.rs", "watch parent"),
    ("potok-process/src/sys/number.rs", "rep movsq"),
    ("potok/src/python/child.rs", "not found"),
    ("potok/src/python/compare.rs", "{JOBS}"),
];

/// What of the kernel speaks below a cell; all else of it goes to a log or a terminal.
const KERNEL: [&str; 11] = [
    "anew.rs",
    "assist.rs",
    "current.rs",
    "failure/compile.rs",
    "failure/death.rs",
    "failure/evcxr.rs",
    "failure/habit.rs",
    "failure/mod.rs",
    "failure/panic.rs",
    "failure/versions.rs",
    "hub/answers.rs",
];

/// Before what the kernel looks for in the words of evcxr, cargo and the compiler.
const HEARD: [&str; 7] = [
    "const ",
    "contains(",
    "said(",
    "split_once(",
    "starts_with(",
    "strip_prefix(",
    "of(wants, ",
];

/// Before a text for programmers: of a mistake that only a change of the code can mend, or
/// for the compiler, which speaks English.
const FOR_PROGRAMMERS: [&str; 10] = [
    "assert!(",
    "panic!(",
    "unreachable!(",
    "expect(",
    "expect_err(",
    "reason = ",
    "must_use = ",
    "message = ",
    "label = ",
    "note = ",
];

/// The texts in quotes of some code, each with the code of its statement before it. Raw
/// texts, which are programs, are passed over.
fn texts(code: &str) -> Vec<(&str, &str)> {
    let (mut found, mut statement, mut at) = (vec![], 0, 0);
    let bytes = code.as_bytes();
    while at < bytes.len() {
        let rest = &code[at..];
        match bytes[at] {
            b'r' if rest.starts_with("r\"") || rest.starts_with("r#") => {
                let hashes = rest[1..].bytes().take_while(|b| *b == b'#').count();
                let end = format!("\"{}", "#".repeat(hashes));
                let begin = hashes + 2;
                let length = rest.get(begin..).and_then(|inside| inside.find(&end));
                at += length.map_or(1, |length| begin + length + end.len());
                continue;
            }
            // A letter in quotes; a lifetime has no second quote.
            b'\'' if rest.starts_with("'\\") => {
                at += 3;
            }
            b'\'' if rest.chars().nth(2) == Some('\'') => {
                at += rest.chars().take(3).map(char::len_utf8).sum::<usize>();
                continue;
            }
            b'"' => {
                let mut end = at + 1;
                while bytes.get(end).is_some_and(|b| *b != b'"') {
                    end += if bytes[end] == b'\\' { 2 } else { 1 };
                }
                found.push((&code[statement..at], &code[at + 1..end.min(code.len())]));
                at = end;
            }
            b';' | b'{' | b'}' => statement = at,
            _ => {}
        }
        at += 1;
        while !code.is_char_boundary(at.min(code.len())) {
            at += 1;
        }
    }
    found
}

/// Whether it has two words of English, one after the other.
fn is_sentence(text: &str) -> bool {
    let word = |word: &str| {
        word.len() > 1 && word.bytes().all(|b| b.is_ascii_alphabetic() || b == b'`')
    };
    let words: Vec<&str> = text.split(' ').collect();
    // Markup, and what a picture is drawn with.
    !text.contains(['<', '#'])
        && words.windows(2).any(|pair| pair.iter().all(|w| word(w)))
}

/// The sentences of a file that stand in no table of words.
fn untold(path: &str, text: &str) -> Vec<String> {
    if path.ends_with("/words.rs")
        || path.contains("/tests/")
        || path.ends_with("/tests.rs")
    {
        return vec![];
    }
    // Nouns and units have both languages beside each other.
    if path.ends_with("language/noun.rs") || path.ends_with("/units.rs") {
        return vec![];
    }
    // Without the unit tests at its end, and without comments.
    let code = ["\n#[cfg(test)]\nmod tests {", "\n#[cfg(all(test"]
        .iter()
        .fold(text, |text, tests| text.split(tests).next().unwrap_or(text));
    let code: Vec<&str> =
        code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    texts(&code)
        .into_iter()
        .filter(|(before, text)| {
            let heard =
                KERNEL.contains(&path) && HEARD.iter().any(|it| before.contains(it));
            is_sentence(text)
                && !heard
                && !FOR_PROGRAMMERS.iter().any(|word| before.contains(word))
                && !NO_MESSAGES.iter().any(|(file, start)| {
                    path.ends_with(file) && text.starts_with(start)
                })
        })
        .map(|(_, text)| format!("{path}: {text}"))
        .collect()
}

#[test]
fn every_sentence_stands_in_a_table_of_words() {
    let kernels = KERNEL.map(|path| {
        let file = crates().join("potok-kernel/src/relay").join(path);
        (path.to_owned(), std::fs::read_to_string(file).unwrap())
    });
    let untold: Vec<String> = library()
        .iter()
        .chain(&kernels)
        .flat_map(|(path, text)| untold(path, text))
        .collect();
    assert!(untold.is_empty(), "put them into `words.rs`: {untold:#?}");
}

#[test]
fn a_sentence_outside_of_the_tables_is_found() {
    let spoilt = "let quote = '\"';\nlet why = '\\'';\n// \"not a text\"\n\
                  let text = format!(\"no room for {n} more\");\n\
                  assert!(n > 0, \"an index is positive\");\n\
                  let how = \"a\\\"b of c\";\nlet program = r#\"print a \"word\" or two\"#;";
    assert_eq!(untold("x/src/y.rs", spoilt), ["x/src/y.rs: no room for {n} more"]);
    assert!(untold("x/src/words.rs", spoilt).is_empty());
}
