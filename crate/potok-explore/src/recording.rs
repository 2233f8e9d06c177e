//! Records a run for its picture. The search itself runs without a recording.

use super::execution::{At, State};
use super::operation::ThreadId;
use super::schedule::{Next, Step};

/// What has been recorded so far.
#[derive(Default)]
pub(super) struct Recording {
    /// The values before the first step.
    pub(super) initial: Option<Vec<String>>,
    pub(super) steps: Vec<Step>,
    /// What every thread would do next, before each step.
    pub(super) before: Vec<Vec<Next>>,
    /// The same at the end.
    pub(super) next: Vec<Next>,
    action: String,
}

impl State {
    pub(super) fn begin_step(&mut self, me: ThreadId) {
        self.last = Some(me);
        // A thread makes progress, so the others that yielded to it may continue.
        self.threads[me].gave_way = false;
        for (number, thread) in self.threads.iter_mut().enumerate() {
            thread.yielded &= number == me;
        }
        if self.recording.as_ref().is_some_and(|r| r.initial.is_none()) {
            let values = self.values();
            if let Some(recording) = &mut self.recording {
                recording.initial = Some(values);
            }
        }
    }

    pub(super) fn finish_step(&mut self, me: ThreadId) {
        if self.recording.is_none() {
            return;
        }
        let values = self.values();
        if let Some(recording) = &mut self.recording {
            let action = std::mem::take(&mut recording.action);
            recording.steps.push(Step { thread: me, action, values });
        }
    }

    /// Describes the current step as the program writes it.
    pub(super) fn tell(&mut self, object: usize, words: impl FnOnce() -> String) {
        if let Some(recording) = &mut self.recording {
            recording.action = format!("{}.{}", self.objects[object].name, words());
        }
    }

    /// The same for a step without an object.
    pub(super) fn tell_plain(&mut self, words: &str) {
        if let Some(recording) = &mut self.recording {
            words.clone_into(&mut recording.action);
        }
    }

    /// Called when the next step is chosen: all threads have announced theirs.
    pub(super) fn record_choice(&mut self) {
        if self.recording.is_none() {
            return;
        }
        let next = self.next_of_all();
        if let Some(recording) = &mut self.recording {
            recording.before.push(next);
        }
    }

    pub(super) fn finish_recording(&mut self) {
        if self.recording.is_none() {
            return;
        }
        let next = self.next_of_all();
        let values = self.values();
        if let Some(recording) = &mut self.recording {
            recording.next = next;
            recording.initial.get_or_insert(values);
        }
    }

    fn next_of_all(&self) -> Vec<Next> {
        let next = |(thread, runner): (usize, &super::execution::Runner)| {
            let At::Announced(operation) = &runner.at else { return None };
            let possible = operation.is_step() && self.can(operation);
            Some(Next { thread, action: self.words(operation), possible })
        };
        self.threads.iter().enumerate().filter_map(next).collect()
    }

    fn values(&self) -> Vec<String> {
        self.objects.iter().map(State::value).collect()
    }
}
