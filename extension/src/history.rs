//! The failures that this device saw: what is written down of one, what becomes of it, and how many are kept.
//!
//! Pure: times come in, lists go out. It knows no address beyond the host, no tab and no private window; who
//! must not be written down is never brought here (`witness`).

/// How many failures are kept; the oldest goes when one more comes.
pub const MOST: usize = 100;

/// How a failure ended, as far as anybody saw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum End {
    /// Nobody looked again.
    #[default]
    Unknown,
    /// It failed the last time that somebody looked.
    Failing,
    /// Backsoon asked by itself, and the page was there again.
    Back,
    /// The visitor loaded it again, and it worked.
    Reloaded,
}

impl End {
    /// As it is kept and exported.
    pub fn as_str(self) -> &'static str {
        match self {
            End::Unknown => "unknown",
            End::Failing => "failing",
            End::Back => "back",
            End::Reloaded => "reloaded",
        }
    }

    /// Reads what `as_str` wrote.
    pub fn read(word: &str) -> End {
        [End::Failing, End::Back, End::Reloaded]
            .into_iter()
            .find(|end| end.as_str() == word)
            .unwrap_or_default()
    }

    fn is_over(self) -> bool {
        matches!(self, End::Back | End::Reloaded)
    }
}

/// What the diagnosis said, as ids: the words are chosen when somebody reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The status; `None` where the network failed first.
    pub status: Option<u16>,
    /// Who made the answer; a gateway's id, `app`, `none` or `unknown`.
    pub gateway: String,
    /// Where it broke, most likely.
    pub layer: Option<String>,
    /// Why: all that the evidence leaves open, best first.
    pub causes: Vec<String>,
    /// The verdict's sentence, as `verdict.site_down`.
    pub sentence: String,
}

/// One failure.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Failure {
    /// When it was first seen, in milliseconds since 1970; no two in a list have the same.
    pub at: f64,
    /// The host, with its port where it has one of its own.
    pub site: String,
    /// The verdict.
    pub said: Said,
    /// How it ended.
    pub end: End,
    /// When that was seen, in milliseconds since 1970.
    pub ended: Option<f64>,
}

impl Failure {
    /// Whole minutes from the failure to its end, as far as that was seen.
    pub fn minutes(&self) -> Option<u32> {
        // `as` saturates: a clock that was set back gives 0.
        self.ended.map(|ended| ((ended - self.at) / 60_000.0).round() as u32)
    }
}

/// The failure that a tab is in: which one, of which page, and in which loading of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Open {
    /// `Failure::at`.
    pub failure: f64,
    /// Address without its fragment.
    pub url: String,
    /// Tells one loading of the page from the next.
    pub load: String,
}

/// What a look at a tab saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Something broke.
    Failed,
    /// The page works.
    Works,
    /// Neither: nothing at this address, or a page that wants the visitor to sign in first.
    Other,
}

/// What one look at a tab means for the failure that it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing new.
    None,
    /// A failure begins.
    Begin,
    /// The same loading, looked at again: the verdict may have become better.
    Better,
    /// The page was loaded again and failed again.
    Again,
    /// The page was loaded again and works.
    Worked,
}

/// Decides what a look at a tab means. `load` names the loading of the page that was looked at.
pub fn step(open: Option<&Open>, url: &str, load: &str, sight: Sight) -> Step {
    match (open.filter(|open| open.url == url), sight) {
        (None, Sight::Failed) => Step::Begin,
        (Some(open), Sight::Failed) if open.load == load => Step::Better,
        (Some(_), Sight::Failed) => Step::Again,
        // Of the same loading a milder verdict proves nothing.
        (Some(open), Sight::Works) if open.load != load => Step::Worked,
        (_, Sight::Works | Sight::Other) => Step::None,
    }
}

/// Writes a failure down, and forgets the oldest where there are too many; returns its `at`.
pub fn add(list: &mut Vec<Failure>, mut failure: Failure) -> f64 {
    while list.iter().any(|other| other.at == failure.at) {
        failure.at += 1.0;
    }
    let at = failure.at;
    list.push(failure);
    let over = list.len().saturating_sub(MOST);
    list.drain(..over);
    at
}

/// Writes down how the failure went on; one that is over stays so.
pub fn settle(list: &mut [Failure], at: f64, end: End, now: f64) {
    if let Some(failure) = list.iter_mut().find(|failure| failure.at == at && !failure.end.is_over()) {
        failure.end = end;
        failure.ended = Some(now);
    }
}

