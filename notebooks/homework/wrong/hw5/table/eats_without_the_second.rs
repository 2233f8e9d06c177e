// fails: two at the table
// fails: three at the table
mod table {
    use potok::explore::std;
    use std::sync::Mutex;

    /// Takes both forks of this seat, and eats while it holds them.
    pub fn dine(seat: usize, forks: &[Mutex<()>], eat: impl FnOnce()) {
        let (left, right) = (seat, (seat + 1) % forks.len());
        let _left = forks[left].lock().unwrap();
        let _right = forks[right].try_lock();
        eat();
    }
}
