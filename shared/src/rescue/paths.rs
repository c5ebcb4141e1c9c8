//! Paths in settings: one path, or all that begin alike.

/// A path such as `/about`, or the beginning of several such as `/blog/*`; `*` alone stands for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    start: String,
    open: bool,
}

impl Pattern {
    /// Reads one; `None` where it is neither `*` nor begins with a slash, or where a `*` is not its end.
    pub fn parse(text: &str) -> Option<Self> {
        let (start, open) = match text.strip_suffix('*') {
            Some(start) => (start, true),
            None => (text, false),
        };
        let rooted = start.starts_with('/') || (open && start.is_empty());
        let odd = |c: char| c.is_whitespace() || c.is_control() || "*?#\\".contains(c);
        if !rooted || start.contains(odd) { None } else { Some(Self { start: start.to_owned(), open }) }
    }

    /// `*`.
    pub fn all() -> Self {
        Self { start: String::new(), open: true }
    }

    /// Orders patterns that fit the same path: the longer one is more precise, and of two alike the one
    /// without a star.
    pub fn precision(&self) -> (usize, bool) {
        (self.start.len(), !self.open)
    }

    /// Whether a path is meant.
    pub fn matches(&self, path: &str) -> bool {
        if self.open { path.starts_with(&self.start) } else { path == self.start }
    }
}

/// Reads several, separated by commas or blanks; `None` where one is wrong.
pub fn patterns(text: &str) -> Option<Vec<Pattern>> {
    text.split([',', ' ']).filter(|part| !part.is_empty()).map(Pattern::parse).collect()
}
