//! Threads that can be explored, with the interface of [`std::thread`].
//!
//! ```
//! use potok::explore::{explore, thread};
//! let report = explore(|| thread::spawn(|| 6 * 7).join().unwrap());
//! assert_eq!(report.outcomes[0].ending.detail(), "42");
//! ```
//!
//! *What to notice*: they are real threads of the system. Outside of
//! [`explore`](super::explore) they behave as `std`'s do.

use super::context::{Context, context, is_way_out, set_context};
use super::operation::{Operation, ThreadId};
use crate::words;
use potok_base::error::panic_message;
use potok_base::sync::lock;
use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex};
use std::thread as real;

pub use std::thread::Result;

type Packet<T> = Arc<Mutex<Option<Result<T>>>>;

/// Starts a thread; see [`std::thread::spawn`].
///
/// # Panics
/// The system refuses a thread, or the explored program has 36 already.
pub fn spawn<T: Send + 'static>(
    f: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    match Builder::new().spawn(f) {
        Ok(handle) => handle,
        Err(error) => panic!("{}", words::cannot_start_thread(error)),
    }
}

/// Lets other threads go first. Call it in each loop that waits for another thread.
pub fn yield_now() {
    let Some(context) = context() else { return real::yield_now() };
    context.step(Operation::Yield, |state| {
        let me = &mut state.threads[context.me];
        (me.yielded, me.gave_way, me.ever_yielded) = (true, true, true);
        state.tell_plain("yield_now");
    });
}

/// Threads that may borrow and have ended when this returns; see
/// [`std::thread::scope`].
///
/// # Panics
/// A thread panicked and was not joined explicitly.
///
/// # Examples
/// ```
/// use potok::explore::{explore, sync::Mutex, thread};
/// let report = explore(|| {
///     let total = Mutex::new(0);
///     thread::scope(|s| {
///         s.spawn(|| *total.lock().unwrap() += 1);
///         s.spawn(|| *total.lock().unwrap() += 2);
///     });
///     total.into_inner().unwrap()
/// });
/// assert!(report.passed());
/// assert_eq!(report.outcomes[0].ending.detail(), "3");
/// ```
pub fn scope<'env, F, T>(f: F) -> T
where
    F: for<'scope> FnOnce(&Scope<'scope, 'env>) -> T,
{
    real::scope(|inner| {
        let scope = Scope { inner, children: Mutex::new(vec![]) };
        let Some(context) = context() else { return f(&scope) };
        let result = catch_unwind(AssertUnwindSafe(|| f(&scope)));
        let way_out = result.as_ref().is_err_and(|payload| is_way_out(&**payload));
        if !way_out {
            // `std` would wait for them while this thread holds the baton.
            let children = lock(&scope.children);
            context.pause(Operation::Join(children.clone()));
        }
        result.unwrap_or_else(|payload| resume_unwind(payload))
    })
}

/// Starts threads that may borrow; see [`scope`].
#[derive(Debug)]
pub struct Scope<'scope, 'env: 'scope> {
    inner: &'scope real::Scope<'scope, 'env>,
    children: Mutex<Vec<ThreadId>>,
}

impl<'scope> Scope<'scope, '_> {
    /// Starts a thread that ends before the scope does.
    ///
    /// # Panics
    /// The system refuses a thread, or the explored program has 36 already.
    pub fn spawn<F, T>(&self, f: F) -> ScopedJoinHandle<'scope, T>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        match Builder::new().spawn_scoped(self, f) {
            Ok(handle) => handle,
            Err(error) => panic!("{}", words::cannot_start_thread(error)),
        }
    }
}

/// Gives a thread a name; see [`std::thread::Builder`].
#[derive(Debug, Default)]
pub struct Builder {
    name: Option<String>,
}

impl Builder {
    /// A thread without a name; pictures give its number.
    pub fn new() -> Self {
        Builder::default()
    }

