//! What a student is told. Nothing here names a process, a serializer or this crate.

use potok_base::error::{Error, ErrorKind};
use potok_base::kernel;
use potok_base::language::noun::{CALL, Noun};
use potok_base::units::count;
use potok_base::words;

words! {
    points(score, of, passed, checks):
        "{score} of {of} points, {passed} of {checks} checks passed",
        "баллов: {score} из {of}, проверок пройдено: {passed} из {checks}";
    passed: "passed", "пройдено";
    not_yet: "not yet", "ещё нет";
    when_graded(checks, names):
        "{checks} only when it is graded: {names} (the points can change)",
        "{checks} только при оценке: {names} (баллы могут измениться)";
    again(call): "To see it again, in a cell of your own: {call}",
        "Увидеть это снова, в своей ячейке: {call}";
    again_with(call, place): "To see it again, in a cell of your own, with the program of this \
        check in place of {place}: {call}",
        "Увидеть это снова, в своей ячейке, с программой этой проверки на месте {place}: {call}";
    hint_too_many:
        "More at the same time than asked for: is a thread started for each item, \
         or one thread too many?",
        "Одновременно идёт больше, чем нужно: не заводится ли поток на каждый элемент \
         или один поток лишний?";
    hint_one_by_one:
        "One at a time: is there a `join` in the loop that starts the threads, or is a lock \
         held while the work runs?",
        "По одному: нет ли `join` в цикле, который запускает потоки, и не удерживается ли \
         мьютекс, пока идёт работа?";
    hint(n): "Hint {n}", "Подсказка {n}";
    it_printed: "It printed", "Напечатано";
    got(got, expected): "got {got}, expected {expected}", "получено {got}, ожидалось {expected}";
    or: " or ", " или ";
    not_written:
        "not written yet: `todo!()` is still there", "ещё не написано: `todo!()` стоит на месте";
    endless(text):
        "{text}. An endless loop, or threads that wait for each other?",
        "{text}. Бесконечный цикл или потоки, которые ждут друг друга?";
    ended_program(code):
        "ended the whole program (`exit({code})`) instead of returning a value",
        "завершает всю программу (`exit({code})`) вместо того, чтобы вернуть значение";
    too_much_output:
        "printed or returned far more than it should; does a loop print?",
        "напечатано или возвращено намного больше нужного; печатает цикл?";
    unreadable:
        "returned something that could not be read", "вернулось что-то, чего не прочитать";

    // Under every order.
    nothing_to_order:
        "no two threads took steps that could be put in order. Is \
         `use potok::explore::std;` the first line of the module, and \
         do threads, locks and atomics come from `std::`?",
        "нет двух потоков, чьи шаги можно упорядочить. Стоит ли \
         `use potok::explore::std;` первой строкой модуля и взяты ли \
         потоки, мьютексы и атомики из `std::`?";
    orders_wrong(n, tried, order, words):
        "{n} of {tried} orders go wrong; the simplest, `{order}`: {words}",
        "порядков с ошибкой: {n} из {tried}; простейший, `{order}`: {words}";
    too_many_orders(tried):
        "{tried} orders were right, but there are more than can be tried: \
         take fewer steps, and do not wait by looking again and again",
        "порядков без ошибки: {tried}, но есть и непроверенные, их слишком много: \
         делайте меньше шагов и не ждите, заглядывая снова и снова";
    right_always(tried): "right under all {tried} orders", "верно при всех порядках ({tried})";
    order_ended: "the order ended before the program", "порядок кончился раньше программы";
    ends_with(order, ending): "`{order}` ends with {ending}", "`{order}` кончается так: {ending}";
    wanted(ends, wanted): "{ends}; wanted: {wanted}", "{ends}; нужно: {wanted}";

    // At the same time, and under faults.
    inside: "inside", "внутри";
    never_called: "the work was never called", "работа ни разу не вызвана";
    at_most(most, calls, need):
        "at most {most} of {calls} ran at the same time, expected {need}",
        "одновременно выполнялось не больше {most} (всего {calls}), ожидалось {need}";
    or_more(most, calls, need):
        "{most} or more of {calls} ran at the same time, expected {need}",
        "одновременно выполнялось {most} или больше (всего {calls}), ожидалось {need}";
    at_once(most, calls):
        "{most} of {calls} ran at the same time",
        "одновременно выполнялось {most} (всего {calls})";
    with_faults(at, all): "with fault pattern {at} of {all}", "с набором сбоев {at} из {all}";
    with_each(value, all):
        "{value} with each of {all} fault patterns", "{value} при каждом из наборов сбоев ({all})";
    cannot_confine: "cannot confine a check", "не ограничить проверку";
    no_folder(path): "cannot make the folder `{path}`", "не создать папку `{path}`";
}

