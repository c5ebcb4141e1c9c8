//! An owner's colour made readable: WCAG 2 contrast of at least 4.5 to 1 on the page's card, light and dark.

use std::fmt;

use super::LUMINANCE;

/// The card behind the text, as `page.css` has it (`--c`).
pub(super) const CARD_LIGHT: Rgb = Rgb([255, 255, 255]);
/// The same in the dark.
pub(super) const CARD_DARK: Rgb = Rgb([0x1a, 0x21, 0x2c]);
/// The ink on a light accent, as `page.css` has it (`--b` in the dark).
const INK: Rgb = Rgb([0x0c, 0x14, 0x24]);

/// An sRGB colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rgb([u8; 3]);

impl Rgb {
    /// `#rgb` or `#rrggbb`.
    pub(super) fn parse(text: &str) -> Option<Rgb> {
        let digits = text.strip_prefix('#')?;
        let wide = match digits.len() {
            3 => digits.chars().flat_map(|c| [c, c]).collect(),
            6 => digits.to_owned(),
            _ => return None,
        };
        if !wide.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let [_, red, green, blue] = u32::from_str_radix(&wide, 16).ok()?.to_be_bytes();
        Some(Rgb([red, green, blue]))
    }

    /// This colour, or the nearest step from it towards black or white that can be read on `card`.
    pub(super) fn readable_on(self, card: Rgb) -> Rgb {
        let goal = if card.luminance() > 20_000 { 0 } else { 255 };
        let steps = (0..=16_u16).map(|step| Rgb(self.0.map(|channel| mix(channel, goal, step))));
        steps.into_iter().find(|colour| colour.reads_on(card)).unwrap_or(Rgb([goal; 3]))
    }

    /// White or dark ink, whichever reads better on this colour.
    pub(super) fn ink(self) -> Rgb {
        let white = Rgb([255; 3]);
        if white.reads_on(self) { white } else { INK }
    }

    /// Whether the contrast is at least 4.5 (WCAG 2.2 §1.4.3).
    fn reads_on(self, other: Rgb) -> bool {
        let (mine, its) = (self.luminance(), other.luminance());
        // 3,277 is the 0.05 of the formula in the table's unit.
        let lifted = |luminance: u32| luminance.saturating_add(3_277);
        lifted(mine.max(its)).saturating_mul(10) >= lifted(mine.min(its)).saturating_mul(45)
    }

    /// Relative luminance, 0 to 65,535.
    fn luminance(self) -> u32 {
        let weighed = self.0.iter().zip([2_126_u32, 7_152, 722]).map(|(channel, weight)| {
            let linear = LUMINANCE.get(usize::from(*channel)).copied().unwrap_or(0);
            u32::from(linear).saturating_mul(weight)
        });
        weighed.fold(0_u32, u32::saturating_add).checked_div(10_000).unwrap_or(0)
    }
}

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

/// `step` sixteenths of the way from one channel's value to another.
fn mix(from: u8, to: u8, step: u16) -> u8 {
    let own = u16::from(from).saturating_mul(16_u16.saturating_sub(step));
    let sum = own.saturating_add(u16::from(to).saturating_mul(step));
    u8::try_from(sum >> 4).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_becomes_readable_and_a_readable_one_stays() {
        for value in (0..=0xff_ffff_u32).step_by(4_099) {
            let colour = Rgb::parse(&format!("#{value:06x}")).unwrap();
            for card in [CARD_LIGHT, CARD_DARK] {
                let accent = colour.readable_on(card);
                assert!(accent.reads_on(card), "{colour} on {card} became {accent}");
                assert!(accent.ink().reads_on(accent), "{} on {accent}", accent.ink());
                assert!(!colour.reads_on(card) || accent == colour, "{colour} on {card} became {accent}");
            }
        }
    }

    #[test]
    fn contrast_is_that_of_wcag() {
        let rgb = |text| Rgb::parse(text).unwrap();
        // 4.54 and 4.48 to 1: the well-known border among greys on white.
        assert!(rgb("#767676").reads_on(CARD_LIGHT) && !rgb("#777").reads_on(CARD_LIGHT));
        for bad in ["", "#", "fff", "#ffff", "#gggggg", "#fffffff", "#ffé", "red"] {
            assert_eq!(Rgb::parse(bad), None, "{bad}");
        }
    }
}
