//! `wall`: runs a program that reads and writes what it is told it may, and nothing else.
//!
//! ```text
//! potok-kernel wall --read /usr --read crate --write /tmp/box -- python inside.py
//! ```
//!
//! The system itself refuses the rest (Landlock): other files, TCP, signals to whoever is
//! outside. Whoever grades has it where there is no bubblewrap; see
//! `notebooks/homework/tools/own_user.py`.
//!
//! *What to notice*: half a wall is none. Where the system knows only some of the rules,
//! nothing is run.

use crate::Result;
use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, Scope, path_beneath_rules,
};
use std::ffi::OsStr;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// The rules that are asked for: those of Linux 6.12.
const RULES: ABI = ABI::V6;

/// What to run, and what it may open.
#[derive(Debug, Default, PartialEq, Eq)]
struct Order<'a> {
    read: Vec<&'a str>,
    write: Vec<&'a str>,
    program: Vec<&'a str>,
}

impl<'a> Order<'a> {
    fn of(args: &[&'a str]) -> Option<Self> {
        let mut order = Order::default();
        let mut rest = args;
        loop {
            rest = match rest {
                ["--read", path, rest @ ..] => {
                    order.read.push(path);
                    rest
                }
                ["--write", path, rest @ ..] => {
                    order.write.push(path);
                    rest
                }
                ["--", program @ ..] if !program.is_empty() => {
                    order.program = program.to_vec();
                    return Some(order);
                }
                _ => return None,
            }
        }
    }
}

/// Runs a program behind the wall, in the place of this one.
///
/// # Errors
/// The system has no such wall, or there is no such program.
pub(crate) fn run(args: &[&str]) -> Result<()> {
    let order = Order::of(args).ok_or(
        "usage: potok-kernel wall [--read <path>]... [--write <path>]... -- <program>...",
    )?;
    stand(&order).map_err(|error| {
        format!("no wall around {}: {error}; it takes Linux 6.12", order.program[0])
    })?;
    let mut program = Command::new(OsStr::new(order.program[0]));
    let error = program.args(&order.program[1..]).exec();
    Err(format!("{}: {error}", order.program[0]).into())
}

fn stand(order: &Order<'_>) -> std::result::Result<(), RulesetError> {
    // A path that is not there needs no rule.
    let read = path_beneath_rules(&order.read, AccessFs::from_read(RULES));
    let write = path_beneath_rules(&order.write, AccessFs::from_all(RULES));
    Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(RULES))?
        .handle_access(AccessNet::from_all(RULES))?
        .scope(Scope::from_all(RULES))?
        .create()?
        // Of a rule for a file, what only directories have is left out.
        .set_compatibility(CompatLevel::BestEffort)
        .add_rules(read)?
        .add_rules(write)?
        .restrict_self()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_names_places_and_then_a_program() {
        let order =
            Order::of(&["--read", "/usr", "--write", "/tmp/x", "--", "ls", "--read"]);
        let wanted = Order {
            read: vec!["/usr"],
            write: vec!["/tmp/x"],
            program: vec!["ls", "--read"],
        };
        assert_eq!(order, Some(wanted));
        assert_eq!(Order::of(&["--read", "/usr", "--"]), None);
        assert_eq!(Order::of(&["--read"]), None);
        assert_eq!(Order::of(&["ls"]), None);
    }
}
