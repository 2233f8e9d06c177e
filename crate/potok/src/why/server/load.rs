//! The clients, their requests, and a server that always stops.
//!
//! ```
//! use potok::prelude::*;
//!
//! let load = Load::new(2).wait(ms(5)).busy(ms(1));
//! let served = server::one_thread(load)?;
//! assert!(served.latency.min() >= ms(6));
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: a latency is measured where it matters, at the client: from before
//! it connects until it has the answer.

use crate::error::{Error, ErrorKind, Result};
use crate::measure::Samples;
use crate::trace::{Recorder, Trace};
use crate::words;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use potok_base::threads::{all_at_once, numbered};
use std::fmt;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Clients that all send a request at the same moment, and what processing one takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    pub(super) clients: usize,
    pub(super) wait: Duration,
    pub(super) busy: Duration,
    timeout: Duration,
}

impl Load {
    /// `clients` clients with one request each, which takes no time.
    pub const fn new(clients: usize) -> Self {
        let none = Duration::ZERO;
        Load { clients, wait: none, busy: none, timeout: Duration::from_secs(10) }
    }

    /// Each request waits for `time`, as for a database.
    #[must_use]
    pub const fn wait(self, time: Duration) -> Self {
        Load { wait: time, ..self }
    }

    /// Each request computes for `cpu_time`, after it has waited.
    #[must_use]
    pub const fn busy(self, cpu_time: Duration) -> Self {
        Load { busy: cpu_time, ..self }
    }

    /// Limits the time in which all must be answered, 10 s by default.
    #[must_use]
    pub const fn timeout(self, limit: Duration) -> Self {
        Load { timeout: limit, ..self }
    }
}

/// How a server served its clients.
#[derive(Clone, PartialEq)]
pub struct Served {
    /// From before a client connects until it has its answer, client by client.
    pub latency: Samples,
    /// The server's threads and the clients, those first that were answered first.
    pub trace: Trace,
    /// How many threads the server used.
    pub threads: usize,
}

/// A running server: what its threads share.
pub(super) struct Site<'a> {
    pub(super) listener: TcpListener,
    pub(super) load: Load,
    pub(super) rec: &'a Recorder,
    pub(super) threads: AtomicUsize,
    pub(super) expires: Instant,
    stop: AtomicBool,
}

/// The longest time limit.
const LONGEST: Duration = Duration::from_hours(24);

/// How long a server waits for clients before it checks whether to stop.
pub(super) const POLL: Duration = Duration::from_millis(5);

