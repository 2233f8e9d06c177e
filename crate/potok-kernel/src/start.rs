//! What Jupyter launches: a relay with an inner kernel behind it, and order afterwards.

use crate::inner::Inner;
use crate::relay::{self, Connection};
use crate::{Result, say, spare, sys};
use std::path::Path;
use std::process::ExitCode;

/// Runs a kernel until Jupyter shuts it down.
pub(crate) fn start(connection: &str, potok: &str) -> ExitCode {
    match run(connection, potok) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

fn run(connection: &str, potok: &str) -> Result<()> {
    // Blocked before anything is made, so that a signal cannot leave it lying about.
    let ending = sys::Ending::block()?;
    let front = Connection::read(connection)?;
    // It may change the environment: no thread is there yet.
    enter_original()?;
    end_with_jupyter();
    let inner = || {
        let inner = Inner::adopt_or_start(potok)?;
        spare::prepare_later(&inner, potok);
        Ok(inner)
    };
    relay::run(&front, inner, ending)
}

/// A notebook in `notebooks/ru` is one of `notebooks` in another language. Its cells are the
/// same, byte for byte, and so are the paths in them: it runs where the original does, and
/// speaks Russian, unless somebody asked for another language by name.
fn enter_original() -> Result<()> {
    let Ok(here) = std::env::current_dir() else { return Ok(()) };
    if let Some(original) = original(&here) {
        std::env::set_current_dir(original)
            .map_err(|error| format!("{}: {error}", original.display()))?;
    }
    if in_russian(&here) {
        sys::set_variable(LABELS, here.join("labels.tsv"));
        if !chosen(std::env::var(potok_words::VARIABLE).ok().as_deref()) {
            sys::set_variable(potok_words::VARIABLE, "ru");
        }
    }
    Ok(())
}

/// The variable that names the list of what the pictures show for the titles and names in
/// the cells' code; see `potok_base::language::labels`.
const LABELS: &str = "POTOK_LABELS";

/// Whether somebody chose a language: a locale is no choice, it is what the machine says.
fn chosen(language: Option<&str>) -> bool {
    language.is_some_and(|language| !language.is_empty())
}

/// Whether a notebook here is Russian: one of the lecture, or of homework, which stays in its
/// folder since that is as far from the library as the original's.
fn in_russian(here: &Path) -> bool {
    let homework = here.parent().is_some_and(|above| above.ends_with("homework/ru"));
    homework || here.ends_with("notebooks/ru")
}

fn original(here: &Path) -> Option<&Path> {
    let above = here.parent()?;
    (here.ends_with("notebooks/ru") && above.is_dir()).then_some(above)
}

/// Ends this kernel when the program that started it has died without a word. Jupyter says
/// by this variable that it wants it so.
fn end_with_jupyter() {
    let jupyter = std::env::var("JPY_PARENT_PID").ok().and_then(|pid| pid.parse().ok());
    let Some(jupyter) = jupyter.filter(|pid| *pid == sys::parent()) else { return };
    if let Ok(jupyter) = sys::Process::watch(jupyter) {
        std::thread::spawn(move || {
            jupyter.wait();
            sys::ask_to_end();
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_that_is_named_goes_before_that_of_the_notebook() {
        assert!(chosen(Some("en")));
        assert!(!chosen(None) && !chosen(Some("")));
    }

    #[test]
    fn the_lecture_and_homework_below_ru_are_russian() {
        let russian = |path| in_russian(Path::new(path));
        assert!(russian("/x/notebooks/ru") && russian("/x/notebooks/homework/ru/hw1"));
        assert!(
            !russian("/x/notebooks") && !russian("/x/notebooks/homework/source/hw1")
        );
        assert!(!russian("/home/ru") && !russian("/home/ru/hw1") && !russian("/"));
    }

    #[test]
    fn only_a_translation_runs_beside_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().join(path);
        std::fs::create_dir_all(at("notebooks/ru")).unwrap();
        assert_eq!(original(&at("notebooks/ru")), Some(&*at("notebooks")));
        assert_eq!(original(&at("notebooks")), None);
        assert_eq!(original(&at("home/ru")), None);
        assert_eq!(original(&at("notebooks/homework/ru/hw1")), None);
    }
}