/// What is not in a student's copy.
const CHECK: Noun = Noun::new("check", ["проверка", "проверки", "проверок"]);

/// So many checks, and which.
pub(crate) fn not_run(names: &[&str]) -> String {
    when_graded(count(names.len(), CHECK), names.join(", "))
}

/// What of a value is shown.
const MOST: usize = 300;

/// A value in a sentence: one line, cut where it is long.
pub(crate) fn short(text: &str) -> String {
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST - 1).chain(['…']).collect()
}

/// Two values that differ.
pub(crate) fn differs(got: &str, expected: &str) -> String {
    self::got(short(got), short(expected))
}

/// Code that is not written yet, if the words of a panic say so.
pub(crate) fn unwritten(said: &str) -> Option<String> {
    said.contains("not yet implemented").then(|| not_written().to_owned())
}

/// The words of a panic. A place in a cell is one in the file that evcxr makes of it: a
/// kernel that `listens` puts the line of the cell there, for others it is left out.
fn panicked(text: &str, listens: bool) -> String {
    let mut places = [" at src/lib.rs:", " в src/lib.rs:"].into_iter();
    let from = places.find_map(|place| text.find(place));
    let to = from.and_then(|from| Some(from + text[from..].find(": ")?));
    let (from, to) = from.zip(to).unwrap_or((text.len(), text.len()));
    let place = if listens { &text[from..to] } else { "" };
    if let Some(text) = unwritten(text) {
        return text + place;
    }
    short(&format!("{}{place}{}", &text[..from], &text[to..]))
}

/// The end of a check that gave no value.
pub(crate) fn ended(error: &Error) -> String {
    let text = error.to_string();
    // `process 123 was killed …`: the number says nothing to anybody.
    let mut names = ["process ", "процесс "].into_iter();
    let numbered = names.find_map(|name| text.strip_prefix(name)?.split_once(' '));
    let text = numbered.map_or(text.as_str(), |(_, rest)| rest);
    match error.kind() {
        ErrorKind::Panicked => panicked(text, kernel::listens()),
        ErrorKind::TimedOut => {
            // The advice behind it is for who set the limit.
            endless(text.split_once("; ").map_or(text, |(late, _)| late))
        }
        ErrorKind::Exited(code) => ended_program(code),
        ErrorKind::OutputLimit => too_much_output().to_owned(),
        _ => text.to_owned(),
    }
}

/// So many calls.
pub(crate) fn calls(n: u64) -> String {
    count(n as usize, CALL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_a_cell_is_for_a_kernel_that_knows_its_line() {
        let said = "panicked at src/lib.rs:7:5: a: b";
        assert_eq!(panicked(said, true), said);
        assert_eq!(panicked(said, false), "panicked: a: b");
        let elsewhere = "panicked at main.rs:7:5: a";
        assert_eq!(panicked(elsewhere, false), elsewhere);
        let stub = "паника в src/lib.rs:7:5: not yet implemented";
        assert!(panicked(stub, true).ends_with(" в src/lib.rs:7:5"));
        assert_eq!(panicked(stub, false), not_written());
    }
}
