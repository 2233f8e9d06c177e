//! What a child tells of an exploration, and what the judge makes of it.

use super::check::Again;
use super::words::{self, short};
use potok_chart::display::Picture;
use potok_explore::{
    Coverage, Ending, Explorer, Outcome, Report, Schedule, schedule_picture_of,
};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Debug};

/// Of an order, so many steps are told.
const MOST_STEPS: usize = 60;

/// What a check is called, and the type of its program.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Name<'a> {
    pub(crate) check: &'a str,
    pub(crate) program: &'a str,
}

impl Name<'_> {
    /// How a cell calls the program: a function has the name of its type, a closure has none.
    fn written(self) -> Option<String> {
        let (of, path) = self.program.split_once("::")?;
        let is_name =
            |part: &str| part.chars().all(|c| c.is_alphanumeric() || c == '_');
        let known = path.split("::").all(|part| !part.is_empty() && is_name(part));
        // The library's own may stand in a module that has no name outside of it.
        (known && !of.starts_with("potok_explore")).then(|| path.to_owned())
    }
}

/// In the place of a program without a name.
const SOME: &str = "…";

/// A program whose value comes as text.
pub(crate) type TextProgram = Box<dyn Fn() -> String + Send>;

/// What a child tells of an exploration.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Found {
    schedules: usize,
    /// Whether these were all that there are.
    all: bool,
    threads: usize,
    nothing_seen: bool,
    /// Somewhere the answer is not written yet; what else comes of it is no news.
    unwritten: bool,
    trouble: Option<String>,
    worst: Option<Worst>,
    pub(crate) picture: Option<Drawn>,
}

/// The worst of what came out, if anything was not right.
#[derive(Debug, Serialize, Deserialize)]
struct Worst {
    orders: usize,
    simplest: Option<String>,
    /// Empty for a value.
    word: String,
    detail: String,
    cut: bool,
}

/// What a child tells of one order.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Replayed {
    order: String,
    ending: Result<[String; 3], String>,
    pub(crate) picture: Option<Drawn>,
}

/// A picture as it goes between processes, and the call that shows it again.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Drawn([String; 4], Again);

/// The picture, and the call.
pub(crate) fn apart(drawn: Option<Drawn>) -> (Option<Picture>, Option<Again>) {
    let Some(Drawn([title, description, svg, text], again)) = drawn else {
        return (None, None);
    };
    (Some(Picture { title, description, svg, text }), Some(again))
}

/// A text that is its own `Debug`.
struct Verbatim(String);

impl Debug for Verbatim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn draw(name: Name<'_>, schedule: &Schedule) -> Option<Drawn> {
    if schedule.steps.is_empty() {
        return None;
    }
    let written = name.written();
    let program = written.as_deref().unwrap_or(SOME);
    let again = Again { call: schedule.again(program), whole: written.is_some() };
    let p = schedule_picture_of(name.check, schedule, program).ok()?;
    Some(Drawn([p.title, p.description, p.svg, p.text], again))
}

/// Of what is kept, one schedule is shown: nobody steps through the states.
fn search(explorer: &Explorer, program: TextProgram) -> Report {
    explorer.clone().outcomes_only().explore(move || Verbatim(program()))
}

/// In the child: tries the program under every schedule.
pub(crate) fn explore(
    explorer: &Explorer,
    name: Name<'_>,
    program: TextProgram,
    expected: &[String],
) -> Found {
    let report = search(explorer, program);
    let threads = report.outcomes.iter().filter_map(|o| o.schedule.as_ref());
    let threads = threads.map(|schedule| schedule.threads.len()).max().unwrap_or(0);
    let unwritten = |o: &Outcome| words::unwritten(o.ending.detail()).is_some();
    let unwritten = report.outcomes.iter().any(unwritten);
    let report = report.expect(expected.iter().cloned().map(Verbatim));
    let nothing_seen = report.saw_no_step();
    let worst = report.worst();
    Found {
        schedules: report.schedules,
        all: report.coverage == Coverage::All,
        threads,
        nothing_seen,
        unwritten,
        picture: worst
            .filter(|_| !unwritten)
            .and_then(|o| draw(name, o.schedule.as_ref()?)),
        worst: worst.map(|o| Worst {
            orders: o.count,
            simplest: o.schedule.as_ref().map(|schedule| schedule.choices.clone()),
            word: o.ending.name().to_owned(),
            detail: o.ending.detail().to_owned(),
            cut: matches!(o.ending, Ending::Unfinished(_)),
        }),
        trouble: report.trouble,
    }
}