    /// Sets the thread's name, as pictures show it.
    #[must_use]
    pub fn name(self, name: String) -> Self {
        Builder { name: Some(name) }
    }

    /// Starts the thread.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub fn spawn<F, T>(self, f: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let Some(parent) = context() else {
            return Ok(JoinHandle(Handle::Real(self.real().spawn(f)?)));
        };
        let child = parent.new_thread(self.name.clone());
        let id = child.me;
        let packet: Packet<T> = Arc::default();
        let result = Arc::clone(&packet);
        let handle = self.real().spawn(move || {
            let value = catch_unwind(AssertUnwindSafe(|| as_child(&child, f)));
            *lock(&result) = Some(value);
        });
        let handle = handle.inspect_err(|_| parent.never_started(id))?;
        parent.keep(id, handle);
        Ok(JoinHandle(Handle::Explored { id, packet }))
    }

    /// Starts the thread in a scope.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub fn spawn_scoped<'scope, F, T>(
        self,
        scope: &Scope<'scope, '_>,
        f: F,
    ) -> io::Result<ScopedJoinHandle<'scope, T>>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        let Some(parent) = context() else {
            let inner = self.real().spawn_scoped(scope.inner, f)?;
            return Ok(ScopedJoinHandle { inner, id: None });
        };
        let child = parent.new_thread(self.name.clone());
        let id = child.me;
        let handle = self.real().spawn_scoped(scope.inner, move || as_child(&child, f));
        let inner = handle.inspect_err(|_| parent.never_started(id))?;
        lock(&scope.children).push(id);
        parent.started(id, inner.thread());
        Ok(ScopedJoinHandle { inner, id: Some(id) })
    }

    fn real(self) -> real::Builder {
        match self.name {
            Some(name) => real::Builder::new().name(name),
            None => real::Builder::new(),
        }
    }
}

/// Waits for a thread and returns its value; see [`std::thread::JoinHandle`].
#[derive(Debug)]
pub struct JoinHandle<T>(Handle<T>);

#[derive(Debug)]
enum Handle<T> {
    Real(real::JoinHandle<T>),
    Explored { id: ThreadId, packet: Packet<T> },
}

impl<T> JoinHandle<T> {
    /// Waits for the thread to end.
    ///
    /// # Errors
    /// The thread panicked.
    pub fn join(self) -> Result<T> {
        let (id, packet) = match self.0 {
            Handle::Real(handle) => return handle.join(),
            Handle::Explored { id, packet } => (id, packet),
        };
        if let Some(context) = context() {
            context.join(id);
        }
        let value = lock(&packet).take();
        value.unwrap_or_else(|| Err(Box::new(words::run_has_ended())))
    }
}

/// The handle of a thread in a scope; see [`std::thread::ScopedJoinHandle`].
#[derive(Debug)]
pub struct ScopedJoinHandle<'scope, T> {
    inner: real::ScopedJoinHandle<'scope, T>,
    id: Option<ThreadId>,
}

impl<T> ScopedJoinHandle<'_, T> {
    /// Waits for the thread to end.
    ///
    /// # Errors
    /// The thread panicked.
    pub fn join(self) -> Result<T> {
        if let (Some(context), Some(id)) = (context(), self.id) {
            context.pause(Operation::Join(vec![id]));
        }
        self.inner.join()
    }
}

/// What a thread of an explored program does: waits for the baton, runs `f`, reports its
/// end.
fn as_child<T>(me: &Context, f: impl FnOnce() -> T) -> T {
    set_context(Some(me.clone()));
    let result = catch_unwind(AssertUnwindSafe(|| {
        me.begin();
        f()
    }));
    me.finish(result.as_ref().err().and_then(words));
    result.unwrap_or_else(|payload| resume_unwind(payload))
}

fn words(payload: &Box<dyn Any + Send>) -> Option<String> {
    (!is_way_out(&**payload)).then(|| panic_message(&**payload).into_owned())
}
