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

/// Text on a colour. No other text is of this colour, so a dark page can find it.
pub(crate) const INK_ON_COLOUR: Rgb = Rgb(1, 1, 1);

/// What stands for a colour in a dark page, before its lightness is turned round with that of
/// the whole card: so that all colours are lighter than the card, and dark text reads on each.
pub(crate) const ON_A_DARK_PAGE: [(Rgb, Rgb); 6] = [
    (INK_ON_COLOUR, CARD),
    (ORANGE, Rgb(126, 59, 0)),
    (VERMILLION, Rgb(239, 107, 39)),
    (SKY, Rgb(0, 46, 84)),
    (PURPLE, Rgb(169, 85, 126)),
    (GREY, Rgb(74, 85, 97)),
];

/// Black or white, whichever reads better on `background`.
pub fn ink_on(background: Rgb) -> Rgb {
    let reads = |ink| contrast(ink, background);
    if reads(INK_ON_COLOUR) > reads(CARD) { INK_ON_COLOUR } else { CARD }
}

/// The contrast of two colours, 1 to 21, as the Web Content Accessibility Guidelines count it.
fn contrast(one: Rgb, other: Rgb) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(Rgb(r, g, b): Rgb) -> f64 {
    let linear = |part: u8| {
        let value = f64::from(part) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a dark page makes of a colour: `invert(0.88) hue-rotate(180deg)`, as the
    /// specification "Filter Effects" counts them.
    fn in_a_dark_page(colour: Rgb) -> Rgb {
        let stands = ON_A_DARK_PAGE.into_iter().find(|(light, _)| *light == colour);
        let Rgb(r, g, b) = stands.map_or(colour, |(_, dark)| dark);
        let [r, g, b] = [r, g, b].map(|part| 0.88 - 0.76 * f64::from(part) / 255.0);
        let grey = 0.426 * r + 1.430 * g + 0.144 * b;
        let [r, g, b] =
            [r, g, b].map(|part| ((grey - part).clamp(0.0, 1.0) * 255.0).round() as u8);
        Rgb(r, g, b)
    }

    #[test]
    fn text_on_a_colour_reads_in_a_light_page_and_in_a_dark_one() {
        for colour in SERIES.into_iter().chain([GREY]) {
            let light = contrast(colour, ink_on(colour));
            let dark = contrast(in_a_dark_page(colour), in_a_dark_page(ink_on(colour)));
            assert!(light >= 4.5 && dark >= 4.5, "{colour:?}: {light:.2}, {dark:.2}");
        }
    }

    #[test]
    fn a_colour_stands_out_from_the_card_of_a_dark_page() {
        for colour in SERIES.into_iter().chain([GREY, INK, MUTED]) {
            let contrast = contrast(in_a_dark_page(colour), in_a_dark_page(CARD));
            assert!(contrast >= 4.5, "{colour:?}: {contrast:.2}");
        }
        assert_eq!(in_a_dark_page(CARD), Rgb(31, 31, 31));
    }
}
