//! One thread for all requests: `async` functions, and the loop that runs them.
//!
//! ```
//! use potok::prelude::*;
//!
//! let served = server::event_loop(Load::new(8).wait(ms(10)))?;
//! assert_eq!(served.threads, 1);
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: [`handle`] reads like the blocking one. At each `.await` it says what
//! it waits for and returns to the loop, which asks the system (`poll`) which waits are
//! over. In essence, `asyncio` and tokio do the same.

use super::load::{Load, POLL, Served, Site, serve, timeout};
use crate::error::Result;
use crate::words;
use crate::workload::busy;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, poll};
use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::fd::AsFd;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

/// One thread answers all clients, continuing each when its wait is over.
///
/// # Errors
/// No clients; a system that refuses a socket or a thread; a client without an answer
/// within the [`timeout`](Load::timeout).
pub fn event_loop(load: Load) -> Result<Served> {
    serve(words::an_event_loop(), load, run)
}

/// Request → processing → response, as an `async` function.
async fn handle(
    stream: &TcpStream,
    events: &Events,
    site: &Site<'_>,
) -> io::Result<()> {
    let request = events.read_line(stream).await?;
    if !site.load.wait.is_zero() {
        // The loop ends at the deadline, even if clients still wait.
        let over = Instant::now().checked_add(site.load.wait);
        events.wait_until(over.unwrap_or(site.expires)).await;
    }
    // There is no `.await` in here: the whole loop is blocked meanwhile.
    let label = words::for_client(request.trim_end());
    site.rec.span(label, || site.spend(site.load.busy, busy))?;
    events.write_all(stream, format!("done, {request}").as_bytes()).await
}

/// What a task waits for.
#[derive(Clone, Copy)]
enum Event {
    Readable,
    Writable,
    At(Instant),
}

/// Where a task says what it waits for, before it returns to the loop.
#[derive(Default)]
struct Events {
    wanted: Cell<Option<Event>>,
}

impl Events {
    async fn read_line(&self, mut stream: &TcpStream) -> io::Result<String> {
        let mut line = vec![];
        while !line.ends_with(b"\n") {
            let mut buffer = [0; 64];
            match self.when(Event::Readable, || stream.read(&mut buffer)).await? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                n => line.extend_from_slice(&buffer[..n]),
            }
        }
        Ok(String::from_utf8_lossy(&line).into_owned())
    }

    async fn write_all(
        &self,
        mut stream: &TcpStream,
        mut rest: &[u8],
    ) -> io::Result<()> {
        while !rest.is_empty() {
            let n = self.when(Event::Writable, || stream.write(rest)).await?;
            rest = &rest[n..];
        }
        Ok(())
    }

    /// Tries; if the socket is not ready, waits for `event` and tries again.
    async fn when<T>(
        &self,
        event: Event,
        mut attempt: impl FnMut() -> io::Result<T>,
    ) -> io::Result<T> {
        poll_fn(|_| match attempt() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.want(event),
            outcome => Poll::Ready(outcome),
        })
        .await
    }

    async fn wait_until(&self, at: Instant) {
        poll_fn(|_| match Instant::now() >= at {
            true => Poll::Ready(()),
            false => self.want(Event::At(at)),
        })
        .await;
    }

    fn want<T>(&self, event: Event) -> Poll<T> {
        self.wanted.set(Some(event));
        Poll::Pending
    }
}

/// A request that is being answered.
struct Task<'a> {
    stream: Rc<TcpStream>,
    /// What it waits for; `None` if it can continue.
    event: Option<Event>,
    future: Pin<Box<dyn Future<Output = io::Result<()>> + 'a>>,
}

/// The loop: accept new connections, run the tasks that can continue, wait for events.
fn run(site: &Site<'_>) -> io::Result<()> {
    let events = Events::default();
    let events = &events;
    let mut tasks: Vec<Task<'_>> = vec![];
    while site.is_open() {
        while let Some(stream) = site.accept()? {
            stream.set_nonblocking(true)?;
            let stream = Rc::new(stream);
            let mine = Rc::clone(&stream);
            let future = Box::pin(async move { handle(&mine, events, site).await });
            tasks.push(Task { stream, event: None, future });
        }
        let mut failed = Ok(());
        tasks.retain_mut(|task| {
            if task.event.is_some() {
                return true;
            }
            // The loop itself checks which tasks can continue, so no waker is needed.
            let context = &mut Context::from_waker(Waker::noop());
            let outcome = site
                .rec
                .span(words::runs_task(), || task.future.as_mut().poll(context));
            task.event = events.wanted.take();
            if let Poll::Ready(Err(error)) = outcome {
                failed = Err(error);
            }
            // A finished task drops its stream, which closes the connection.
            task.event.is_some()
        });
        failed?;
        site.rec
            .wait(words::waits_for_events(), || wait_for_events(site, &mut tasks))?;
    }
    Ok(())
}

/// Waits for events and lets their tasks continue.
fn wait_for_events(site: &Site<'_>, tasks: &mut [Task<'_>]) -> io::Result<()> {
    let mut patience = POLL;
    let mut fds = vec![PollFd::new(site.listener.as_fd(), PollFlags::POLLIN)];
    for task in &*tasks {
        let flags = match task.event {
            Some(Event::Readable) => PollFlags::POLLIN,
            Some(Event::Writable) => PollFlags::POLLOUT,
            Some(Event::At(at)) => {
                patience = patience.min(at.saturating_duration_since(Instant::now()));
                continue;
            }
            None => continue,
        };
        fds.push(PollFd::new(task.stream.as_fd(), flags));
    }
    match poll(&mut fds, timeout(patience)) {
        Ok(_) | Err(Errno::EINTR) => {}
        Err(error) => return Err(error.into()),
    }
    let ready: Vec<bool> = fds.iter().map(|fd| fd.any().unwrap_or(false)).collect();
    // The first answer is the listener's; the others are in the order of the tasks.
    let (mut ready, now) = (ready.into_iter().skip(1), Instant::now());
    for task in tasks {
        let over = match task.event {
            Some(Event::Readable | Event::Writable) => ready.next().unwrap_or(false),
            Some(Event::At(at)) => now >= at,
            None => true,
        };
        if over {
            task.event = None;
        }
    }
    Ok(())
}
