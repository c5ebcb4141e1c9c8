use crate::cases::{Asked, Case, fields, run, same};
use backsoon::rescue::{Plan, Watch, plan};
use serde::Deserialize;

#[derive(Deserialize)]
struct Row {
    id: String,
    #[serde(flatten)]
    asked: Asked,
    /// `watch`, `refuse`, `bare <reason>` or `own <Endpoint>`.
    plan: String,
    key: Option<String>,
    store: Option<String>,
    lookup: Option<bool>,
    cookies: Option<String>,
    wants: Option<String>,
    /// Whether the request says who asks.
    identified: Option<bool>,
    url: Option<String>,
    #[serde(default)]
    sent: Vec<String>,
    #[serde(default)]
    not_sent: Vec<String>,
}

impl Case for Row {
    fn id(&self) -> &str {
        &self.id
    }

    fn check(&self) -> Result<(), String> {
        let facts = self.asked.facts();
        match plan(facts.clone(), &self.asked.settings()) {
            Plan::Own(endpoint) => same("plan", format!("own {endpoint:?}"), self.plan.clone()),
            Plan::Bare { reason, outgoing, .. } => {
                same("plan", format!("bare {}", reason.as_str()), self.plan.clone())?;
                fields(&outgoing.apply(&facts.headers), &self.sent, &self.not_sent)
            }
            Plan::Refuse(watch, _) => {
                same("plan", "refuse".to_owned(), self.plan.clone())?;
                self.watched(&watch)
            }
            Plan::Watch(watch) => {
                same("plan", "watch".to_owned(), self.plan.clone())?;
                self.watched(&watch)
            }
        }
    }
}

impl Row {
    fn watched(&self, watch: &Watch) -> Result<(), String> {
        let optional = |what: &str, got: String, wanted: &Option<String>| match wanted {
            Some(wanted) => same(what, got, wanted.clone()),
            None => Ok(()),
        };
        let store = watch.store.map_or_else(|refusal| refusal.as_str(), |()| "yes");
        optional("key", watch.key.clone(), &self.key)?;
        optional("store", store.to_owned(), &self.store)?;
        optional("lookup", watch.lookup.to_string(), &self.lookup.map(|l| l.to_string()))?;
        optional("cookies", format!("{:?}", watch.cookies), &self.cookies)?;
        optional("wants", format!("{:?}", watch.wants), &self.wants)?;
        optional("identified", watch.is_identified().to_string(), &self.identified.map(|i| i.to_string()))?;
        optional("url", watch.outgoing.url.clone(), &self.url)?;
        fields(watch.sent_headers(), &self.sent, &self.not_sent)
    }
}

#[test]
fn plan_cases() {
    run::<Row>("plan", 60);
}
