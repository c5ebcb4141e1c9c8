//! What a visitor downloads: at most 3 KB after gzip in every language and state, before the owner's own
//! text; and nothing else is ever asked for.

use std::io::Write;

use backsoon::page::Form;
use backsoon::text::Lang;
use backsoon_tests::page_case;
use flate2::{Compression, write::GzEncoder};

/// Bytes after gzip.
const LIMIT: usize = 3_072;

#[test]
fn every_page_is_small() {
    let mut largest = (0, String::new());
    let mut smallest = usize::MAX;
    for mut case in page_case::all() {
        case.owner = Default::default();
        case.copies.clear();
        for lang in Lang::all() {
            let size = gzip(&case.render(Form::Html, lang).body);
            smallest = smallest.min(size);
            largest = largest.max((size, format!("{} in {}", case.id, lang.tag())));
        }
    }
    println!("page after gzip: {smallest} to {} bytes ({})", largest.0, largest.1);
    assert!(largest.0 <= LIMIT, "{} has {} bytes after gzip, more than {LIMIT}", largest.1, largest.0);
}

#[test]
fn no_page_asks_for_anything() {
    for case in page_case::all() {
        let html = case.render(Form::Html, case.language()).body;
        for asking in [" src=\"h", " src=\"/", "url(", "@import", "<iframe", "<form", "location.reload"] {
            assert!(!html.contains(asking), "{}: {asking}", case.id);
        }
        assert!(html.contains("<link rel=icon href=data:,>"), "{}: browsers would ask for an icon", case.id);
    }
}

fn gzip(text: &str) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text.as_bytes()).expect("memory");
    encoder.finish().expect("memory").len()
}
