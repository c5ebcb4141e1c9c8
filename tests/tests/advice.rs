//! What a visitor is told, by cases: the sentence, the first step, and what will not help.

use backsoon::diagnosis::diagnose;
use backsoon::facts::{Beside, Exchange, Fault, Headers, Phase, TransportError};
use backsoon::text::{Lang, sections};
use backsoon::verdict::{AtFault, Transient, Verdict};

const NGINX: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1>\
</center>\r\n<hr><center>nginx/1.24.0</center>\r\n</body>\r\n</html>\r\n";

fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Exchange {
    Exchange {
        status: Some(status),
        headers: headers.iter().copied().collect::<Headers>(),
        body: Some(body.into()),
        ..Exchange::default()
    }
}

fn bad_gateway(beside: Beside) -> Verdict {
    let headers = [("Server", "nginx/1.24.0"), ("Content-Type", "text/html")];
    diagnose(&Exchange { beside, ..answer(502, &headers, NGINX) })
}

fn first(verdict: &Verdict) -> &'static str {
    verdict.visitor.first().map_or("", |step| step.remedy)
}

fn useless(verdict: &Verdict, remedy: &str) -> bool {
    verdict.not_helpful.iter().any(|row| row.remedy == remedy)
}

#[test]
fn a_refusing_origin_is_no_matter_of_cookies() {
    let verdict = bad_gateway(Beside::default());
    assert_eq!((first(&verdict), verdict.fault), ("refresh", AtFault::Site));
    assert_eq!(verdict.visitor[0].after_s, Some(15));
    assert!(useless(&verdict, "clear_site_data") && useless(&verdict, "other_browser"));
}

#[test]
fn what_works_without_cookies_is_a_matter_of_cookies() {
    let verdict = bad_gateway(Beside { without_cookies: Some(200), ..Beside::default() });
    assert_eq!((first(&verdict), verdict.sentence_id), ("clear_site_data", "verdict.cookies"));
    assert!(!useless(&verdict, "clear_site_data"));
    let verdict = bad_gateway(Beside { without_cookies: Some(502), ..Beside::default() });
    assert!(useless(&verdict, "clear_site_data") && first(&verdict) == "refresh");
}

#[test]
fn what_was_learnt_beside_leads() {
    let portal = bad_gateway(Beside { captive_portal: Some(true), ..Beside::default() });
    assert_eq!((first(&portal), portal.sentence_id), ("switch_network", "verdict.your_network"));
    let offline = bad_gateway(Beside { online: Some(false), ..Beside::default() });
    assert_eq!(offline.sentence_id, "verdict.your_network");
    let stored = bad_gateway(Beside { from_cache: Some(true), ..Beside::default() });
    assert_eq!((first(&stored), stored.visitor[0].why_id), ("refresh", "remedy.refresh_stored"));
    let worker = bad_gateway(Beside { from_service_worker: Some(true), ..Beside::default() });
    assert_eq!(first(&worker), "private_window");
    let proxied = bad_gateway(Beside { proxied: Some(true), ..Beside::default() });
    assert_ne!(first(&proxied), "proxy_off", "the site is down: a VPN makes no difference");
    let blocked = diagnose(&Exchange {
        beside: Beside { proxied: Some(true), ..Beside::default() },
        ..answer(403, &[("Server", "cloudflare")], "error code: 1020")
    });
    assert_eq!((first(&blocked), blocked.fault), ("proxy_off", AtFault::Visitor));
}

#[test]
fn earlier_tries_tell_whether_it_passes() {
    assert_eq!(bad_gateway(Beside::default()).transient, Transient::Unknown);
    let now_and_then = Beside { earlier: vec![502, 200, 502], ..Beside::default() };
    assert_eq!(bad_gateway(now_and_then).transient, Transient::Likely);
    let never = Beside { earlier: vec![502, 502, 0], ..Beside::default() };
    assert_eq!(bad_gateway(never).transient, Transient::Unlikely);
}

