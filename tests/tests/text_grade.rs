//! English for everybody: what a visitor reads stays at reading grade 5 or lower (Flesch-Kincaid), page by
//! page, and no word of the trade stands among it.

use backsoon::page::Form;
use backsoon::text::{self, Lang};
use backsoon_tests::page_case;

const JARGON: &[&str] = &[
    "server",
    "gateway",
    "proxy",
    "upstream",
    "backend",
    "origin",
    "timeout",
    "oops",
    "whoops",
    "cache",
    "error",
    "invalid",
    "unable",
    "please",
    "temporarily",
    "unavailable",
];

#[test]
fn every_page_reads_at_grade_five_or_lower() {
    let mut worst = (f64::MIN, String::new());
    for mut case in page_case::all() {
        case.owner = Default::default();
        let text = case.render(Form::Text, Lang::ENGLISH).body;
        // Heading, fault, when, what to do: the last two lines are for support.
        let said: Vec<&str> = text.lines().take(4).collect();
        let grade = grade(&said.join(". "));
        if grade > worst.0 {
            worst = (grade, case.id.clone());
        }
        assert!(grade <= 5.0, "{} reads at grade {grade:.1}: {said:?}", case.id);
    }
    println!("highest reading grade: {:.1} ({})", worst.0, worst.1);
}

#[test]
fn no_word_of_the_trade_stands_on_the_page() {
    for (name, section) in
        text::sections().iter().filter(|(name, _)| matches!(*name, "page" | "note" | "time"))
    {
        for id in section.ids() {
            let text = section.exact(Lang::ENGLISH, id).unwrap_or_default().to_lowercase();
            let found = text.split(|c: char| !c.is_alphabetic()).find(|word| JARGON.contains(word));
            assert_eq!(found, None, "{name}.{id}: {text}");
        }
    }
}

/// Flesch-Kincaid: 0.39 words a sentence + 11.8 syllables a word - 15.59.
fn grade(text: &str) -> f64 {
    let sentences =
        text.split(['.', ':', '?', '!']).filter(|s| s.chars().any(char::is_alphabetic)).count().max(1);
    let words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|w| !w.is_empty()).collect();
    let syllables: usize = words.iter().map(|word| syllables(word)).sum();
    let count = words.len().max(1) as f64;
    0.39 * count / sentences as f64 + 11.8 * syllables as f64 / count - 15.59
}

/// Groups of vowels, without a silent last e.
fn syllables(word: &str) -> usize {
    let word = word.to_lowercase();
    let vowel = |c: char| "aeiouy".contains(c);
    let mut groups = 0;
    let mut before = false;
    for c in word.chars() {
        groups += usize::from(vowel(c) && !before);
        before = vowel(c);
    }
    let silent = word.ends_with('e') && !word.ends_with("le") && groups > 1;
    (groups - usize::from(silent)).max(1)
}

#[test]
fn the_measure_tells_easy_from_hard() {
    assert!(grade("The cat sat on the mat. It was fat.") < 1.0);
    assert!(
        grade("Temporary infrastructural unavailability necessitates subsequent reconnection attempts.")
            > 12.0
    );
    for (word, count) in
        [("site", 1), ("again", 2), ("little", 2), ("orders", 2), ("internet", 3), ("the", 1)]
    {
        assert_eq!(syllables(word), count, "{word}");
    }
}
