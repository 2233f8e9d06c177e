// fails: one station
// fails: two stations at once
// fails: several votes each
mod votes {
    use potok::explore::std;
    use std::sync::Mutex;

    /// Adds the votes of a station to the total, while other stations add theirs.
    pub fn count(station: &[u64], total: &Mutex<u64>) {
        for votes in station {
            let _ = (total, votes);
        }
    }
}
