// fails: nobody between two steps that compute
mod program {
    use potok::explore::std;
    use std::sync::{Mutex, MutexGuard};

    pub type Gil = Mutex<()>;

    /// A step of a Python program.
    pub enum Step<'a> {
        /// It computes: the GIL is held.
        Compute(&'a dyn Fn()),
        /// It waits, for a file or a page: the GIL is not held.
        Wait(&'a dyn Fn()),
    }

    /// Runs the steps one after the other.
    pub fn run(gil: &Gil, steps: &[Step]) {
        // The guard, as long as this thread has the GIL.
        let mut held: Option<MutexGuard<'_, ()>> = None;
        for step in steps {
            match step {
                Step::Compute(work) => {
                    drop(held.take());
                    held = Some(gil.lock().unwrap());
                    work();
                }
                Step::Wait(work) => {
                    held = None;
                    work();
                }
            }
        }
    }
}
