// fails: there is enough
// fails: just enough
// fails: opposite directions
// fails: two want it
// fails: an auditor sees all the money
// fails: to itself
// fails: an auditor, the other way round
// fails: to itself, and too much
mod bank {
    use potok::explore::std;
    use std::sync::Mutex;

    #[derive(Debug)]
    pub struct Account {
        pub number: u32,
        pub balance: Mutex<i64>,
    }

    impl Account {
        pub fn new(number: u32, balance: i64) -> Self {
            Account { number, balance: Mutex::new(balance) }
        }
    }

    /// Moves `amount`, if `from` has it; whether it has.
    pub fn transfer(from: &Account, to: &Account, amount: i64) -> bool {
        let _ = (from, to, amount);
        false
    }
}
