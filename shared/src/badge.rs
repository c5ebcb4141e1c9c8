//! Which failures the extension's button shows by itself.
//!
//! Only those that a visitor cannot have caused: a mark for every 404 would soon be read by nobody.

/// Whether a page with this status gets a mark on the button.
///
/// 500, 502, 503 and 504 (RFC 9110 §15.6) and the range that CDNs use for a failing origin.
pub fn is_due(status: u16) -> bool {
    matches!(status, 500 | 502..=504 | 520..=530)
}

#[cfg(test)]
mod tests {
    use super::is_due;

    #[test]
    fn only_failures_of_the_site_get_a_mark() {
        for status in [500, 502, 503, 504, 520, 522, 524, 526, 530] {
            assert!(is_due(status), "{status}");
        }
        for status in [200, 206, 301, 304, 400, 401, 403, 404, 429, 431, 501, 505, 511, 531, 599] {
            assert!(!is_due(status), "{status}");
        }
    }
}
