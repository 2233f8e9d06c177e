//! What a child tells of an exploration, and what the judge makes of it.

use super::words::{self, short};
use potok_chart::display::Picture;
use potok_explore::{Coverage, Ending, Explorer, Report, Schedule, schedule_picture};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Debug};

/// Of an order, so many steps are told.
const MOST_STEPS: usize = 60;

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

/// A picture as it goes between processes.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Drawn(String, String, String, String);

impl From<Picture> for Drawn {
    fn from(p: Picture) -> Self {
        Drawn(p.title, p.description, p.svg, p.text)
    }
}

impl From<Drawn> for Picture {
    fn from(Drawn(title, description, svg, text): Drawn) -> Self {
        Picture { title, description, svg, text }
    }
}

/// A text that is its own `Debug`.
struct Verbatim(String);

impl Debug for Verbatim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn draw(name: &str, schedule: &Schedule) -> Option<Drawn> {
    schedule_picture(name, schedule).ok().map(Into::into)
}

/// Of what is kept, one schedule is shown: nobody steps through the states.
fn search(explorer: &Explorer, program: TextProgram) -> Report {
    explorer.clone().outcomes_only().explore(move || Verbatim(program()))
}

/// In the child: tries the program under every schedule.
pub(crate) fn explore(
    explorer: &Explorer,
    name: &str,
    program: TextProgram,
    expected: &[String],
) -> Found {
    let report = search(explorer, program);
    let threads = report.outcomes.iter().filter_map(|o| o.schedule.as_ref());
    let threads = threads.map(|schedule| schedule.threads.len()).max().unwrap_or(0);
    let report = report.expect(expected.iter().cloned().map(Verbatim));
    let nothing_seen = report.saw_no_step();
    let worst = report.worst();
    Found {
        schedules: report.schedules,
        all: report.coverage == Coverage::All,
        threads,
        nothing_seen,
        picture: worst.and_then(|o| draw(name, o.schedule.as_ref()?)),
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
        if let Some(unwritten) = words::unwritten(&self.detail) {
            return unwritten;
        }
        match self.word.as_str() {
            "" => words::differs(&self.detail, &expected.join(words::or())),
            word => format!("{word}: {}", short(&self.detail)),
        }
    }
}

/// In the child: runs the program once, under this order.
pub(crate) fn replay(name: &str, program: TextProgram, order: String) -> Replayed {
    match potok_explore::replay(move || Verbatim(program()), &order) {
        Ok(schedule) => {
            let ending = schedule.ending.as_ref();
            let ending = ending.map_or_else(
                || Err(words::order_ended().to_owned()),
                |e| Ok([e.word(), e.name(), e.detail()].map(str::to_owned)),
            );
            Replayed { order, ending, picture: draw(name, &schedule) }
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
    fn the_states_of_a_search_are_not_kept() {
        let program = || format!("{:?}", programs::lost_update());
        let report = format!("{:?}", search(&Explorer::new(), Box::new(program)));
        assert!(report.contains("graph: None"), "{report}");
        let shown = format!("{:?}", Explorer::new().explore(program));
        assert!(shown.contains("graph: Some(Graph("), "{shown}");
    }
}