#[test]
fn a_servers_own_word_on_waiting_is_believed_up_to_a_day() {
    let page = "<!doctype html><title>Down for maintenance</title><p>Back soon";
    let told = |value: &str| {
        let headers = [("Retry-After", value), ("Content-Type", "text/html; charset=utf-8")];
        diagnose(&answer(503, &headers, page))
    };
    let wait =
        |verdict: &Verdict| verdict.visitor.iter().find(|step| step.remedy == "wait").and_then(|s| s.after_s);
    assert_eq!(told("120").sentence_id, "verdict.maintenance");
    assert_eq!(wait(&told("120")), Some(120));
    assert_eq!(wait(&told("99999999")), Some(86_400));
    assert_eq!(wait(&told("soon")), None);
}

#[test]
fn a_name_that_does_not_resolve_is_between() {
    let error = TransportError {
        phase: Phase::Dns,
        fault: Fault::NameNotResolved,
        text: "net::ERR_NAME_NOT_RESOLVED".into(),
    };
    let verdict = diagnose(&Exchange { transport_error: Some(error.clone()), ..Exchange::default() });
    assert_eq!((verdict.layers[0].id, verdict.causes[0].error), ("dns", Some("dns_error")));
    assert_eq!((verdict.fault, first(&verdict)), (AtFault::Between, "switch_network"));
}

#[test]
fn a_certificate_problem_never_sends_one_on() {
    let error = TransportError { phase: Phase::Tls, fault: Fault::Certificate, text: String::new() };
    let verdict = diagnose(&Exchange { transport_error: Some(error), ..Exchange::default() });
    assert_eq!(verdict.sentence_id, "verdict.certificate");
    assert!(useless(&verdict, "refresh"));
}

#[test]
fn the_healthy_are_not_blamed() {
    for body in
        ["hello", "<h1>How to fix 502 Bad Gateway</h1><p>error establishing a database connection", ""]
    {
        let verdict = diagnose(&answer(200, &[("Server", "nginx")], &body.repeat(100)));
        assert_eq!(
            (verdict.fault, verdict.causes.len(), verdict.layers.len()),
            (AtFault::None, 0, 0),
            "{body}"
        );
        assert!(verdict.visitor.is_empty() && verdict.not_helpful.is_empty());
    }
}

#[test]
fn an_error_page_under_200_is_a_failure() {
    let body = "<html><body id=\"error-page\"><div class=\"wp-die-message\"><h1>Error establishing a database \
                connection</h1></div></body></html>";
    let verdict = diagnose(&answer(200, &[("Content-Type", "text/html; charset=UTF-8")], body));
    assert_eq!((verdict.gateway.id.as_str(), verdict.layers[0].id), ("wordpress", "database"));
    assert_eq!(verdict.fault, AtFault::Site);
}

/// Every id that a verdict can name has an English text.
#[test]
fn every_why_has_its_text() {
    let verdicts = [400, 401, 403, 404, 408, 413, 429, 431, 451, 500, 502, 503, 504, 520, 525, 530]
        .map(|status| diagnose(&answer(status, &[("Server", "cloudflare")], "")));
    let known = |id: &str| {
        let (section, name) = id.split_once('.').unwrap();
        let section = sections().iter().find(|(known, _)| *known == section).unwrap().1;
        section.exact(Lang::ENGLISH, name).is_some()
    };
    for mut verdict in verdicts {
        verdict.in_english();
        assert!(known(verdict.sentence_id), "{}", verdict.sentence_id);
        for step in &verdict.visitor {
            assert!(known(step.why_id) && !step.why.is_empty(), "{}", step.why_id);
        }
        for row in &verdict.not_helpful {
            assert!(known(row.why_id) && !row.why.is_empty(), "{}", row.why_id);
            assert!(
                !verdict.visitor.iter().any(|step| step.remedy == row.remedy),
                "{}: both ways",
                row.remedy
            );
        }
    }
}
