//! Makes text of a stranger fit to be shown: one line of bounded length, without invisible characters, without
//! characters that steer the direction of the text, and without stacks of marks that cover their surroundings.
//!
//! Emoji sequences fall apart into their parts. Persian, Hindi and Sinhala lose joiners and stay readable.

/// Most marks on one letter. Burmese and pointed Hebrew put four there.
const MOST_MARKS: usize = 4;
/// Most of them that fit any letter. Decomposed Vietnamese puts two there.
const MOST_COMMON_MARKS: usize = 2;

/// One line of at most `most` characters of a stranger's text. A longer text ends with an ellipsis.
#[must_use]
pub fn line(text: &str, most: usize) -> String {
    let mut line = String::new();
    let mut room = most;
    let mut space = false;
    // The marks on the last letter. A mark needs a letter; what stands before the line is not the stranger's.
    let mut on_letter: Option<Vec<char>> = None;
    for c in text.chars().filter(|c| !is_invisible(*c)) {
        if c.is_whitespace() || c.is_control() {
            (space, on_letter) = (true, None);
            continue;
        }
        if is_mark(c) {
            match &mut on_letter {
                Some(there) if has_room(there, c) => there.push(c),
                _ => continue,
            }
        } else {
            on_letter = Some(Vec::new());
        }
        let between = std::mem::take(&mut space) && !line.is_empty();
        let needed = if between { 2 } else { 1 };
        if room < needed {
            line.push('…');
            break;
        }
        room = room.saturating_sub(needed);
        if between {
            line.push(' ');
        }
        line.push(c);
    }
    line
}

/// Whether one more mark fits onto a letter. No script puts the same mark onto a letter twice.
fn has_room(there: &[char], mark: char) -> bool {
    let common = there.iter().filter(|mark| fits_any_letter(**mark)).count();
    there.len() < MOST_MARKS
        && !there.contains(&mark)
        && (common < MOST_COMMON_MARKS || !fits_any_letter(mark))
}

/// Whether a character is drawn onto the one before it: `Grapheme_Extend` of Unicode, and the vowels and finals of
/// conjoining Hangul. Characters without a shape in Unicode count as marks too, so that they cannot pile up.
fn is_mark(c: char) -> bool {
    // `escape_debug` escapes exactly these above ASCII. A table of our own would cost the extension 1 KB.
    matches!(c, '\u{1160}'..='\u{11ff}' | '\u{d7b0}'..='\u{d7fb}')
        || (c >= '\u{300}' && c.escape_debug().len() > 1)
}

/// Whether a mark belongs to no script in particular, so that it can be put onto any letter.
fn fits_any_letter(mark: char) -> bool {
    matches!(mark,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

/// Whether a character has no shape of its own: `Default_Ignorable_Code_Point` of Unicode (joiners, zero-width
/// spaces, controls of direction, variation selectors, tags, fillers), and controls of annotations and of hieroglyphs.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::line;

    /// `(text, what is shown)`
    fn shows(cases: &[(&str, &str)]) {
        for (text, shown) in cases {
            assert_eq!(line(text, 100), *shown, "{text:?}");
        }
    }

    #[test]
    fn invisible_characters_go() {
        shows(&[
            ("pay\u{200b}pal \u{200c}a\u{200d}b\u{2060}c\u{feff}d\u{ad}e", "paypal abcde"),
            ("a\u{e0001}\u{e0041}\u{e007f}b", "ab"),
            ("\u{2066}x\u{2069} \u{202e}y\u{202c} \u{200e}z\u{200f}\u{61c}", "x y z"),
            ("a\u{fe00}\u{fe0f}\u{e0100}\u{e01ef}\u{180b}b\u{34f}c\u{206a}d\u{fff9}e", "abcde"),
            ("\u{3164}\u{115f}\u{ffa0}\u{2800}", ""),
            ("\u{200b}\u{e0020}\u{202e} \u{feff}", ""),
        ]);
    }

    #[test]
    fn controls_and_blanks_are_one_space() {
        shows(&[
            ("  a\0\u{7}\u{1b}[31mb\u{85}\u{2028}c\r\n\td\u{a0}\u{3000} ", "a [31mb c d"),
            (" \u{200b} a \u{200b} b ", "a b"),
        ]);
    }

    #[test]
    fn marks_do_not_stack() {
        let stack = |c: char, marks: &str| format!("{c}{}", marks.repeat(10));
        shows(&[
            (&stack('z', "\u{301}"), "z\u{301}"),
            (&stack('z', "\u{300}\u{301}\u{302}\u{303}"), "z\u{300}\u{301}"),
            // What goes in between gives no room for more.
            (&stack('z', "\u{301}\u{fe0f}\u{302}\u{200d}\u{303}\u{e0100}\u{20dd}"), "z\u{301}\u{302}"),
            (&stack('ก', "\u{e47}\u{e48}"), "ก\u{e47}\u{e48}"),
            (&stack('x', "\u{e31}\u{651}\u{302}\u{1037}\u{303}\u{93c}"), "x\u{e31}\u{651}\u{302}\u{1037}"),
        ]);
        assert!(line(&stack('z', "\u{1d167}\u{1e8d0}\u{16af0}\u{11366}\u{11367}"), 100).chars().count() <= 5);
        // Nothing that stands before the line gets a mark.
        shows(&[("\u{301}a", "a"), ("a \u{301}\u{302}b", "a b"), ("\u{200b}\u{489}", "")]);
    }

    #[test]
    fn written_languages_stay_whole() {
        for text in [
            "الخَادِمُ مُتَوَقِّفٌ، وَٱللَّٰهُ أَعْلَمُ",
            "शॉपिंग साइट बंद है, ज़िंदगी क्षत्रिय",
            "Cửa hàng tạm đóng để bảo trì",
            "Cu\u{31b}\u{309}a ha\u{300}ng e\u{323}\u{302} a\u{302}\u{301}",
            "เว็บนี้ปิดปรับปรุง ผู้ใหญ่ น้ำ",
            "בְּרֵאשִׁית שַׁבָּת",
            "လျှို့ဝှက်ချက် မြို့",
            "བསྒྲུབས་པ",
            "ខ្ញុំ ស្រ្តី",
            "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af} 한글",
            "「サーバーが停止」がぎぐ",
            "Ёлка, И\u{306}од",
            "👍🏽 🇩🇪 x² ½ €",
        ] {
            assert_eq!(line(text, 200), text);
        }
    }

    #[test]
    fn emoji_and_joiners_degrade() {
        shows(&[
            ("👩\u{200d}👩\u{200d}👧", "👩👩👧"),
            ("❤\u{fe0f} 1\u{fe0f}\u{20e3}", "❤ 1\u{20e3}"),
            ("🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}", "🏴"),
            ("می\u{200c}خواهم", "میخواهم"),
            ("ක්\u{200d}ෂ", "ක්ෂ"),
        ]);
    }

    #[test]
    fn the_length_is_bounded() {
        assert_eq!(line("abc", 3), "abc");
        assert_eq!(line("abcd", 3), "abc…");
        assert_eq!(line("ab cd", 3), "ab…");
        assert_eq!(line("ab \u{200b}\u{301} ", 2), "ab");
        assert_eq!(line("", 3), "");
        assert_eq!(line("a", 0), "…");
        assert_eq!(line(&"x\u{301}\u{302}\u{303}".repeat(100_000), 30).chars().count(), 31);
    }
}
