//! What a slider can stand at.

use potok_base::units::{duration, fixed, plain};
use std::time::Duration;

/// A value that a slider can stand at: a number, a text, a time.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no value for a slider",
    note = "numbers, texts and durations are; of anything else, give its name as a text"
)]
pub trait Setting {
    /// As it stands beside the slider.
    fn named(&self) -> String;
}

macro_rules! whole {
    ($($number:ty)*) => {$(
        impl Setting for $number {
            fn named(&self) -> String {
                fixed(*self as f64, 0)
            }
        }
    )*};
}

whole!(u8 u16 u32 u64 usize i8 i16 i32 i64 isize);

impl Setting for f64 {
    fn named(&self) -> String {
        plain(*self)
    }
}

impl Setting for Duration {
    fn named(&self) -> String {
        duration(*self)
    }
}

impl Setting for &str {
    fn named(&self) -> String {
        (*self).to_owned()
    }
}

impl Setting for String {
    fn named(&self) -> String {
        self.clone()
    }
}
