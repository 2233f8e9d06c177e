//! `print!` whose text is seen at once, `eprintln!` whose lines stay together.

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

/// Like [`std::eprintln!`], and a text of several lines stays one text.
///
/// The code that evcxr adds to a cell writes the error of a `?` with `eprintln!`, and the
/// kernel takes the last line of standard error for it. An error may have several lines,
/// as that of a failed `assert_eq!` has. potok's own kernel therefore puts this one in the
/// place of std's.
///
/// # Examples
/// ```
/// use potok::eprintln;
/// eprintln!("on the left: {}\non the right: {}", 1, 2);
/// ```
#[macro_export]
macro_rules! eprintln {
    ($($text:tt)*) => {
        ::std::eprintln!("{}", $crate::display::one_line(::std::format_args!($($text)*)))
    };
}

/// The text as a single line for the kernel, which breaks it again at each [`LINE_BREAK`];
/// as it is where nobody would.
#[doc(hidden)]
pub fn one_line(text: std::fmt::Arguments<'_>) -> String {
    joined(text.to_string(), potok_base::kernel::listens())
}

fn joined(text: String, kernel: bool) -> String {
    if kernel { text.replace('\n', LINE_BREAK) } else { text }
}

/// Unicode's line separator, which no terminal and no Rust value writes by itself.
const LINE_BREAK: &str = "\u{2028}";

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn lines_are_joined_for_a_kernel_only() {
        assert_eq!(joined("a\nb".into(), true), "a\u{2028}b");
        assert_eq!(joined("a\nb".into(), false), "a\nb");
    }
}
