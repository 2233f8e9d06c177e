// fails: two stations at once
// fails: several votes each
mod votes {
    use potok::explore::std;
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
                        let seen = *total.lock().unwrap();
                        *total.lock().unwrap() = seen + votes;
                    }
                });
            }
        });
        total.into_inner().unwrap()
    }
}
