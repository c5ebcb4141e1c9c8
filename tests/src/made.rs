//! Answers written down as text (`cases/diagnosis/made.toml`), as facts.

use backsoon::facts::{Exchange, Headers};

/// An answer as `curl -i` prints it: status line, fields, an empty line, body. `None` where it is none.
#[must_use]
pub fn exchange(answer: &str) -> Option<Exchange> {
    let (head, body) = answer.trim_start().split_once("\n\n")?;
    let mut lines = head.lines();
    let mut status = lines.next()?.splitn(3, ' ');
    let field =
        |line: &str| line.split_once(':').map(|(name, value)| (name.to_owned(), value.trim().to_owned()));
    Some(Exchange {
        protocol: status.next().map(str::to_owned),
        status: status.next()?.parse().ok(),
        reason: status.next().map(str::to_owned),
        headers: lines.filter_map(field).collect::<Headers>(),
        body: Some(body.into()),
        ..Exchange::default()
    })
}
