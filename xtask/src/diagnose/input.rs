//! Decides what sort of text was given: a capture, a list or lines of captures, a HAR file, a report of the
//! extension, or curl's output.

use backsoon::facts::View;
use backsoon_tests::capture;
use serde_json::Value;

use super::{Named, curl, har, reported};

/// The exchanges in `bytes`; empty for reference material.
///
/// # Errors
/// One line saying what was expected and what was found.
pub fn exchanges(name: &str, bytes: &[u8]) -> Result<Vec<Named>, String> {
    // What Windows' own shell writes with `>`.
    let utf16 = bytes.strip_prefix(&[0xff, 0xfe]).map(|bytes| {
        let units = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        String::from_utf16_lossy(&units.collect::<Vec<_>>()).into_bytes()
    });
    let bytes = utf16.as_deref().unwrap_or(bytes);
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.is_empty() {
        return Err("empty: expected capture JSON, a HAR file or the output of curl -i or curl -v".into());
    }
    let short = std::path::Path::new(name).file_name().map_or(name.into(), |last| last.to_string_lossy());
    if let Some(facts) = reported::in_fence(text) {
        return reported::exchange(&short, facts).map(|one| vec![one]);
    }
    if !text.starts_with(['{', '[']) {
        return curl::exchanges(&short, bytes);
    }
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Array(items)) => {
            let read = items.iter().map(|item| one(&item.to_string()));
            read.collect::<Result<Vec<_>, _>>().map(|all| all.into_iter().flatten().collect())
        }
        Ok(value) if reported::is_report(&value) => reported::exchange(&short, text).map(|one| vec![one]),
        Ok(value) if value.get("log").is_some() => har::exchanges(&short, &value),
        Ok(value) if value.get("id").is_some() || value.get("response").is_some() => {
            one(text).map(|one| one.into_iter().collect())
        }
        Ok(_) => Err("JSON, but neither a capture (`id`, `response`) nor a HAR file (`log`)".into()),
        // Several captures, one per line.
        Err(why) => {
            let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
            if lines.len() < 2 || !lines.iter().all(|line| serde_json::from_str::<Value>(line).is_ok()) {
                return Err(format!("broken JSON: {why}"));
            }
            let read = lines.iter().map(|line| one(line));
            read.collect::<Result<Vec<_>, _>>().map(|all| all.into_iter().flatten().collect())
        }
    }
}

fn one(text: &str) -> Result<Option<Named>, String> {
    let capture = capture::parse(text)?;
    Ok(capture.map(|capture| Named { id: capture.id.clone(), exchange: capture.exchange(View::Wire) }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use backsoon::facts::{Exchange, Fault};
    use backsoon::verdict::AtFault;

    fn read(name: &str, text: &str) -> Vec<Exchange> {
        exchanges(name, text.as_bytes()).unwrap().into_iter().map(|named| named.exchange).collect()
    }
    fn body(exchange: &Exchange) -> Option<&str> {
        exchange.body.as_deref().map(|body| std::str::from_utf8(body).unwrap())
    }

    const HEAD: &str = "> GET /a HTTP/1.1\n> Host: shop.test\n> \n< HTTP/1.1 503 Service Unavailable\n< Server: envoy\n\
        < Content-Length: 19\n< \n{ [19 bytes data]\n";
    const METER: &str = "\r100    19  100    19    0     0  15224      0 --:--:-- --:--:-- --:--:-- 19000\n";

    #[test]
    fn verbose_curl_with_everything_in_one_file() {
        let again = "HTTP/1.1 503 Service Unavailable\r\nServer: envoy\r\n\r\n";
        for output in [
            format!("{HEAD}no healthy upstream* Connection #0 to host shop.test left intact\n"),
            format!("{HEAD}{METER}* Connection #0 to host shop.test left intact\nno healthy upstream"),
            format!("{HEAD}{METER}* Connection #0 to host shop.test left intact\n{again}no healthy upstream"),
        ] {
            let found = read("v.txt", &output);
            assert_eq!(found.len(), 1, "{output}");
            assert_eq!(body(&found[0]), Some("no healthy upstream"), "{output}");
            assert_eq!((found[0].method.as_str(), found[0].url.as_str()), ("GET", "/a"));
        }
    }

    #[test]
    fn a_body_that_went_elsewhere_is_not_empty() {
        assert_eq!(body(&read("v.txt", &format!("{HEAD}{METER}"))[0]), None);
        assert_eq!(body(&read("i.txt", "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 9\r\n\r\n")[0]), None);
        assert_eq!(
            body(&read("i.txt", "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")[0]),
            Some("")
        );
        assert_eq!(body(&read("i.txt", "HTTP/2 502 \r\nserver: x\r\n\r\n")[0]), Some(""));
    }

    #[test]
    fn each_answer_of_a_chain_counts_and_interim_ones_do_not() {
        let found = read(
            "iL.txt",
            "HTTP/1.1 301 Moved\r\nLocation: /b\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/2 502 \r\n\r\nx",
        );
        assert_eq!(found.iter().map(|one| one.status).collect::<Vec<_>>(), [Some(301), Some(502)]);
        assert_eq!(body(&found[1]), Some("x"));
    }

    #[test]
    fn errors_of_curl_are_read() {
        let found =
            read("v.txt", "*   Trying 127.0.0.1:9...\ncurl: (7) Failed to connect: Connection refused\n");
        assert_eq!(found[0].transport_error.as_ref().map(|error| error.fault), Some(Fault::Refused));
    }

    #[test]
    fn what_windows_writes_is_read() {
        let text = "HTTP/1.1 502 Bad Gateway\r\nServer: nginx\r\n\r\nx";
        let bytes: Vec<u8> =
            [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        assert_eq!(exchanges("w.txt", &bytes).unwrap()[0].exchange.status, Some(502));
    }

    #[test]
    fn a_browsers_archive_blames_nobody_for_what_the_browser_ended() {
        let har = |response: &str| {
            read("a.har", &format!("{{\"log\":{{\"entries\":[{{\"request\":{{\"method\":\"GET\"}},\"response\":{response}}}]}}}}"))
                .remove(0)
        };
        let refused = har("{\"status\":0,\"_error\":\"net::ERR_CONNECTION_REFUSED\"}");
        assert_eq!(refused.transport_error.map(|error| error.fault), Some(Fault::Refused));
        for ended in [
            "{\"status\":0,\"_error\":\"net::ERR_ABORTED\"}",
            "{\"status\":0,\"_error\":\"net::ERR_BLOCKED_BY_CLIENT\"}",
            "{\"status\":0}",
        ] {
            let exchange = har(ended);
            assert!(exchange.transport_error.is_none() && exchange.status.is_none(), "{ended}");
            assert_eq!(backsoon::diagnosis::diagnose(&exchange).fault, AtFault::Unknown, "{ended}");
        }
        let lost = "{\"status\":502,\"headers\":[{\"name\":\"Content-Length\",\"value\":\"9\"}],\"content\":{\"size\":0}}";
        assert_eq!(har(lost).body, None, "the browser no longer had it");
    }

    #[test]
    fn what_is_no_exchange_is_said_in_one_line() {
        for text in ["", "hello", "{\"foo\":1}", "{\"id\": ", "[1]"] {
            let why = exchanges("x", text.as_bytes()).err().unwrap();
            assert!(!why.is_empty() && !why.contains('\n'), "{text}: {why}");
        }
    }
}
