//! The names that errors give themselves.
//!
//! Whole names only: a title that merely speaks of an error ("How to fix a 502") is not one.

/// Names without a number that nothing but an error page has for a title or first heading.
const NAMES: [&str; 34] = [
    "application error",
    "application is not available",
    "backend fetch failed",
    "bad gateway",
    "could not connect",
    "database error",
    "down for maintenance",
    "error",
    "error establishing a database connection",
    "error: server error",
    "error: the requested url could not be retrieved",
    "fatal error",
    "gateway time-out",
    "gateway timeout",
    "guru meditation",
    "internal error",
    "internal server error",
    "maintenance",
    "no server is available to handle this request",
    "origin dns error",
    "proxy error",
    "server connection closed",
    "server error",
    "service temporarily unavailable",
    "service unavailable",
    "something broke",
    "something went wrong",
    "temporarily unavailable",
    "the page is temporarily unavailable",
    "timeout",
    "upstream connect error or disconnect/reset before headers",
    "web server error",
    "we're sorry, but something went wrong",
    "whitelabel error page",
];

/// At least one of these is in the name that follows a number.
const WORDS: [&str; 24] = [
    "backend",
    "certificate",
    "connect",
    "error",
    "exceeded",
    "failed",
    "fault",
    "gateway",
    "handshake",
    "headers",
    "invalid",
    "maintenance",
    "not implemented",
    "not supported",
    "overloaded",
    "proxy",
    "response",
    "server",
    "time-out",
    "timed out",
    "timeout",
    "unavailable",
    "unreachable",
    "upstream",
];

/// What programs print when they break, at the very start of the text.
const TRACES: [&str; 10] = [
    "fatal error:",
    "parse error:",
    "traceback (most recent call last)",
    "uncaught exception",
    "unhandled exception",
    "php fatal error",
    "warning: mysqli_connect",
    "warning: mysql_connect",
    "upstream connect error or disconnect/reset before headers",
    "java.lang.",
];

/// Whether the text is an error's name: `Some(Some(502))` where it has a number, `Some(None)` where not.
pub fn names_error(text: &str) -> Option<Option<u16>> {
    let text = text.trim().trim_end_matches(['.', '!']).to_ascii_lowercase();
    // "example.com | 522: Connection timed out": the last part that starts with the number.
    let last = text.rsplit('|').map(str::trim).find(|part| number(part).is_some()).unwrap_or(&text);
    let bare = last.strip_prefix("error ").or_else(|| last.strip_prefix("http ")).unwrap_or(last);
    if let Some((code, after)) = number(bare) {
        let name = after.trim_start_matches([' ', ':', '-', '–', '—']).trim();
        // A number, and at most a name that speaks of errors; "500 recipes" is somebody's page, and what has a
        // question mark is somebody's article.
        let speaks = name.is_empty() || WORDS.iter().any(|word| name.contains(word));
        let short = name.split(' ').count() <= 12 && !name.contains(['?', '"']);
        return if speaks && short { Some(Some(code)) } else { None };
    }
    // "Server Error (500)", "Oops - Error 500"
    let ended = bare.trim_end_matches(')');
    if let Some((before, code)) = ended.rsplit_once([' ', '(']) {
        let before = before.trim_end_matches([' ', '(', ':', '-']).trim();
        let known = NAMES.contains(&before) || before.ends_with("error");
        if let (Some((code, "")), true) = (number(code), known && before.split(' ').count() <= 6) {
            return Some(Some(code));
        }
    }
    // Beside a site's name a single word ("Error", "Maintenance") is too little.
    let beside = text.split('|').map(str::trim).any(|part| part.contains(' ') && NAMES.contains(&part));
    if beside || NAMES.contains(&bare) || NAMES.contains(&text.as_str()) { Some(None) } else { None }
}

/// Whether the text starts as a program's complaint does.
pub fn is_trace(start: &str) -> bool {
    // "<b>Fatal error</b>:" has its colon outside.
    let start = start.trim_start().to_ascii_lowercase().replace(" :", ":");
    TRACES.iter().any(|trace| start.starts_with(trace))
}

/// A 5xx at the start of the text, and what follows it.
pub fn number(text: &str) -> Option<(u16, &str)> {
    let (digits, rest) = text.split_at_checked(3)?;
    let code = digits.parse::<u16>().ok().filter(|code| (500..600).contains(code))?;
    let ends = !rest.starts_with(|c: char| c.is_alphanumeric());
    if ends { Some((code, rest)) } else { None }
}
