//! Words that are counted. English has one plural, Russian has two.
//!
//! ```
//! use potok_base::language::noun::THREAD;
//! use potok_base::language::{Language, within};
//! use potok_base::units::count;
//!
//! assert_eq!([1, 2, 5].map(|n| count(n, THREAD)), ["1 thread", "2 threads", "5 threads"]);
//! let russian = within(Language::Russian, || [1, 2, 5].map(|n| count(n, THREAD)));
//! assert_eq!(russian, ["1 поток", "2 потока", "5 потоков"].map(|n| n.replace(' ', "\u{a0}")));
//! ```

use super::{Language, current};

/// A noun with its plurals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noun {
    english: &'static str,
    russian: [&'static str; 3],
}

impl Noun {
    /// A noun by its singular in English and its forms behind 1, 2 and 5 in Russian.
    pub const fn new(english: &'static str, russian: [&'static str; 3]) -> Self {
        Noun { english, russian }
    }

    /// The form behind `n`: `1 thread`, `2 threads`; `1 поток`, `2 потока`, `5 потоков`.
    pub(crate) fn behind(self, n: usize) -> String {
        match current() {
            Language::English => english(self.english, n),
            Language::Russian => {
                let [one, few, many] = self.russian;
                plural(n, one, few, many).to_owned()
            }
        }
    }

    /// The form behind "of `n`": `of 2 threads`; `из 1 потока`, `из 5 потоков`.
    pub(crate) fn of(self, n: usize) -> String {
        match current() {
            Language::English => english(self.english, n),
            Language::Russian => {
                let [_, few, many] = self.russian;
                plural(n, few, many, many).to_owned()
            }
        }
    }
}

fn english(noun: &str, n: usize) -> String {
    if n == 1 { noun.to_owned() } else { format!("{noun}s") }
}

/// The Russian form behind `n` of those that stand behind 1, 2 and 5.
///
/// # Examples
/// ```
/// use potok_base::language::noun::plural;
/// let threads = |n| plural(n, "поток", "потока", "потоков");
/// assert_eq!([21, 22, 111].map(threads), ["поток", "потока", "потоков"]);
/// ```
pub fn plural<'a>(n: usize, one: &'a str, few: &'a str, many: &'a str) -> &'a str {
    match (n % 10, n % 100) {
        (1, tens) if tens != 11 => one,
        (2..=4, tens) if !(12..=14).contains(&tens) => few,
        _ => many,
    }
}

macro_rules! nouns {
    ($($name:ident: $english:literal, $one:literal $few:literal $many:literal;)*) => {
        $(
            #[doc = concat!("`", $english, "`, `", $one, "`.")]
            pub const $name: Noun = Noun::new($english, [$one, $few, $many]);
        )*
    };
}

nouns! {
    BAR: "bar", "столбик" "столбика" "столбиков";
    CALL: "call", "вызов" "вызова" "вызовов";
    CHECK: "check", "проверка" "проверки" "проверок";
    CLIENT: "client", "клиент" "клиента" "клиентов";
    COFFEE_MACHINE: "coffee machine", "кофемашина" "кофемашины" "кофемашин";
    CORE: "core", "ядро" "ядра" "ядер";
    CUSTOMER: "customer", "покупатель" "покупателя" "покупателей";
    HANDOVER: "handover", "передача" "передачи" "передач";
    ITEM: "item", "элемент" "элемента" "элементов";
    KEY: "key", "ключ" "ключа" "ключей";
    LABEL: "label", "подпись" "подписи" "подписей";
    LANE: "lane", "дорожка" "дорожки" "дорожек";
    MACHINE: "machine", "кофемашина" "кофемашины" "кофемашин";
    MAP_TASK: "map task", "map-задача" "map-задачи" "map-задач";
    MARK: "mark", "отметка" "отметки" "отметок";
    MESSAGE: "message", "сообщение" "сообщения" "сообщений";
    MORE_OBJECT: "more object", "объект" "объекта" "объектов";
    OUTCOME: "outcome", "исход" "исхода" "исходов";
    PAIR: "pair", "пара" "пары" "пар";
    PREEMPTION: "preemption", "вытеснение" "вытеснения" "вытеснений";
    QUEUE: "queue", "очередь" "очереди" "очередей";
    RECORD: "record", "запись" "записи" "записей";
    REDUCER: "reducer", "редьюсер" "редьюсера" "редьюсеров";
    REDUCE_TASK: "reduce task", "reduce-задача" "reduce-задачи" "reduce-задач";
    RUN: "run", "прогон" "прогона" "прогонов";
    SCHEDULE: "schedule", "расписание" "расписания" "расписаний";
    SHORTER_LABEL: "shorter label", "более короткая подпись" "более короткие подписи" "более коротких подписей";
    SHORT_SPAN: "short span", "короткий отрезок" "коротких отрезка" "коротких отрезков";
    SPAN: "span", "отрезок" "отрезка" "отрезков";
    SPLIT: "split", "часть входа" "части входа" "частей входа";
    STEP: "step", "шаг" "шага" "шагов";
    THREAD: "thread", "поток" "потока" "потоков";
    WORKER: "worker", "рабочий" "рабочих" "рабочих";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::within;

    #[test]
    fn russian_plurals() {
        let form = |n| plural(n, "поток", "потока", "потоков");
        for (forms, numbers) in [
            ("поток", &[1, 21, 31, 101, 1_001][..]),
            ("потока", &[2, 3, 4, 22, 34, 102, 1_004]),
            ("потоков", &[0, 5, 9, 10, 11, 12, 14, 19, 20, 25, 111, 112, 211, 1_013]),
        ] {
            for &n in numbers {
                assert_eq!(form(n), forms, "{n}");
            }
        }
    }

    #[test]
    fn the_form_behind_of_is_another() {
        let of = || [1, 2, 21, 5, 11].map(|n| THREAD.of(n));
        let russian = ["потока", "потоков", "потока", "потоков", "потоков"];
        assert_eq!(within(Language::Russian, of), russian);
        assert_eq!(of(), ["thread", "threads", "threads", "threads", "threads"]);
    }
}
