//! Options, text and files as input, bytes that are none.

use crate::map_reduce::{by_hand, folder, word_count};
use potok::ErrorKind;
use potok::map_reduce::*;

#[test]
fn bad_options_are_errors_that_say_what_to_do() {
    let kinds = [
        word_count().reducers(0).over("a").run(),
        word_count().splits(0).over("a").run(),
        word_count().attempts(0).over("a").run(),
        word_count().over("a").on(Threads(0)).run(),
        word_count().partition(|_, n| n).over("a").run(),
    ];
    for (n, result) in kinds.into_iter().enumerate() {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{n}: {error}");
    }
}

#[test]
fn an_empty_input_has_an_empty_result() {
    for result in
        [word_count().over("").run(), word_count().over("\n \n").on(Threads(2)).run()]
    {
        let run = result.unwrap();
        assert!(run.is_empty() && run.top(3).is_empty());
        assert_eq!(run.partitions.len(), 4);
    }
}

#[test]
fn files_are_read_in_splits_like_one_text() {
    let folder = folder("files");
    let text = Zipf::russian(2).text(50_000);
    let (a, b) = text.split_at(text.find('\n').unwrap() + 1);
    std::fs::write(folder.join("a.txt"), a).unwrap();
    std::fs::write(folder.join("below/b.txt"), b).unwrap();
    std::fs::write(folder.join("below/c.md"), "nothing").unwrap();
    for splits in [1, 2, 7, 100] {
        let input = files(folder.join("**/*.txt"));
        let run = word_count().splits(splits).over(input).on(Threads(2)).run().unwrap();
        assert_eq!(run.to_map(), by_hand(&text), "{splits} splits");
    }
    assert_eq!(files(&folder).list().unwrap().len(), 3);
    assert_eq!(files(folder.join("?.txt")).list().unwrap().len(), 1);

    let lines = MapReduce::new(
        |line: &Line, emit| emit(&line.offset, (line.file.clone(), line.to_string())),
        |_, lines| lines.collect::<Vec<_>>(),
    );
    let run = lines.splits(9).over(files(folder.join("below/b.txt"))).run().unwrap();
    for (offset, lines) in run.iter() {
        assert!(b[*offset as usize..].starts_with(&lines[0].1));
        assert!(lines[0].0.ends_with("b.txt"));
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn bytes_that_are_no_text_are_an_error_with_their_place_or_are_replaced() {
    let folder = folder("bytes");
    let path = folder.join("bad");
    std::fs::write(&path, b"good\nba\xffd\ngood\n").unwrap();
    let error = word_count().over(files(&path)).on(Threads(2)).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Undecodable);
    assert!(
        error.to_string().contains("bad") && error.to_string().contains(" 7 "),
        "{error}"
    );
    let run = word_count().over(files(&path).lossy()).run().unwrap();
    assert_eq!(run.top(2), [("good".to_owned(), 2), ("ba\u{fffd}d".to_owned(), 1)]);
    let error = word_count().over(files(folder.join("*.none"))).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    std::fs::remove_dir_all(folder).unwrap();
}
