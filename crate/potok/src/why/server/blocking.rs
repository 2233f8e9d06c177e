//! Servers whose calls block: the simplest program, and the same with more threads.
//!
//! ```
//! use potok::prelude::*;
//!
//! let load = Load::new(3).wait(ms(10));
//! let one = server::one_thread(load)?;          // its waits come one after the other
//! assert!(one.trace.makespan() >= ms(30));
//! let each = server::thread_per_request(load)?;  // its waits overlap
//! assert_eq!(each.threads, 4);
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: both run the same `handle`. They differ in the thread that calls it.

use super::load::{Load, Served, Site, serve};
use crate::error::Result;
use crate::words;
use crate::workload::{busy, wait};
use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::atomic::Ordering;
use std::thread;

/// One thread answers one client after the other.
///
/// # Errors
/// No clients; a system that refuses a socket or a thread; a client without an answer
/// within the [`timeout`](Load::timeout).
pub fn one_thread(load: Load) -> Result<Served> {
    serve(words::one_thread(), load, |site| {
        while let Some(stream) = site.next()? {
            handle(stream, site)?;
        }
        Ok(())
    })
}

/// A thread of its own answers each client.
///
/// # Errors
/// As [`one_thread`].
pub fn thread_per_request(load: Load) -> Result<Served> {
    serve(words::thread_per_request(), load, |site| {
        thread::scope(|s| {
            let mut handlers = vec![];
            while let Some(stream) = site.next()? {
                let number = site.threads.fetch_add(1, Ordering::Relaxed);
                let handler = thread::Builder::new()
                    .name(format!("{} {number}", words::handler()));
                handlers.push(handler.spawn_scoped(s, move || handle(stream, site))?);
            }
            handlers.into_iter().try_for_each(|handler| {
                handler.join().unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))
            })
        })
    })
}

/// Request → processing → response.
fn handle(mut stream: TcpStream, site: &Site<'_>) -> io::Result<()> {
    // On some systems a connection inherits the listener's mode.
    stream.set_nonblocking(false)?;
    site.limit(&stream)?;
    let mut request = String::new();
    BufReader::new(&stream).read_line(&mut request)?;
    // The wait stands beside the span, not in it: a span says for how long it ran.
    if !site.load.wait.is_zero() {
        site.rec.wait(words::database(), || site.spend(site.load.wait, wait))?;
    }
    site.rec.span(words::for_client(request.trim_end()), || {
        site.spend(site.load.busy, busy)?;
        stream.write_all(format!("done, {request}").as_bytes())
    })
}
