//! Decides in which known time limits an exchange may have ended, and what that says about its causes.
//!
//! Owners change limits and waits meet by chance: a limit that was met orders causes, it names no gateway and
//! makes nothing surer. The limits are data (`data/limits.toml`).

use crate::diagnosis::gateway::Who;
use crate::diagnosis::tables::{
    CAUSES, GATEWAYS, GatewayRow, Kind, LIMITS, LimitRow, Whose, limit_words, limits,
};
use crate::facts::{Exchange, Fault, Phase, View};

/// Milliseconds by which a clock may run early: timers count from another moment than the client.
const EARLY_MS: u32 = 50;
/// Most milliseconds that the way there and back may add, where 3 % of the limit are no more.
const LATE_MS: u32 = 1500;
/// Milliseconds after which a failure that shows at once explains no wait, retries included.
const PATIENT_MS: u32 = 20_000;

/// What the clock says about one exchange.
#[derive(Default)]
pub struct Clock {
    waited_ms: u32,
    /// A browser's time holds the visitor's own way too.
    outside: bool,
    /// Each with its number in the table.
    met: Vec<(LimitRow, usize)>,
}

/// A known time limit at which an exchange ended; a default that the owner may have changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitMet {
    /// Milliseconds that passed.
    pub took_ms: u32,
    /// The limit as people write it: "60 s", "3.5 s"; tries included.
    pub limit: String,
    /// Product and setting.
    pub whose: String,
    /// No default: what most set.
    pub usual: bool,
    /// Of what may stand behind the gateway that answered.
    pub behind: bool,
    /// Of the wait for a connection, not for an answer.
    pub connect: bool,
    /// The statement as the evidence of a cause has it.
    pub words: String,
}

impl Clock {
    /// Reads the time of an exchange that failed, for the maker that was named.
    pub fn of(exchange: &Exchange, who: &Who) -> Self {
        let (status, waited_ms) = match (&exchange.transport_error, exchange.status) {
            // Whose limit it was is open only where the other side ended it.
            (Some(error), None)
                if matches!(error.fault, Fault::Closed | Fault::Reset | Fault::Unknown)
                    && matches!(error.phase, Phase::Headers | Phase::Unknown) =>
            {
                (0, exchange.elapsed_ms)
            }
            (None, Some(status)) => (status, exchange.ttfb_ms.or(exchange.elapsed_ms)),
            _ => (0, None),
        };
        let mut clock = Self { outside: exchange.view == View::Browser, ..Self::default() };
        let Some(waited_ms) = waited_ms else { return clock };
        clock.waited_ms = waited_ms;
        let maker = who.maker.as_ref().map(|maker| maker.row);
        let gateway = !maker.is_some_and(|row| matches!(row.kind, Kind::App | Kind::Framework));
        for (number, row) in limits(LIMITS).enumerate() {
            let whose = match row.whose {
                Whose::Maker(number) => maker.is_some_and(|maker| is(maker, number)),
                Whose::Behind(_) | Whose::System => gateway,
                // A product of its own is said before a crowd.
                Whose::Many => gateway && clock.met.is_empty(),
            };
            if whose && row.status.contains(&status) && within(waited_ms, row.tenths) {
                clock.met.push((row, number));
            }
        }
        clock
    }

    /// The causes in the order that the clock suggests: those that a met limit ends in first.
    ///
    /// One that shows at once goes last after a long wait, or out where the wait was the gateway's alone and
    /// two others stay: the clock singles nothing out.
    pub fn order(&self, causes: &[u16]) -> Vec<u16> {
        let mut order = Vec::new();
        self.put(&mut order, causes, 0);
        for (row, _) in
            self.met.iter().filter(|(row, _)| matches!(row.whose, Whose::Maker(_) | Whose::Behind(_)))
        {
            self.put(&mut order, row.causes, 0);
        }
        self.put(&mut order, causes, 1);
        if self.outside || order.len() < 2 {
            self.put(&mut order, causes, 2);
        }
        order
    }

    /// Appends the causes of that rank that are not there yet.
    fn put(&self, order: &mut Vec<u16>, causes: &[u16], rank: u8) {
        for cause in causes {
            let instant = CAUSES.get(usize::from(*cause)).is_some_and(|cause| cause.instant);
            let its = match self.met.iter().any(|(row, _)| row.causes.contains(cause)) {
                true => 0,
                false if instant && self.waited_ms >= PATIENT_MS => 2,
                false => 1,
            };
            if its == rank && !order.contains(cause) {
                order.push(*cause);
            }
        }
    }

    /// Whether a limit of an application server may have been met behind the gateway.
    pub fn behind(&self) -> bool {
        self.met.iter().any(|(row, _)| matches!(row.whose, Whose::Behind(_)))
    }

    /// The evidence of a cause, with the limits that were met and end in it.
    pub fn evidence(&self, mut words: Vec<String>, cause: u16) -> Vec<String> {
        for (row, number) in self.met.iter().filter(|(row, _)| row.causes.contains(&cause)) {
            words.push(self.words(row, *number));
        }
        words
    }

    fn words(&self, row: &LimitRow, number: usize) -> String {
        let kind = if row.usual { " is the usual limit of " } else { " is the default limit of " };
        let behind = if matches!(row.whose, Whose::Behind(_)) { ", which may stand behind" } else { "" };
        let took = self.waited_ms.to_string();
        ["took ", &took, " ms; ", &seconds(row.tenths), kind, &whose(row, number), behind].concat()
    }

    /// The limits that were met, in full.
    pub fn limits(&self) -> Vec<LimitMet> {
        let full = |(row, number): &(LimitRow, usize)| LimitMet {
            took_ms: self.waited_ms,
            limit: seconds(row.tenths),
            whose: whose(row, *number),
            usual: row.usual,
            behind: matches!(row.whose, Whose::Behind(_)),
            connect: row.connect,
            words: self.words(row, *number),
        };
        self.met.iter().map(full).collect()
    }
}

/// "nginx (proxy_read_timeout)".
fn whose(row: &LimitRow, number: usize) -> String {
    let setting = limit_words(number);
    match row.whose {
        Whose::Maker(of) | Whose::Behind(of) => {
            let id = GATEWAYS.get(usize::from(of)).map_or("", |row| row.id);
            [id, " (", setting, ")"].concat()
        }
        _ => setting.to_owned(),
    }
}

/// "60 s", "3.5 s".
fn seconds(tenths: u16) -> String {
    let whole = (tenths / 10).to_string();
    match tenths % 10 {
        0 => whole + " s",
        tenth => [&whole, ".", &tenth.to_string(), " s"].concat(),
    }
}

fn is(maker: &'static GatewayRow, number: u16) -> bool {
    GATEWAYS.get(usize::from(number)).is_some_and(|row| std::ptr::eq(row, maker))
}

/// Whether so many milliseconds are that limit: the shorter it is, the less may come on top.
fn within(waited_ms: u32, tenths: u16) -> bool {
    let limit = u32::from(tenths).saturating_mul(100);
    let late = (limit / 100).saturating_mul(3).max(LATE_MS.min((limit / 10).saturating_mul(3)));
    (limit.saturating_sub(EARLY_MS)..=limit.saturating_add(late)).contains(&waited_ms)
}
