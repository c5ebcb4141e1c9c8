//! Hostile text in every field: the document keeps its elements and attributes, the problem its members, the
//! text its six lines, the header fields their values.

use std::sync::OnceLock;

use backsoon::page::{Form, Rendered};
use backsoon::text::Lang;
use backsoon_tests::page_case::{self, PageCase};

/// Known attacks, one a line.
const ATTACKS: &str = include_str!("../../cases/page/attacks.txt");

#[test]
fn known_attacks_change_nothing_but_text() {
    for attack in ATTACKS.lines().filter(|line| !line.starts_with("# ") && !line.is_empty()) {
        let attack =
            attack.replace("\\n", "\n").replace("\\t", "\t").replace("\\r", "\r").replace("\\0", "\0");
        check(&attack);
    }
}

#[test]
fn made_up_attacks_change_nothing_but_text() {
    let parts: Vec<&str> = "< > \" ' ` = / \\ & ; : ( ) { } script style on error src href javascript: data: </ <!-- --> ]]> &lt; &#x3c; \u{202e} \u{0} \u{1b} \n \r\n \t a \u{3000} 中 <svg <img <a {time} {n}"
        .split(' ')
        .collect();
    // Xorshift: the same attacks in every run.
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % below as u64) as usize
    };
    for _ in 0..3_000 {
        let length = next(12) + 1;
        let attack: String = (0..length).map(|_| parts[next(parts.len())]).collect();
        check(&attack);
    }
}

#[test]
fn a_logo_and_links_that_do_not_fit_are_left_out() {
    let page = |edit: &dyn Fn(&mut PageCase)| {
        let mut case = model("x");
        edit(&mut case);
        case.render(Form::Html, Lang::ENGLISH).body
    };
    for bad in
        ["javascript:alert(1)", "//evil.test", "data:text/html,x", "https:/evil", "ftp://x.test", "https://"]
    {
        let html = page(&|c| {
            c.owner.status_page = Some(bad.into());
            c.owner.contact = Some(bad.into());
        });
        assert!(!html.contains(&format!("href=\"{bad}")), "{bad}");
    }
    for bad in ["//evil.test/", "/\\evil.test", "evil", "https://evil.test/", "/\t/evil.test", "/a\nb", ""] {
        let html = page(&|c| c.copies = vec![(bad.into(), "Title".into())]);
        assert!(!html.contains("Title"), "{bad:?}");
    }
    let png = "data:image/png;base64,iVBORw0KGgo=";
    assert!(page(&|c| c.owner.logo = Some(png.into())).contains(png));
    let long = format!("{png}{}", "A".repeat(backsoon::page::LOGO_LIMIT));
    for bad in
        ["data:image/png;base64,R0lGOD", "data:text/html;base64,iVBORw0KGgo=", "https://x.test/a.png", &long]
    {
        assert!(!page(&|c| c.owner.logo = Some(bad.into())).contains("<img"), "{bad}");
    }
}

/// Everything foreign is `text`.
fn model(text: &str) -> PageCase {
    static BASE: OnceLock<PageCase> = OnceLock::new();
    let base = || page_case::all().into_iter().find(|case| case.id == "down_owner").expect("down_owner");
    let mut case = BASE.get_or_init(base).clone();
    case.owner.name = Some(text.into());
    case.owner.message = Some(text.into());
    case.owner.contact = Some(format!("words {text}"));
    case.owner.status_page = Some("https://status.shop.test/".into());
    case.copies = vec![("/x".into(), text.into())];
    case.path = text.into();
    case.reference = text.into();
    case.cause = Some(text.into());
    case.error = Some(text.into());
    case.layer = Some(text.into());
    case
}

fn check(attack: &str) {
    let (calm, hostile) = (model("calm"), model(&format!("x{attack}")));
    let both = |form| (calm.render(form, Lang::ENGLISH), hostile.render(form, Lang::ENGLISH));
    let (a, b) = both(Form::Html);
    assert_eq!(skeleton(&a.body), skeleton(&b.body), "{attack:?} changed the document");
    assert_eq!(fields(&a), fields(&b), "{attack:?} reached the header fields");
    // An address or colour that does not fit is not taken over in part.
    let mut aimed = model("calm");
    aimed.owner.colour = Some(attack.into());
    aimed.owner.logo = Some(format!("data:image/png;base64,{attack}"));
    aimed.copies = vec![(format!("/{attack}"), "x".into())];
    aimed.owner.status_page = Some(format!("https://s.test/{attack}"));
    let aimed = skeleton(&aimed.render(Form::Html, Lang::ENGLISH).body);
    let known = skeleton(&a.body);
    assert!(aimed.iter().all(|part| known.contains(part)), "{attack:?} brought something new: {aimed:?}");

    let (a, b) = both(Form::Problem);
    let keys = |page: &Rendered| -> Vec<String> {
        let document: serde_json::Value = serde_json::from_str(&page.body).expect("JSON");
        document.as_object().expect("object").keys().cloned().collect()
    };
    assert_eq!(keys(&a), keys(&b), "{attack:?}");
    assert!(!b.body.contains('<'), "{attack:?}");

    let (_, b) = both(Form::Text);
    assert_eq!(b.body.lines().count(), 6, "{attack:?}: {:?}", b.body);
    assert!(!b.body.chars().any(|c| c.is_control() && c != '\n'), "{attack:?}: {:?}", b.body);
    assert!(!b.body.contains('\u{202e}'), "{attack:?}");
}

fn fields(page: &Rendered) -> Vec<(&'static str, String)> {
    page.headers.clone()
}

/// The names of all elements and attributes in order, as an HTML tokenizer finds them. A stray quote or angle
/// bracket that came through would shift everything after it.
fn skeleton(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once('<') {
        let name: String = after.chars().take_while(|c| !c.is_whitespace() && *c != '>').collect();
        let mut tail = &after[name.len()..];
        found.push(name.clone());
        loop {
            tail = tail.trim_start();
            if let Some(end) = tail.strip_prefix('>') {
                tail = end;
                break;
            }
            assert!(!tail.is_empty(), "<{name} does not end");
            let attribute: String =
                tail.chars().take_while(|c| !c.is_whitespace() && !"=>".contains(*c)).collect();
            tail = &tail[attribute.len()..];
            found.push(format!("{name} {attribute}"));
            if let Some(value) = tail.strip_prefix("=\"") {
                tail = value.split_once('"').expect("closing quote").1;
            } else if let Some(value) = tail.strip_prefix('=') {
                tail = &value[value.find(|c: char| c.is_whitespace() || c == '>').expect("end of value")..];
            }
        }
        // Raw text: nothing in it is an element.
        if matches!(name.as_str(), "style" | "script") {
            let close = format!("</{name}>");
            tail = tail.split_once(&close).expect("closing tag").1;
        }
        rest = tail;
    }
    found
}
