//! `print!` whose text is seen at once.

/// Like [`std::print!`], and what was printed is seen at once, though its line has not
/// ended.
///
/// std waits for the end of the line, or of the program. A cell has neither: what it printed
/// last would show up below the next one. potok's own kernel therefore puts this one in the
/// place of std's.
///
/// # Examples
/// ```
/// use potok::print;
/// for n in 1..=3 {
///     print!("{n} ");
/// }
/// ```
#[macro_export]
macro_rules! print {
    ($($text:tt)*) => {{
        ::std::print!($($text)*);
        $crate::display::flush();
    }};
}

/// Passes on what was printed.
#[doc(hidden)]
pub fn flush() {
    // An output that is closed is no reason to end a program.
    let _ = std::io::Write::flush(&mut std::io::stdout());
}
