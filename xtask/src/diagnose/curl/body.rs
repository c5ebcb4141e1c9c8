//! What of curl's output is the body that a server sent, and what curl says of itself between it.
//!
//! Knows curl's progress meter and its remarks; judges nothing of the body.

use backsoon::facts::Exchange;

/// Most of a body that is looked at.
const MOST: usize = 64 * 1024;

/// curl's remarks, which stand behind a body that ends without a line break.
const REMARKS: &[&[u8]] =
    &[b"* Connection #", b"* Closing connection", b"* closing connection", b"* shutting down"];

/// The body without the progress meter (where both outputs went to one place) and without remarks at line ends.
pub fn without_noise(body: &[u8]) -> Vec<u8> {
    let mut kept = Vec::new();
    // Noise is short: more than this never makes up for too little of a body.
    let body = &body[..body.len().min(4 * MOST)];
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let remark = REMARKS.iter().filter_map(|remark| position(line, remark)).min();
        let line = remark.map_or(line, |at| &line[..at]);
        if !line.split(|byte| *byte == b'\r').any(is_meter) {
            kept.extend_from_slice(line);
            continue;
        }
        for part in line.split(|byte| *byte == b'\r').filter(|part| !is_meter(part)) {
            kept.extend_from_slice(part.strip_suffix(b"\n").unwrap_or(part));
        }
    }
    kept
}

/// The body of an answer: `None` where the answer says that it had one and the output does not hold it (`-I`,
/// or an output that went elsewhere).
pub fn told(exchange: &Exchange, body: Vec<u8>, elsewhere: bool) -> Option<Vec<u8>> {
    let length = exchange.headers.value("content-length").map(str::trim);
    let had = length.is_some_and(|length| length != "0") || exchange.headers.has("transfer-encoding");
    let mut body = body;
    body.truncate(MOST);
    (!body.is_empty() || !(had || elsewhere)).then_some(body)
}

/// A line of the progress meter, or of its heading.
fn is_meter(line: &[u8]) -> bool {
    let text = String::from_utf8_lossy(line);
    let text = text.trim();
    if text.starts_with("% Total ") || text.starts_with("Dload  Upload") {
        return true;
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let figure = |word: &&str| word.chars().all(|c| c.is_ascii_digit() || "-:.kMGTP".contains(c));
    // Eight columns at least: percent, total, percent, received, percent, sent and two speeds.
    words.len() >= 8
        && words.first().and_then(|first| first.parse::<u8>().ok()).is_some_and(|percent| percent <= 100)
        && words.iter().all(figure)
}

fn position(line: &[u8], part: &[u8]) -> Option<usize> {
    line.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_curl_says_of_itself_is_no_body() {
        let meter = "\r100    19  100    19    0     0  15224      0 --:--:-- --:--:-- --:--:-- 19000\n";
        for (output, body) in [
            (format!("{meter}no healthy upstream"), "no healthy upstream"),
            (format!("no healthy upstream{meter}"), "no healthy upstream"),
            (
                "no healthy upstream* Connection #0 to host shop.test left intact\n".into(),
                "no healthy upstream",
            ),
            ("a\r\nb\r\n".into(), "a\r\nb\r\n"),
            ("1 2 3 4 5 6 7 8 apples\n".into(), "1 2 3 4 5 6 7 8 apples\n"),
        ] {
            assert_eq!(String::from_utf8_lossy(&without_noise(output.as_bytes())), body);
        }
    }
}