impl Found {
    /// In the parent: only a program that is right under all orders, of two threads at
    /// least, passes.
    pub(crate) fn judge(&self, expected: &[String]) -> Result<String, String> {
        let tried = self.schedules;
        if self.unwritten {
            return Err(words::not_written().to_owned());
        }
        if self.nothing_seen || self.worst.is_none() && (self.threads < 2 || tried < 2)
        {
            // It panicked before its first step, or is wrong whatever the order.
            let right = |w: &Worst| w.word.is_empty() && expected.contains(&w.detail);
            if let Some(worst) = self.worst.as_ref().filter(|w| !w.cut && !right(w)) {
                return Err(worst.words(expected));
            }
            return Err(words::nothing_to_order().to_owned());
        }
        let wrong = self.worst.as_ref().filter(|worst| !worst.cut);
        if let Some(worst) = wrong {
            let told = worst.words(expected);
            // What is the same under every order is no question of the order.
            return Err(match &worst.simplest {
                Some(order) if worst.orders < tried && !order.is_empty() => {
                    words::orders_wrong(worst.orders, tried, beginning(order), told)
                }
                _ => told,
            });
        }
        if let Some(trouble) = &self.trouble {
            return Err(short(trouble));
        }
        if !self.all || self.worst.is_some() {
            return Err(words::too_many_orders(tried));
        }
        Ok(words::right_always(tried))
    }
}

/// Of an order without an end, such as a livelock's, the beginning says it all.
fn beginning(order: &str) -> String {
    match order.char_indices().nth(MOST_STEPS) {
        Some((end, _)) => format!("{}…", &order[..end]),
        None => order.to_owned(),
    }
}

impl Worst {
    fn words(&self, expected: &[String]) -> String {
        match self.word.as_str() {
            "" => words::differs(&self.detail, &expected.join(words::or())),
            word => format!("{word}: {}", short(&self.detail)),
        }
    }
}

/// In the child: runs the program once, under this order.
pub(crate) fn replay(name: Name<'_>, program: TextProgram, order: String) -> Replayed {
    match potok_explore::replay(move || Verbatim(program()), &order) {
        Ok(schedule) => {
            let ending = schedule.ending.as_ref();
            let ending = ending.map_or_else(
                || Err(words::order_ended().to_owned()),
                |e| match words::unwritten(e.detail()) {
                    Some(unwritten) => Err(unwritten),
                    None => Ok([e.word(), e.name(), e.detail()].map(str::to_owned)),
                },
            );
            let unwritten = ending.as_ref().is_err_and(|it| it == words::not_written());
            let picture = if unwritten { None } else { draw(name, &schedule) };
            Replayed { order, ending, picture }
        }
        Err(error) => Replayed { order, ending: Err(error.to_string()), picture: None },
    }
}

impl Replayed {
    /// In the parent: it ended as it should, by a word (`deadlock`) or a value.
    pub(crate) fn judge(&self, wanted: &str) -> Result<String, String> {
        let [word, name, detail] = self.ending.as_ref().map_err(Clone::clone)?;
        let reached = if word.is_empty() { detail == wanted } else { word == wanted };
        let kind = if word.is_empty() { "" } else { ": " };
        let ending = format!("{name}{kind}{}", short(detail));
        let ends = words::ends_with(short(&self.order), ending);
        if reached { Ok(ends) } else { Err(words::wanted(ends, wanted)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use potok_explore::programs;

    #[test]
    fn a_function_is_written_by_its_name_and_a_closure_is_not() {
        fn named<T>(program: &T) -> Option<String> {
            Name { check: "", program: std::any::type_name_of_val(program) }.written()
        }
        assert_eq!(named(&programs::lost_update), None);
        let own = named(&a_function_is_written_by_its_name_and_a_closure_is_not);
        assert!(own.unwrap().starts_with("explored::tests::a_function_is_"));
        assert_eq!(named(&|| 1), None);
        assert_eq!(named(&named::<u8>), None);
        assert_eq!(named(&(programs::lost_update as fn() -> u32)), None);
    }

    #[test]
    fn the_states_of_a_search_are_not_kept() {
        let program = || format!("{:?}", programs::lost_update());
        let report = format!("{:?}", search(&Explorer::new(), Box::new(program)));
        assert!(report.contains("graph: None"), "{report}");
        let shown = format!("{:?}", Explorer::new().explore(program));
        assert!(shown.contains("graph: Some(Graph("), "{shown}");
    }
}
