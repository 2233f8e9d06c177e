//! The relay: Jupyter in front, evcxr's kernel behind.
//!
//! ```text
//!           shell, iopub                    shell, iopub
//! Jupyter ──────────────── hub ───────────────────────── evcxr
//!           control, stdin      control, stdin
//!         ──────────────── control ─────────────────────
//! ```
//!
//! *What to notice*: what the relay does not understand goes through with the bytes that
//! came. Both sides are on this machine alone, and each has a key of its own. Only the front
//! is open to others at all, and believes nobody ([`front`]).

mod anew;
mod assist;
mod cell;
mod clients;
mod complete;
mod connection;
mod control;
mod current;
mod definitions;
mod failure;
mod front;
mod history;
mod hub;
mod impls;
mod info;
mod inspect;
mod memory;
mod message;
mod objects;
mod output;
mod places;
#[cfg(test)]
mod recorded;
mod sockets;
mod spot;
mod words;
mod zmtp;

pub(crate) use connection::{Connection, secret};
pub(crate) use output::Source;

use crate::inner::Inner;
use crate::{Result, sys};
use clients::Clients;
use control::Shared;
use front::Front;
use hub::{Evcxr, Hub};
use message::Message;
use serde_json::json;
use sockets::{Back, Link};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::timeout;

/// How long evcxr may take to publish what it has begun to say.
const PUBLISHED: Duration = Duration::from_millis(250);

/// Serves Jupyter at `front` with an inner kernel, until Jupyter or a signal ends it. The
/// kernel is gone when this returns.
///
/// # Errors
/// A port that is taken; an inner kernel that ended by itself.
pub(crate) fn run(
    front: &Connection,
    inner: impl FnOnce() -> Result<Inner>,
    ending: sys::Ending,
) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(memory::WORKERS)
        .enable_all()
        .build()?;
    let done = runtime.block_on(relay(front, inner, ending));
    // Removes the front sockets' files.
    runtime.shutdown_timeout(Duration::from_secs(1));
    done
}

async fn relay(
    front: &Connection,
    inner: impl FnOnce() -> Result<Inner>,
    ending: sys::Ending,
) -> Result<()> {
    // Asks the compiler, which takes as long as adopting a spare.
    let info = tokio::task::spawn_blocking(info::kernel_info);
    // Bound first, so that the inner kernel does not choose one of these ports.
    let front = Front::bind(front).await?;
    let inner = inner()?;
    let shared = Arc::new(Shared::default());
    let info = info.await?;
    let (evcxr_is_ready, ready) = oneshot::channel();
    let (links_are_there, links) = oneshot::channel();
    let clients = Clients::new(front.shell.to, front.iopub);
    let hub = Hub::new(
        clients,
        front.shell.from,
        Arc::clone(&shared),
        inner.source(),
        info.clone(),
    );
    let ended = inner.ended()?;
    let signal = waited(move || ending.wait());
    let behind = async {
        let connected = connect(inner.connection()).await;
        match connected.and_then(|connected| inner.is_ready().map(|()| connected)) {
            Ok((evcxr, links)) => {
                let _ = evcxr_is_ready.send(evcxr);
                let _ = links_are_there.send(links);
                std::future::pending().await
            }
            Err(error) => error,
        }
    };
    tokio::select! {
        () = hub.run(front.listeners, ready) => {}
        _ = control::serve(front.control, front.stdin, links, shared, &info) => {
            // The answer is with its socket; it shall get out.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        error = behind => return Err(error),
        _ = signal => {}
        _ = memory::give_back() => {}
        () = orphaned() => {}
        _ = waited(move || ended.wait()) => {
            return Err("evcxr's kernel has ended by itself; restart the kernel".into());
        }
    }
    Ok(())
}

/// Runs one cell in an inner kernel that nobody uses yet: the first takes longest.
pub(crate) fn warm_up(connection: &Connection) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (mut evcxr, _links) = connect(connection).await?;
        evcxr
            .to
            .send(anew::unseen("();"))
            .await
            .map_err(|_| "evcxr cannot be reached")?;
        evcxr.replies.recv().await.ok_or("evcxr does not answer")?;
        Ok(())
    })
}

/// Connects to evcxr and waits until it answers on shell and is heard on iopub.
async fn connect(connection: &Connection) -> Result<(Evcxr, (Link, Link))> {
    let mut back = Back::connect(connection).await?;
    loop {
        let probe = Message::new("kernel_info_request", &"{}".into(), &json!({}));
        let id = probe.id();
        back.shell.to.send(probe).await.map_err(|_| "evcxr cannot be reached")?;
        let reply = back.shell.from.recv().await;
        reply.ok_or("evcxr does not answer")?;
        // A subscription takes a moment to arrive; until then nothing is heard.
        let heard = timeout(PUBLISHED, async {
            while let Some(message) = back.iopub.recv().await {
                let idle = message.content()["execution_state"] == "idle";
                if idle && message.parent_id() == id {
                    return true;
                }
            }
            false
        });
        if heard.await.unwrap_or_default() {
            break;
        }
    }
    let evcxr = Evcxr { to: back.shell.to, replies: back.shell.from, news: back.iopub };
    Ok((evcxr, (back.control, back.stdin)))
}

/// Waits for the end of the process that started this kernel and wanted it to end with it:
/// Jupyter says so by a variable. If Jupyter was killed, nobody else ends the kernel.
async fn orphaned() {
    if std::env::var_os("JPY_PARENT_PID").is_none() {
        return std::future::pending().await;
    }
    let parent = std::os::unix::process::parent_id();
    while std::os::unix::process::parent_id() == parent {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Waits in a thread of its own for something that blocks.
async fn waited<T: Send + 'static>(wait: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, waiting) = oneshot::channel();
    std::thread::spawn(move || done.send(wait()));
    match waiting.await {
        Ok(value) => value,
        // The thread panicked, which no `wait` here does.
        Err(_) => std::future::pending().await,
    }
}