/// Runs `server` on a thread, lets the clients ask, and stops it.
pub(super) fn serve(
    label: &str,
    load: Load,
    server: impl FnOnce(&Site<'_>) -> io::Result<()> + Send,
) -> Result<Served> {
    if load.clients == 0 || load.clients > 500 {
        return Err(Error::invalid(words::no_load(load.clients)));
    }
    let listen = || -> io::Result<(TcpListener, SocketAddr)> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    let (listener, address) =
        listen().map_err(|e| Error::io(words::listening(), &e))?;
    let rec = Recorder::new();
    let site = Site {
        listener,
        load,
        rec: &rec,
        threads: AtomicUsize::new(1),
        expires: Instant::now() + load.timeout.min(LONGEST),
        stop: AtomicBool::new(false),
    };
    let clients = numbered(words::client(), load.clients);
    let (asked, served) = thread::scope(|s| {
        let server = || server(&site);
        let server =
            thread::Builder::new().name(words::server().into()).spawn_scoped(s, server);
        let server = server.map_err(|e| Error::io(words::starting_server(), &e))?;
        let asked = {
            let _stop = StopAtEnd(&site.stop);
            all_at_once(&clients, |i| ask(&clients[i], address, &site))
        };
        Ok((asked, server.join()))
    })?;
    let server_error = match served {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(Error::io(words::the_server(), &error)),
        Err(payload) => Some(Error::panicked(words::the_server(), &*payload)),
    };
    let latencies: Result<Vec<Duration>> = asked?.into_iter().collect();
    // If the server failed, that is why its clients failed; but a late server may fail only
    // because its clients have left.
    let latencies = match (latencies, server_error) {
        (Err(late), _) if late.kind() == ErrorKind::TimedOut => return Err(late),
        (_, Some(error)) => return Err(error),
        (latencies, None) => latencies?,
    };
    let handlers = numbered(words::handler(), load.clients);
    // Who was answered first stands first: the picture shows the line.
    let mut answered: Vec<_> = clients.into_iter().zip(&latencies).collect();
    answered.sort_by_key(|(_, latency)| **latency);
    let clients = answered.into_iter().map(|(client, _)| client).collect();
    let lanes = [vec![words::server().into()], handlers, clients].concat();
    let mut trace = rec.trace();
    trace.order_lanes(&lanes);
    let threads = site.threads.load(Ordering::Relaxed);
    Ok(Served { latency: Samples::new(label, latencies)?, trace, threads })
}

impl Site<'_> {
    /// Whether the server should continue.
    pub(super) fn is_open(&self) -> bool {
        !self.stop.load(Ordering::Relaxed) && Instant::now() < self.expires
    }

    /// The next connection, if there is one now.
    pub(super) fn accept(&self) -> io::Result<Option<TcpStream>> {
        match self.listener.accept() {
            Ok((stream, _)) => Ok(Some(stream)),
            Err(error) => match error.kind() {
                io::ErrorKind::WouldBlock
                | io::ErrorKind::Interrupted
                | io::ErrorKind::ConnectionAborted => Ok(None),
                _ => Err(error),
            },
        }
    }

    /// Waits for the next connection; `None` when the server should stop.
    pub(super) fn next(&self) -> io::Result<Option<TcpStream>> {
        self.rec.wait(words::waits_for_client(), || {
            while self.is_open() {
                let mut fds = [PollFd::new(self.listener.as_fd(), PollFlags::POLLIN)];
                match poll(&mut fds, timeout(POLL)) {
                    Ok(_) | Err(Errno::EINTR) => {}
                    Err(error) => return Err(error.into()),
                }
                if let Some(stream) = self.accept()? {
                    return Ok(Some(stream));
                }
            }
            Ok(None)
        })
    }

    fn remaining(&self) -> Duration {
        // A socket takes zero for "no limit".
        let remaining = self.expires.saturating_duration_since(Instant::now());
        remaining.max(Duration::from_millis(1))
    }

    /// Spends `time` on a request, by waiting or computing.
    ///
    /// # Errors
    /// It would go beyond the deadline; then only the time until then is spent.
    pub(super) fn spend(&self, time: Duration, how: fn(Duration)) -> io::Result<()> {
        let left = self.expires.saturating_duration_since(Instant::now());
        how(time.min(left));
        if time > left { Err(io::ErrorKind::TimedOut.into()) } else { Ok(()) }
    }

    /// Limits reads and writes on `stream` to the deadline.
    pub(super) fn limit(&self, stream: &TcpStream) -> io::Result<()> {
        stream.set_read_timeout(Some(self.remaining()))?;
        stream.set_write_timeout(Some(self.remaining()))
    }
}

/// `poll` counts in milliseconds; rounded up, so that it does not return too early.
pub(super) fn timeout(time: Duration) -> PollTimeout {
    let ms = time.as_nanos().div_ceil(1_000_000);
    PollTimeout::from(u16::try_from(ms).unwrap_or(u16::MAX))
}

/// One client: sends its name and waits for an answer with that name.
fn ask(name: &str, address: SocketAddr, site: &Site<'_>) -> Result<Duration> {
    let start = Instant::now();
    let answer = site.rec.wait(words::waits_for_answer(), || -> io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&address, site.remaining())?;
        site.limit(&stream)?;
        stream.write_all(format!("{name}\n").as_bytes())?;
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer)?;
        Ok(answer)
    });
    let latency = start.elapsed();
    match answer {
        Ok(answer) if answer == format!("done, {name}\n") => Ok(latency),
        Err(error) if !is_late(&error) && Instant::now() < site.expires => {
            Err(Error::io(name, &error))
        }
        Ok(answer) if Instant::now() < site.expires => {
            let message = words::wrong_answer(name, format_args!("{answer:?}"));
            Err(Error::new(ErrorKind::Undecodable, message))
        }
        _ => Err(Error::timed_out(words::the_request(name), site.load.timeout)),
    }
}

fn is_late(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

struct StopAtEnd<'a>(&'a AtomicBool);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// As `a thread per request: 20.4 ms (20.3–20.9 ms, 8 runs); 9 threads`.
impl fmt::Display for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.latency, words::threads(self.threads))
    }
}

/// A cell shows its last value by `{:?}`: let it be the sentence.
impl fmt::Debug for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
