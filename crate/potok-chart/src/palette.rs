//! Colours that stay apart for colour-blind readers, after Masataka Okabe and Kei Ito,
//! "Color Universal Design" (2008), on a light card.

use plotters::style::RGBColor as Rgb;

/// The card itself.
pub const CARD: Rgb = Rgb(255, 255, 255);
/// Its border, and lines that only guide the eye.
pub const HAIRLINE: Rgb = Rgb(214, 218, 224);
/// Bands behind every other row.
pub const BAND: Rgb = Rgb(245, 247, 249);
/// Text; and what the machine gave, which is nobody's series.
pub const INK: Rgb = Rgb(28, 33, 40);
/// Text that explains other text; axes.
pub const MUTED: Rgb = Rgb(87, 96, 106);
/// What has no colour of its own.
pub const GREY: Rgb = Rgb(140, 149, 159);

/// Blue, the first series.
pub const BLUE: Rgb = Rgb(0, 114, 178);
/// Orange, the second.
pub const ORANGE: Rgb = Rgb(230, 159, 0);
/// Green, the third.
pub const GREEN: Rgb = Rgb(0, 158, 115);
/// Vermillion, the fourth, and what went wrong.
pub const VERMILLION: Rgb = Rgb(213, 94, 0);
/// Sky blue, the fifth.
pub const SKY: Rgb = Rgb(86, 180, 233);
/// Purple, the sixth.
pub const PURPLE: Rgb = Rgb(204, 121, 167);

/// Colours in the order in which they are handed out. Yellow is left out: it is lost on
/// a light card.
pub const SERIES: [Rgb; 6] = [BLUE, ORANGE, GREEN, VERMILLION, SKY, PURPLE];

/// A light shade of a colour, on which ink can be read.
pub(crate) fn tint(colour: Rgb) -> Rgb {
    let light = |v: u8| (0.28 * f64::from(v) + 0.72 * 255.0).round() as u8;
    Rgb(light(colour.0), light(colour.1), light(colour.2))
}

/// Black or white, whichever reads better on `background`.
pub fn ink_on(background: Rgb) -> Rgb {
    let Rgb(r, g, b) = background;
    let light = 0.299 * f64::from(r) + 0.587 * f64::from(g) + 0.114 * f64::from(b);
    if light > 110.0 { INK } else { CARD }
}
