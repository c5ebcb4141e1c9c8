//! The steps of reading a page against its size.

use super::closure;
use crate::rescue::request::Url;
use crate::steps::{assert_linear, of};

fn read(html: &str) {
    let url = Url::parse("https://shop.test/a/b").unwrap_or_default();
    closure(&url, html.as_bytes());
}

fn many(size: usize, each: impl Fn(usize) -> String) -> String {
    (0..size).map(each).collect()
}

#[test]
fn a_page_costs_in_proportion_to_its_size() {
    type Page = fn(usize) -> String;
    let pages: [(&str, Page); 14] = [
        ("images", |n| many(n, |i| format!("<img src={i:x}>"))),
        ("one image", |n| "<img src=/a.png>".repeat(n)),
        ("every need", |n| {
            many(n, |i| format!("<img src={i}><script src={i}></script><link rel=icon href=i{i}>"))
        }),
        ("dots", |n| format!("<img src=\"{}{}x\">", "a/".repeat(n), "../".repeat(n))),
        ("attributes", |n| format!("<img {} src=x>", many(n, |i| format!("a{i:x} ")))),
        ("attributes of many tags", |n| "<img a b c d e f src>".repeat(n)),
        ("brackets", |n| "<".repeat(n)),
        ("tags", |n| "<b>".repeat(n)),
        ("comments", |n| format!("<p>{}", "<!--".repeat(n))),
        ("ends", |n| format!("<script>{}", "</".repeat(n))),
        ("quotes", |n| format!("<i>{}", "<a b=\"".repeat(n))),
        ("relations", |n| format!("<link rel=\"{}\" href=/x>", "icon ".repeat(n))),
        ("bases", |n| format!("{}<img src=x>", "<base href=/a/>".repeat(n))),
        ("a long base", |n| format!("<base href=\"/{}\">{}", "a/".repeat(n), "<img src=x>".repeat(n))),
    ];
    for (what, page) in pages {
        assert_linear(what, page, |html| read(html));
    }
}

#[test]
fn a_page_of_28_000_images_costs_little_more_than_its_bytes() {
    let html = many(28_000, |i| format!("<img src={i:x}>"));
    let steps = of(|| read(&html));
    let bytes = u64::try_from(html.len()).unwrap_or(0);
    assert!(steps < bytes.saturating_mul(3), "{steps} steps for {bytes} bytes");
}