/// Takes a verdict that is surer than the one before: it names a gateway that the first did not know.
pub fn better(list: &mut [Failure], at: f64, said: Said) {
    let known = said.gateway != "unknown";
    if let Some(failure) = list.iter_mut().find(|failure| failure.at == at)
        && (known || failure.said.gateway == "unknown")
    {
        failure.said = said;
    }
}

#[cfg(test)]
mod tests {
    use super::Sight::{Failed, Other, Works};
    use super::*;

    const URL: &str = "https://shop.test/a";

    fn failure(at: f64) -> Failure {
        Failure { at, site: "shop.test".into(), ..Failure::default() }
    }

    fn open(load: &str) -> Open {
        Open { failure: 1.0, url: URL.into(), load: load.into() }
    }

    #[test]
    fn each_look_at_a_tab_means_one_thing() {
        let cases = [
            (None, URL, "1", Failed, Step::Begin),
            (None, URL, "1", Works, Step::None),
            (None, URL, "1", Other, Step::None),
            (Some("1"), URL, "1", Failed, Step::Better),
            (Some("1"), URL, "2", Failed, Step::Again),
            (Some("1"), URL, "2", Works, Step::Worked),
            (Some("1"), URL, "2", Other, Step::None),
            (Some("1"), URL, "1", Works, Step::None),
            // Another page of the tab says nothing about the one that failed, but may fail as well.
            (Some("1"), "https://shop.test/b", "2", Works, Step::None),
            (Some("1"), "https://shop.test/b", "2", Failed, Step::Begin),
        ];
        for (load_before, url, load, sight, wanted) in cases {
            let before = load_before.map(open);
            assert_eq!(
                step(before.as_ref(), url, load, sight),
                wanted,
                "{load_before:?} {url} {load} {sight:?}"
            );
        }
    }

    #[test]
    fn the_hundred_and_first_pushes_out_the_first() {
        let mut list = Vec::new();
        for n in 0..=u32::try_from(MOST).unwrap() {
            add(&mut list, failure(f64::from(n)));
        }
        assert_eq!((list.len(), list[0].at, list[99].at), (MOST, 1.0, 100.0));
    }

    #[test]
    fn two_failures_of_one_moment_are_told_apart() {
        let mut list = Vec::new();
        assert_eq!((add(&mut list, failure(5.0)), add(&mut list, failure(5.0))), (5.0, 6.0));
    }

    #[test]
    fn what_is_over_stays_over() {
        let mut list = vec![failure(0.0), failure(60_000.0)];
        settle(&mut list, 60_000.0, End::Failing, 90_000.0);
        assert_eq!((list[1].end, list[1].minutes()), (End::Failing, Some(1)));
        settle(&mut list, 60_000.0, End::Back, 360_000.0);
        settle(&mut list, 60_000.0, End::Reloaded, 400_000.0);
        settle(&mut list, 60_000.0, End::Failing, 500_000.0);
        assert_eq!((list[1].end, list[1].minutes()), (End::Back, Some(5)));
        assert_eq!((list[0].end, list[0].minutes()), (End::Unknown, None));
        settle(&mut list, 7.0, End::Back, 8.0);
        assert_eq!(list[0].end, End::Unknown);
    }

    #[test]
    fn a_clock_that_was_set_back_gives_no_wrong_minutes() {
        assert_eq!(Failure { ended: Some(0.0), ..failure(60_000.0) }.minutes(), Some(0));
    }

    #[test]
    fn a_verdict_is_replaced_by_a_surer_one_only() {
        let said = |gateway: &str| Said { gateway: gateway.into(), ..Said::default() };
        let mut list = vec![Failure { said: said("unknown"), ..failure(1.0) }];
        better(&mut list, 1.0, said("nginx"));
        assert_eq!(list[0].said.gateway, "nginx");
        better(&mut list, 1.0, said("unknown"));
        assert_eq!(list[0].said.gateway, "nginx");
    }

    #[test]
    fn ends_are_read_back() {
        for end in [End::Unknown, End::Failing, End::Back, End::Reloaded] {
            assert_eq!(End::read(end.as_str()), end);
        }
        assert_eq!(End::read("what a later version wrote"), End::Unknown);
    }
}
