//! What a kernel takes from the machine: ports, disk, memory.

use super::{Finding, gigabytes};
use crate::{owned, paths};
use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::Duration;

/// A session's copy of the template and what its cells leave there, generously.
const DISK: u64 = 2_000_000_000;

/// One kernel, with rust-analyzer in it, and a spare one.
const MEMORY: u64 = 1_500_000_000;

/// What Jupyter talks to a kernel by, on 127.0.0.1. The sockets behind the relay have no
/// ports.
const PORTS: usize = 5;

/// Whether there are ports, and one that is called answers.
pub(super) fn ports() -> Finding {
    let what = "ports";
    let bind = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let talk = |listener: &TcpListener| -> std::io::Result<u8> {
        let to = listener.local_addr()?;
        let mut near = TcpStream::connect_timeout(&to, Duration::from_secs(5))?;
        let (mut far, _) = listener.accept()?;
        near.write_all(&[7])?;
        let mut byte = [0];
        far.set_read_timeout(Some(Duration::from_secs(5)))?;
        far.read_exact(&mut byte)?;
        Ok(byte[0])
    };
    let listeners: Result<Vec<_>, _> = (0..PORTS).map(|_| bind()).collect();
    match listeners.and_then(|all| talk(&all[0])) {
        Ok(7) => {
            Finding::good(what, format!("{PORTS} free on 127.0.0.1, and they answer"))
        }
        Ok(_) => Finding::bad(what, "127.0.0.1 answers with something else", &[]),
        Err(error) => Finding::bad(
            what,
            format!("127.0.0.1 cannot be used: {error}"),
            &["sudo ip link set lo up"],
        ),
    }
}

/// Room for sessions.
pub(super) fn disk() -> Finding {
    let what = "disk";
    let cache = match paths::sessions().and_then(|_| paths::cache()) {
        Ok(cache) => cache,
        Err(error) => {
            let said = error.to_string();
            return Finding::bad(
                what,
                said,
                &[
                    "XDG_CACHE_HOME=/some/dir make lab     # another place for the compiled kernel",
                ],
            );
        }
    };
    let cache = cache.path();
    match owned::free_space(cache) {
        Ok(free) => enough(what, free, DISK, &format!("free in {}", cache.display())),
        Err(error) => Finding::bad(what, format!("{}: {error}", cache.display()), &[]),
    }
}

fn enough(what: &'static str, free: u64, needed: u64, place: &str) -> Finding {
    let said = format!("{} {place}", gigabytes(free));
    if free >= needed {
        return Finding::good(what, said);
    }
    let said = format!("{said}; a class needs {}", gigabytes(needed));
    Finding::bad(what, said, &["du -sh ~/.cache/* | sort -h     # what takes the room"])
}

/// Memory that a new kernel can have.
pub(super) fn memory() -> Finding {
    let what = "memory";
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let limit = read("/sys/fs/cgroup/memory.max");
    let used = read("/sys/fs/cgroup/memory.current");
    let Some(free) = available(&read("/proc/meminfo"), &limit, &used) else {
        return Finding::good(what, "this system does not say how much is free");
    };
    let said = format!("{} free", gigabytes(free));
    if free >= MEMORY {
        return Finding::good(what, said);
    }
    let said = format!(
        "{said}; a kernel and a spare one take {}: close programs, or do without the spare",
        gigabytes(MEMORY)
    );
    Finding::note(what, said, "POTOK_SPARE=0 make lab")
}

/// What the system calls available, within what a container allows.
fn available(meminfo: &str, limit: &str, used: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let free = line.split_whitespace().next()?.parse::<u64>().ok()? * 1024;
    let number = |text: &str| text.trim().parse::<u64>().ok();
    match (number(limit), number(used)) {
        (Some(limit), Some(used)) => Some(free.min(limit.saturating_sub(used))),
        _ => Some(free),
    }
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    #[test]
    fn a_container_may_allow_less_than_the_system_has() {
        let meminfo = "MemTotal: 100 kB\nMemAvailable:     50 kB\n";
        assert_eq!(available(meminfo, "max\n", "1\n"), Some(51_200));
        assert_eq!(available(meminfo, "3000\n", "1000\n"), Some(2_000));
        assert_eq!(available(meminfo, "", ""), Some(51_200));
        assert_eq!(available("", "3000", "1000"), None);
    }

    #[test]
    fn too_little_room_is_bad_and_says_how_much_is_needed() {
        let finding = enough("disk", DISK - 1, DISK, "free in /x");
        assert_eq!(finding.state, State::Bad);
        assert!(finding.said.contains("a class needs 2.0 GB"), "{}", finding.said);
        assert_eq!(enough("disk", DISK, DISK, "free in /x").state, State::Good);
    }

    #[test]
    fn the_loopback_answers_here() {
        assert_eq!(ports().state, State::Good);
    }
}
