//! What the switchable site does at the moment.

use super::failure::Failure;

/// How every path that is not the origin's own (`/capture`, `/fail`, `/__`) answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// As the small shop.
    #[default]
    Healthy,
    /// Nothing listens on the site's port.
    Refused,
    /// The site's port accepts no connection and refuses none.
    Unaccepted,
    /// As this capture, by `gateway/kind`.
    Capture(String),
    /// With this failure.
    Fail(Failure),
}

impl Mode {
    /// Reads `healthy`, `refused`, `fail:connect-timeout`, `capture:<gateway>/<kind>` or `fail:<kind>`.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "healthy" => Ok(Self::Healthy),
            None if text == "refused" => Ok(Self::Refused),
            Some(("capture", id)) if id.contains('/') => Ok(Self::Capture(id.to_string())),
            Some(("fail", "refused")) => Ok(Self::Refused),
            Some(("fail", "connect-timeout")) => Ok(Self::Unaccepted),
            Some(("fail", kind)) => Failure::parse(kind).map(Self::Fail),
            _ => Err(format!(
                "unknown mode {text:?}: expected healthy, refused, fail:connect-timeout, capture:<gateway>/<kind> or fail:<kind>"
            )),
        }
    }

    /// The same text that `parse` reads.
    pub fn text(&self) -> String {
        match self {
            Self::Healthy => "healthy".to_string(),
            Self::Refused => "refused".to_string(),
            Self::Unaccepted => "fail:connect-timeout".to_string(),
            Self::Capture(id) => format!("capture:{id}"),
            Self::Fail(failure) => format!("fail:{}", failure.text()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_reads_back_as_it_is_written() {
        for text in [
            "healthy",
            "refused",
            "capture:nginx/refused",
            "fail:reset",
            "fail:status-404",
            "fail:connect-timeout",
        ] {
            assert_eq!(Mode::parse(text).map(|mode| mode.text()), Ok(text.to_string()));
        }
        assert_eq!(Mode::parse("fail:refused"), Ok(Mode::Refused));
        assert!(Mode::parse("fail:nonsense").is_err());
        assert!(Mode::parse("capture:nginx").is_err());
    }
}
