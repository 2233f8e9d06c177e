//! The few system calls that `std` lacks, behind safe functions: the clock that all
//! processes of a machine share, the processor a thread is on, thread ids, priorities.
//!
//! *Claimed*: system calls get numbers, or places of ours that live through the call; the
//! loader's list is read only while it is handed out.
//!
//! *Checked*: the unit tests of this crate, by AddressSanitizer.
#![allow(unsafe_code, reason = "foreign calls; safe functions around them")]

use nix::libc;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use nix::time::{ClockId, clock_gettime};
use std::io;
use std::time::Duration;

/// Nanoseconds on the system's monotonic clock. Every process on the machine reads the
/// same one, so times of a parent and a child can be compared.
pub fn monotonic_ns() -> u64 {
    read(ClockId::CLOCK_MONOTONIC)
}

/// Processor time that the calling thread has used.
pub fn thread_cpu_time() -> Duration {
    Duration::from_nanos(read(ClockId::CLOCK_THREAD_CPUTIME_ID))
}

/// The clock of one thread's processor time, which its whole process can read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ThreadClock(ClockId);

impl ThreadClock {
    /// That of the calling thread.
    pub(crate) fn mine() -> Option<ThreadClock> {
        let mut clock = 0;
        // SAFETY: `pthread_self` is a thread that lives, since it makes this call, and the
        // answer is written to a `clockid_t` on this stack.
        let failed =
            unsafe { libc::pthread_getcpuclockid(libc::pthread_self(), &mut clock) };
        (failed == 0).then(|| ThreadClock(ClockId::from_raw(clock)))
    }

    /// What the thread has used; `None` once it has ended, and in another process.
    pub(crate) fn read(self) -> Option<Duration> {
        clock_gettime(self.0).ok().map(Duration::from)
    }
}

/// Processor time that this process has used, and those children of it that have ended
/// and were waited for.
pub(crate) fn process_cpu_time() -> Duration {
    let children =
        getrusage(UsageWho::RUSAGE_CHILDREN).map_or(Duration::ZERO, |used| {
            let micros =
                |t: TimeVal| t.tv_sec() as u64 * 1_000_000 + t.tv_usec() as u64;
            Duration::from_micros(micros(used.user_time()) + micros(used.system_time()))
        });
    Duration::from_nanos(read(ClockId::CLOCK_PROCESS_CPUTIME_ID)) + children
}

fn read(clock: ClockId) -> u64 {
    // These clocks exist wherever the crate builds; a failure would be a zero span.
    clock_gettime(clock)
        .map_or(0, |t| t.tv_sec() as u64 * 1_000_000_000 + t.tv_nsec() as u64)
}

/// The number of the processor that the calling thread is on, where the system tells.
pub fn current_cpu() -> Option<u32> {
    #[cfg(target_os = "linux")]
    {
        // SAFETY: takes no pointers and only reads; a negative answer means "unknown".
        let cpu = unsafe { libc::sched_getcpu() };
        u32::try_from(cpu).ok()
    }
    #[cfg(not(target_os = "linux"))]
    None
}

/// The system's own id of the calling thread (`threading.get_native_id()` in Python).
pub fn thread_id() -> u64 {
    #[cfg(target_os = "linux")]
    {
        nix::unistd::gettid().as_raw() as u64
    }
    #[cfg(not(target_os = "linux"))]
    {
        // SAFETY: `pthread_self` cannot fail and its value is only used as a number.
        unsafe { libc::pthread_self() as u64 }
    }
}

/// Gives the calling thread this nice value: 0 is usual, 19 the politest. Raising it
/// needs no rights and, without rights, cannot be undone.
pub(crate) fn set_thread_nice(nice: i32) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        // On Linux a nice value belongs to a thread, and `PRIO_PROCESS` takes its id.
        let tid = nix::unistd::gettid().as_raw() as libc::id_t;
        // SAFETY: takes no pointers; a bad value or missing rights are an error code.
        match unsafe { libc::setpriority(libc::PRIO_PROCESS, tid, nice) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = nice;
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// The number of the notebook cell that was loaded last; 0 outside a notebook.
///
/// evcxr compiles each cell to an object of its own, `libcode_7.so`, and loads it to run
/// it, so the highest number among the loaded objects is the cell that runs.
pub fn newest_cell() -> u64 {
    #[cfg(target_os = "linux")]
    {
        unsafe extern "C" fn visit(
            info: *mut libc::dl_phdr_info,
            _size: libc::size_t,
            newest: *mut libc::c_void,
        ) -> libc::c_int {
            // SAFETY: the loader hands in an object that is valid during this call, with a
            // name that ends in a zero byte or is null; `newest` is the caller's `u64`.
            let (name, newest) = unsafe {
                let name = (*info).dlpi_name;
                if name.is_null() {
                    return 0;
                }
                (std::ffi::CStr::from_ptr(name).to_bytes(), &mut *newest.cast::<u64>())
            };
            let number = std::str::from_utf8(name)
                .ok()
                .and_then(|path| path.rsplit('/').next())
                .and_then(|file| file.strip_prefix("libcode_")?.strip_suffix(".so"))
                .and_then(|number| number.parse().ok());
            *newest = (*newest).max(number.unwrap_or(0));
            0
        }
        let mut newest = 0_u64;
        // SAFETY: `visit` has the signature the loader wants, does not unwind, and gets a
        // pointer to a `u64` that lives until the call returns.
        unsafe { libc::dl_iterate_phdr(Some(visit), (&raw mut newest).cast()) };
        newest
    }
    #[cfg(not(target_os = "linux"))]
    {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_does_not_go_back() {
        let readings: Vec<u64> = (0..1000).map(|_| monotonic_ns()).collect();
        assert!(readings[0] > 0);
        assert!(readings.is_sorted());
    }

    #[test]
    fn two_threads_have_two_ids() {
        let other = std::thread::spawn(thread_id).join().unwrap();
        assert_ne!(thread_id(), other);
    }
}
