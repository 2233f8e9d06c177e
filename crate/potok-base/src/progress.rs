//! A bar that fills while a long job runs.
//!
//! It is shown only in potok's own kernel, only if the job takes more than half a second,
//! and disappears when the job is done: what remains is the result.

use crate::kernel::{self, Shown};
use crate::output;
use crate::sync::lock;
use crate::units::decimal;
use crate::words;
use std::fmt::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// A shorter job has no bar.
const PATIENCE: Duration = Duration::from_millis(500);

/// A bar is redrawn at most this often.
const EVERY: Duration = Duration::from_millis(150);

/// And a line is printed at most this often.
const LINE_EVERY: Duration = Duration::from_secs(1);

/// The progress of a job: steps done, of a total that may be unknown (0). Any thread may
/// count a step.
///
/// # Examples
/// ```
/// use potok::display::ProgressBar;
/// let bar = ProgressBar::new("reading", 3);
/// for _ in 0..3 {
///     bar.step();
/// }
/// assert_eq!(bar.done(), 3);
/// ```
#[derive(Debug)]
pub struct ProgressBar {
    title: String,
    total: usize,
    done: AtomicUsize,
    begun: Instant,
    /// What is shown on the page, and since when.
    page: Option<Mutex<(Shown, Instant)>>,
    /// When the last line was printed, if there is no page and lines are wanted.
    lines: Option<Mutex<Instant>>,
}

impl ProgressBar {
    /// A bar for a job of `total` steps, none of them done.
    pub fn new(title: impl Into<String>, total: usize) -> Self {
        let begun = Instant::now();
        ProgressBar {
            title: title.into(),
            total,
            done: AtomicUsize::new(0),
            begun,
            page: kernel::listens().then(|| Mutex::new((Shown::new(), begun))),
            lines: None,
        }
    }

    /// Prints a line per second to standard error where no bar can be shown.
    #[must_use]
    pub fn in_lines(mut self) -> Self {
        self.lines = self.page.is_none().then(|| Mutex::new(self.begun));
        self
    }

    /// One more step is done.
    pub fn step(&self) {
        self.steps(1);
    }

    /// `n` more steps are done.
    pub fn steps(&self, n: usize) {
        self.done.fetch_add(n, Ordering::Relaxed);
        self.draw();
        self.print();
    }

    /// `done` steps are done in all.
    pub fn set(&self, done: usize) {
        self.done.store(done, Ordering::Relaxed);
        self.draw();
        self.print();
    }

    /// The number of steps done.
    pub fn done(&self) -> usize {
        self.done.load(Ordering::Relaxed)
    }

    fn print(&self) {
        let Some(Ok(mut last)) = self.lines.as_ref().map(Mutex::try_lock) else {
            return;
        };
        if last.elapsed() >= LINE_EVERY {
            *last = Instant::now();
            let time = self.begun.elapsed();
            let line = text_of(&self.title, self.done(), self.total, time);
            output::print_aside(format!("{line}\n").as_bytes());
        }
    }

    fn draw(&self) {
        // If another thread is drawing, it draws for this one too.
        let Some(Ok(mut page)) = self.page.as_ref().map(Mutex::try_lock) else {
            return;
        };
        let since = page.1.elapsed();
        if since < if page.0.begun() { EVERY } else { PATIENCE } {
            return;
        }
        let text = text_of(&self.title, self.done(), self.total, self.begun.elapsed());
        page.0.show(&html_of(&text, self.done(), self.total), &text);
        page.1 = Instant::now();
    }
}

impl Drop for ProgressBar {
    fn drop(&mut self) {
        let Some(page) = &self.page else { return };
        let mut page = lock(page);
        if page.0.begun() {
            page.0.show("", "");
        }
    }
}

/// `reading: 3 of 8, 1.2 s`
fn text_of(title: &str, done: usize, total: usize, time: Duration) -> String {
    words::progress(title, done, total, &decimal(time.as_secs_f64(), 1))
}

fn html_of(text: &str, done: usize, total: usize) -> String {
    let mut label = String::new();
    for c in text.chars() {
        match c {
            '&' => label.push_str("&amp;"),
            '<' => label.push_str("&lt;"),
            c if c.is_control() => label.push(' '),
            c => label.push(c),
        }
    }
    let mut html = String::from("<label>");
    // Without a value the browser shows an indeterminate bar.
    let value = match total {
        0 => String::new(),
        _ => format!(r#" value="{done}" max="{total}""#),
    };
    let _ = write!(html, "<progress{value}></progress> {label}");
    html + "</label>"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_counted_on_all_threads() {
        let bar = ProgressBar::new("x", 100);
        std::thread::scope(|s| {
            for _ in 0..4 {
                s.spawn(|| (0..25).for_each(|_| bar.step()));
            }
        });
        assert_eq!(bar.done(), 100);
    }

    #[test]
    fn a_job_of_unknown_length_says_how_much_is_done() {
        let text = text_of("reading", 7, 0, Duration::from_secs(2));
        assert_eq!(text, "reading: 7, 2.0 s");
        assert!(html_of(&text, 7, 0).contains("<progress></progress>"));
    }

    #[test]
    fn a_title_cannot_break_out_of_the_label() {
        let text = text_of("<b> & \n", 1, 2, Duration::from_millis(1234));
        assert_eq!(text, "<b> & \n: 1 of 2, 1.2 s");
        let html = html_of(&text, 1, 2);
        assert!(html.contains("&lt;b> &amp;  : 1 of 2"), "{html}");
        assert!(html.contains(r#"value="1" max="2""#));
    }
}
