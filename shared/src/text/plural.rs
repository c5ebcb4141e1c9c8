//! Which plural form a whole number takes in a language: the rules of Unicode CLDR for cardinals, whole
//! numbers only. The build reads this file too, to know which forms each language must give.

/// The CLDR category of `n` in the language `tag`: `zero`, `one`, `two`, `few`, `many` or `other`.
pub fn category(tag: &str, n: u32) -> &'static str {
    let (tens, ones) = (n.checked_rem(100).unwrap_or(0), n.checked_rem(10).unwrap_or(0));
    let teen = (11..=19).contains(&tens);
    match tag.split('-').next().unwrap_or(tag) {
        "ja" | "ko" | "zh" | "vi" | "th" | "id" | "ms" => "other",
        "fr" | "pt" | "hi" | "fa" | "bn" | "gu" | "am" | "fil" if tag_takes_zero_as_one(tag, n) => "one",
        "ar" => match (n, tens) {
            (0, _) => "zero",
            (1, _) => "one",
            (2, _) => "two",
            (_, 3..=10) => "few",
            (_, 11..=99) => "many",
            _ => "other",
        },
        "he" if n == 2 => "two",
        "pl" => match n {
            1 => "one",
            _ if (2..=4).contains(&ones) && !teen => "few",
            _ => "many",
        },
        "uk" | "ru" | "be" => match ones {
            1 if tens != 11 => "one",
            2..=4 if !teen => "few",
            _ => "many",
        },
        "hr" | "sr" | "bs" => match ones {
            1 if tens != 11 => "one",
            2..=4 if !teen => "few",
            _ => "other",
        },
        "cs" | "sk" if (2..=4).contains(&n) => "few",
        "ro" if n == 0 || (n != 1 && (1..=19).contains(&tens)) => "few",
        "lt" => match ones {
            1 if !teen => "one",
            2..=9 if !teen => "few",
            _ => "other",
        },
        "lv" if ones == 0 || teen => "zero",
        "lv" if ones == 1 => "one",
        "lv" => "other",
        "sl" => match tens {
            1 => "one",
            2 => "two",
            3 | 4 => "few",
            _ => "other",
        },
        _ if n == 1 => "one",
        _ => "other",
    }
}

/// 0 counts as one in these; in Filipino nearly every number does.
fn tag_takes_zero_as_one(tag: &str, n: u32) -> bool {
    n < 2 || (tag == "fil" && !matches!(n.checked_rem(10), Some(4 | 6 | 9)))
}
