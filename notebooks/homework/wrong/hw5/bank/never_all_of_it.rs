// fails: just enough
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
        if from.number == to.number {
            return *from.balance.lock().unwrap() >= amount;
        }
        let (first, second) = if from.number < to.number { (from, to) } else { (to, from) };
        let mut first = first.balance.lock().unwrap();
        let mut second = second.balance.lock().unwrap();
        let (from, to) = if from.number < to.number {
            (&mut *first, &mut *second)
        } else {
            (&mut *second, &mut *first)
        };
        if *from <= amount {
            return false;
        }
        *from -= amount;
        *to += amount;
        true
    }
}
