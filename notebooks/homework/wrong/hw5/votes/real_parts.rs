// fails: two stations at once
// fails: several votes each
mod votes {
    use std::sync::Mutex;
    use std::thread;

    /// The votes of all stations together.
    pub fn count(stations: Vec<Vec<u64>>) -> u64 {
        let total = Mutex::new(0);
        thread::scope(|s| {
            for station in &stations {
                let total = &total;
                s.spawn(move || {
                    for votes in station {
                        // BEGIN SOLUTION
                        *total.lock().unwrap() += votes;
                        // END SOLUTION
                    }
                });
            }
        });
        total.into_inner().unwrap()
    }
}
