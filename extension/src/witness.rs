//! Brings what background and popup see of a tab into the history, and keeps out what must not be there:
//! private windows, sites that the visitor wants left alone, and everything while Backsoon is switched off.
//!
//! What a look means is decided in `history`; which failure a tab is in, and for which one somebody waits, is
//! remembered for as long as the browser runs (`session`).

use crate::history::{self, End, Failure, Open, Said, Sight, Step};
use crate::{kept, session};
use backsoon::facts::Exchange;
use backsoon::verdict::{AtFault, Verdict};

/// Sentences of pages that did what they should: nothing broke, and nothing works that did not.
const NO_FAILURE: &[&str] = &["verdict.missing", "verdict.sign_in", "verdict.challenge"];
/// As many causes as are worth keeping of a set that leaves all open.
const MOST_CAUSES: usize = 6;

/// One look at a tab.
pub struct Look {
    /// The tab.
    pub tab: i32,
    /// Whether its window is private.
    pub private: bool,
    /// The address in it, without its fragment.
    pub url: String,
    /// Names the loading of the page that was looked at.
    pub load: String,
}

/// What a verdict says of a page, as far as the history cares.
pub fn sight(exchange: &Exchange, verdict: &Verdict) -> Sight {
    let judged = exchange.status.is_some() || exchange.transport_error.is_some();
    if !judged || NO_FAILURE.contains(&verdict.sentence_id) {
        Sight::Other
    } else if verdict.fault == AtFault::None {
        Sight::Works
    } else {
        Sight::Failed
    }
}

/// Writes down what a look at a tab adds to the history.
pub async fn saw(look: Look, exchange: &Exchange, verdict: &Verdict) {
    let sight = sight(exchange, verdict);
    // A page that works, in a tab that is in no failure, adds nothing.
    if look.private || (sight != Sight::Failed && session::open(look.tab).await.is_none()) {
        return;
    }
    let (host, site) =
        web_sys::Url::new(&look.url).map(|url| (url.hostname(), url.host())).unwrap_or_default();
    let settings = kept::settings().await;
    if settings.off || settings.leaves_alone(&host) {
        return;
    }
    let said = Said {
        status: exchange.status,
        gateway: verdict.gateway.id.clone(),
        layer: verdict.layers.first().map(|layer| layer.id.to_owned()),
        causes: verdict.causes.iter().take(MOST_CAUSES).map(|cause| cause.id.to_owned()).collect(),
        sentence: verdict.sentence_id.to_owned(),
    };
    kept::alone(write(look, site, said, sight)).await;
}

async fn write(look: Look, site: String, said: Said, sight: Sight) {
    let now = js_sys::Date::now();
    let open = session::open(look.tab).await;
    let step = history::step(open.as_ref(), &look.url, &look.load, sight);
    if step == Step::None {
        return;
    }
    let mut list = kept::history().await;
    match (step, open) {
        (Step::None, _) => {}
        (Step::Begin, _) | (_, None) => {
            let failure = Failure { at: now, site, said, ..Failure::default() };
            let failure = history::add(&mut list, failure);
            session::keep_open(look.tab, &Open { failure, url: look.url, load: look.load }).await;
        }
        (Step::Better, Some(open)) => history::better(&mut list, open.failure, said),
        (Step::Again, Some(open)) => {
            history::settle(&mut list, open.failure, End::Failing, now);
            history::better(&mut list, open.failure, said);
            session::keep_open(look.tab, &Open { load: look.load, ..open }).await;
        }
        (Step::Worked, Some(open)) => {
            history::settle(&mut list, open.failure, End::Reloaded, now);
            session::forget_open(look.tab).await;
        }
    }
    kept::keep_history(&list).await;
}

/// Somebody waits for the page in a tab: what becomes of it is the end of the failure that the tab is in.
pub async fn waits(tab: i32, url: &str) {
    let url = crate::seen::without_fragment(url);
    if let Some(open) = session::open(tab).await.filter(|open| open.url == url) {
        session::keep_awaited(url, tab, open.failure).await;
    }
}

/// The page that somebody waited for was asked, and is there again, or not.
pub async fn heard(url: &str, back: bool) {
    let url = crate::seen::without_fragment(url).to_owned();
    let Some((tab, failure)) = session::awaited(&url).await else { return };
    kept::alone(async move {
        let now = js_sys::Date::now();
        let mut list = kept::history().await;
        history::settle(&mut list, failure, if back { End::Back } else { End::Failing }, now);
        kept::keep_history(&list).await;
        if back {
            // What the tab shows from now on is another story.
            if session::open(tab).await.is_some_and(|open| open.failure == failure) {
                session::forget_open(tab).await;
            }
            session::forget_awaited(&url).await;
        }
    })
    .await;
}

/// Nobody waits for a page any more.
pub async fn waits_no_more(url: &str) {
    session::forget_awaited(crate::seen::without_fragment(url)).await;
}

/// Empties the history. What tabs are in now is not written down again.
pub async fn clear() {
    kept::alone(async { kept::keep_history(&[]).await }).await;
}
