// fails: two at the table
// fails: the other two seats
mod table {
    use potok::explore::std;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
    use std::thread;

    /// So many philosophers at a round table eat once each: how many meals there were, and
    /// in how many of them a neighbour was eating too.
    pub fn dine(seats: usize) -> (u32, u32) {
        let forks: Vec<Mutex<()>> = (0..seats).map(|_| Mutex::new(())).collect();
        let (eating, meals, clashes) = (AtomicU32::new(0), AtomicU32::new(0), AtomicU32::new(0));
        let eat = || {
            if eating.fetch_add(1, SeqCst) > 0 {
                clashes.fetch_add(1, SeqCst);
            }
            eating.fetch_sub(1, SeqCst);
            meals.fetch_add(1, SeqCst);
        };
        thread::scope(|s| {
            for seat in 0..seats {
                let (forks, eat) = (&forks, &eat);
                s.spawn(move || {
                    let (left, right) = (seat, (seat + 1) % seats);
                    let _left = forks[left].lock().unwrap();
                    let _right = forks[right].lock().unwrap();
                    eat();
                });
            }
        });
        (meals.into_inner(), clashes.into_inner())
    }
}
