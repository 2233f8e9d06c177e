//! Locks, which are files: the system lets go of one when its holder ends, however it does.

use super::{Owned, trouble, words};
use crate::Result;
use std::fs::{File, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

/// How often somebody else's lock is looked at.
const LOOK: Duration = Duration::from_millis(10);

/// How a lock is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Share {
    /// By many at once.
    Shared,
    /// By one.
    Alone,
}

impl Owned {
    /// Locks the file `name` in it, and makes it if there is none. Waits until `patience`
    /// is over.
    pub(crate) fn lock(
        &self,
        name: &str,
        share: Share,
        patience: Duration,
    ) -> Result<File> {
        let file = self.file(name)?;
        let start = Instant::now();
        while !try_lock(&file, share).map_err(|e| trouble(&self.path.join(name), &e))? {
            if start.elapsed() > patience {
                return Err(words::held(&self.path.join(name), patience).into());
            }
            thread::sleep(LOOK);
        }
        Ok(file)
    }
}

/// Whether the lock is ours now.
pub(crate) fn try_lock(file: &File, share: Share) -> std::io::Result<bool> {
    let tried = match share {
        Share::Shared => file.try_lock_shared(),
        Share::Alone => file.try_lock(),
    };
    match tried {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}
