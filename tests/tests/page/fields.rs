//! The header fields and the forms: what RFC 9457 asks of the problem, and what no form may lack.

use backsoon::page::{Form, Processed, Rendered};
use backsoon_tests::page_case::{self, PageCase};

fn field<'a>(page: &'a Rendered, name: &str) -> Option<&'a str> {
    page.headers.iter().find(|(n, _)| *n == name).map(|(_, value)| value.as_str())
}

fn case(id: &str) -> PageCase {
    page_case::all().into_iter().find(|case| case.id == id).unwrap_or_else(|| panic!("no case {id}"))
}

#[test]
fn every_form_says_what_a_failure_must_say() {
    for case in page_case::all() {
        for form in [Form::Html, Form::Problem, Form::Json, Form::Markdown, Form::Text, Form::HeadersOnly] {
            let page = case.render(form, case.language());
            assert!((500..600).contains(&page.status), "{}", case.id);
            assert_eq!(field(&page, "Cache-Control"), Some("no-store"));
            assert_eq!(field(&page, "X-Robots-Tag"), Some("noindex"));
            // Any site may read a failure, when to come back included; none with credentials.
            assert_eq!(field(&page, "Access-Control-Allow-Origin"), Some("*"));
            assert!(field(&page, "Access-Control-Expose-Headers").is_some_and(|e| e.contains("Retry-After")));
            assert_eq!(field(&page, "Access-Control-Allow-Credentials"), None);
            assert_eq!(field(&page, "Vary"), Some("Accept, Accept-Language, Sec-Fetch-Dest"));
            assert!(field(&page, "Retry-After").is_some_and(|s| s.parse::<u32>().is_ok()));
            assert!(field(&page, "Link").is_some_and(|l| l.contains("rel=\"status\"")));
            let mut names: Vec<_> = page.headers.iter().map(|(name, _)| name).collect();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), page.headers.len(), "{}: a field twice", case.id);
            assert_eq!(field(&page, "Content-Type").unwrap_or_default(), page.content_type);
            assert_eq!(page.body.is_empty(), form == Form::HeadersOnly);
        }
    }
}

#[test]
fn the_policy_allows_hashes_only() {
    for case in page_case::all() {
        let page = case.render(Form::Html, case.language());
        let policy = field(&page, "Content-Security-Policy").expect("policy");
        assert!(policy.starts_with("default-src 'none'; "), "{policy}");
        assert!(!policy.contains("unsafe") && !policy.contains("http") && !policy.contains('*'), "{policy}");
        // One hash for each style and script: the browsers' test compares them with what they hash.
        let blocks = page.body.matches("<style>").count() + page.body.matches("<script>").count();
        assert_eq!(policy.matches("'sha256-").count(), blocks, "{}: {policy}", case.id);
        // Neither attribute would be allowed.
        assert!(!page.body.contains(" style=") && !page.body.contains(" onclick"), "{}", case.id);
    }
}

#[test]
fn the_problem_tells_programs_what_they_may_do() {
    let problem = |id: &str| -> serde_json::Value {
        let case = case(id);
        serde_json::from_str(&case.render(Form::Problem, case.language()).body).expect("JSON")
    };
    let unsent = problem("form_unsent");
    assert_eq!((&unsent["request_processed"], &unsent["retryable"]), (&"no".into(), &true.into()));
    let unknown = problem("form_unknown");
    assert_eq!((&unknown["request_processed"], &unknown["retryable"]), (&"unknown".into(), &false.into()));
    assert_eq!(problem("visitor")["retryable"], false);
    for member in
        ["type", "title", "status", "detail", "instance", "cause", "layer", "at_fault", "retry_after"]
    {
        assert!(unsent.get(member).is_some(), "{member}");
    }
    assert_eq!(Processed::No.as_str(), "no");
}

#[test]
fn what_was_sent_is_never_opened_again() {
    for case in page_case::all().into_iter().filter(|case| case.unsafe_method) {
        let html = case.render(Form::Html, case.language()).body;
        assert!(html.contains(" data-form>"), "{}: the script would open the address", case.id);
        assert!(!html.contains("href=\"\""), "{}: a link opens the address", case.id);
    }
}

/// A page in a frame of another site has one link, to itself, and nothing else to press.
#[test]
fn a_framed_page_is_short_and_may_be_framed() {
    let (framed, own) = (case("framed"), case("framed_form"));
    let page = framed.render(Form::Html, framed.language());
    let policy = field(&page, "Content-Security-Policy").expect("policy");
    assert!(!policy.contains("frame-ancestors"), "{policy}");
    assert_eq!(page.body.matches("<a ").count(), 1);
    assert!(page.body.contains("href=\"\"") && page.body.contains("Flower shop"));
    for absent in ["<details", "<ol", "help@shop.test"] {
        assert!(!page.body.contains(absent), "{absent}");
    }
    let page = own.render(Form::Html, own.language());
    assert!(field(&page, "Content-Security-Policy").is_some_and(|p| p.ends_with("frame-ancestors 'self'")));
    for form in [Form::Problem, Form::Json, Form::Markdown, Form::Text] {
        let policy = framed.render(form, framed.language());
        assert!(
            field(&policy, "Content-Security-Policy").is_some_and(|p| p.contains("frame-ancestors 'none'"))
        );
    }
}
