//! Each case in each form against its golden file. `UPDATE_GOLDENS=1` writes them; read the difference as
//! prose. Style and script are left out of the HTML goldens: they are the same everywhere.

use std::fs;

use backsoon::page::{Form, Rendered};
#[cfg(not(target_family = "wasm"))]
use backsoon::text::Lang;
use backsoon_tests::page_case::{self, PageCase};

#[test]
fn every_case_is_as_its_goldens_say() {
    let update = std::env::var_os("UPDATE_GOLDENS").is_some();
    let mut wrong = Vec::new();
    for case in page_case::all() {
        for (ending, text) in forms(&case) {
            let file = page_case::folder().join(format!("{}.{ending}", case.id));
            if update {
                fs::write(&file, &text).expect("golden");
            } else if fs::read_to_string(&file).ok().as_deref() != Some(text.as_str()) {
                wrong.push(file.display().to_string());
            }
        }
    }
    assert!(wrong.is_empty(), "differ from what is rendered now (UPDATE_GOLDENS=1 writes them): {wrong:#?}");
}

/// Not in wasm: it may write nowhere. Every case in every language, for the browsers to open: `target/tmp/pages/<case>.<lang>.html`.
#[cfg(not(target_family = "wasm"))]
#[test]
fn every_page_is_written_for_the_browsers() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
    fs::create_dir_all(&folder).expect("target/tmp/pages");
    for lang in Lang::all() {
        let note = backsoon::page::note(lang, 1_795_367_045_000);
        assert!(note.is_ascii(), "{}: a page in another encoding would garble it", lang.tag());
        fs::write(folder.join(format!("note.{}.part", lang.tag())), note).expect("note");
    }
    for case in page_case::all() {
        for lang in Lang::all() {
            let page = case.render(Form::Html, lang);
            let stem = format!("{}.{}", case.id, lang.tag());
            fs::write(folder.join(format!("{stem}.html")), &page.body).expect("page");
            fs::write(folder.join(format!("{stem}.headers")), headers(&page)).expect("headers");
        }
    }
}

fn forms(case: &PageCase) -> Vec<(&'static str, String)> {
    let lang = case.language();
    let html = case.render(Form::Html, lang);
    let problem = case.render(Form::Problem, lang);
    let text = case.render(Form::Text, lang);
    let markdown = case.render(Form::Markdown, lang);
    let bare = case.render(Form::HeadersOnly, lang);
    assert_eq!(bare.body, "");
    let heads = [("html", &html), ("problem", &problem), ("text", &text), ("bare", &bare)];
    let heads: String = heads.iter().map(|(form, page)| format!("[{form}]\n{}\n", headers(page))).collect();
    let problem: serde_json::Value = serde_json::from_str(&problem.body).expect("problem is JSON");
    let problem = serde_json::to_string_pretty(&problem).expect("JSON") + "\n";
    vec![
        ("headers.golden", without_hashes(&heads)),
        ("html.golden", prose(&html.body)),
        ("problem.golden", problem),
        ("txt.golden", text.body),
        ("md.golden", markdown.body),
    ]
}

fn headers(page: &Rendered) -> String {
    let fields: String = page.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    format!("{}\n{fields}", page.status)
}

/// Hashes change with every letter of the style: the policy's own test checks them.
fn without_hashes(text: &str) -> String {
    let mut parts = text.split("'sha256-");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str("'sha256-*'");
        out.push_str(part.split_once('\'').map_or(part, |(_, rest)| rest));
    }
    out
}

/// One element a line, without style and script.
fn prose(html: &str) -> String {
    let mut out = html.to_owned();
    for name in ["style", "script"] {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        if let Some((before, rest)) = out.clone().split_once(&open) {
            let after = rest.split_once(&close).map_or("", |(_, after)| after);
            out = format!("{before}{open}*{close}{after}");
        }
    }
    for tag in [
        "<head", "<link", "<style", "<body", "<h1", "<h2", "<p", "<ol", "<ul", "<li", "<div", "<details",
        "<dl", "<dt", "<button", "<script",
    ] {
        out = out.replace(tag, &format!("\n{tag}"));
    }
    out + "\n"
}
