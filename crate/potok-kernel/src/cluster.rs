//! `potok-kernel cluster`: a Spark cluster on this machine, by the library's own script.

use crate::{Result, library};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Starts a cluster. Called from a notebook it ends with the notebook's kernel.
pub(crate) fn up(workers: &str) -> Result<()> {
    if workers.parse::<u32>().is_err() {
        return Err(format!("`{workers}` workers; give a number from 1 to 64").into());
    }
    let in_notebook = std::env::var_os("POTOK_WORKER").is_some();
    let caller = if in_notebook { std::os::unix::process::parent_id() } else { 0 };
    run(&["up", workers, &caller.to_string()])
}

/// Passes a command on to the script.
pub(crate) fn run(args: &[&str]) -> Result<()> {
    let potok = library::usual()?;
    let potok = Path::new(&potok);
    let chosen = std::env::var_os("POTOK_SPARK").filter(|place| !place.is_empty());
    let usual = || potok.join("../../build/spark");
    let python = chosen.map_or_else(usual, PathBuf::from).join("bin/python");
    if !python.exists() {
        return Err("Apache Spark is not installed; `make setup-spark` does it (about \
                    540 MB, Java 17), or let POTOK_SPARK name a virtual environment with \
                    pyspark"
            .into());
    }
    let script = potok.join("../potok-mapreduce/src/spark/cluster.py");
    let mut command = Command::new(python);
    command.args(["-X", "utf8"]).arg(script).args(args);
    let status = command.env("PYTHONDONTWRITEBYTECODE", "1").status()?;
    // The script has said what is wrong.
    if status.success() { Ok(()) } else { Err("no cluster, see above".into()) }
}
