//! `check-config --answer FILE`: whether an anonymous visitor's answer would be kept, and if not, which field stands in
//! the way and which setting allows a copy. `backsoon::rescue::coverage` decides.

use std::io::Read;

use backsoon::cache::freshness::Timing;
use backsoon::facts::Headers;
use backsoon::rescue::coverage::{Coverage, coverage};
use backsoon::rescue::{AnswerHead, Plan, RequestFacts, Settings, Url, plan};

use crate::diagnose::input;

/// The request fields of an ordinary browser.
const BROWSER: [(&str, &str); 5] = [
    ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    ("accept-language", "en"),
    ("sec-fetch-dest", "document"),
    ("sec-fetch-mode", "navigate"),
    ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0"),
];

/// What `--answer FILE --path PATH` asks for.
#[derive(Default)]
pub struct Wanted {
    file: Option<String>,
    path: Option<String>,
}

impl Wanted {
    /// Takes the options out of the words of the command; the other words are left.
    pub fn take(words: &[String]) -> Result<(Self, Vec<String>), String> {
        let (mut wanted, mut rest) = (Self::default(), vec![]);
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let slot = match word.as_str() {
                "--answer" => &mut wanted.file,
                "--path" => &mut wanted.path,
                _ => {
                    rest.push(word.clone());
                    continue;
                }
            };
            let value = words.next().ok_or_else(|| format!("check-config: {word} needs a value"))?;
            *slot = Some(value.clone());
        }
        if wanted.path.as_ref().is_some_and(|path| !path.starts_with('/')) {
            return Err("check-config: --path must start with a slash, as in --path /about".to_string());
        }
        if wanted.path.is_some() && wanted.file.is_none() {
            return Err("check-config: --path needs --answer FILE, the output of `curl -si`".to_string());
        }
        Ok((wanted, rest))
    }

    /// One line about each answer in the file, and whether all are kept; nothing where no file was named.
    pub fn lines(&self, pairs: &[(String, String)]) -> Result<Vec<(String, bool)>, String> {
        let Some(file) = &self.file else { return Ok(vec![]) };
        let unread = |error: std::io::Error| format!("{file}: cannot be read: {error}");
        let bytes = if file == "-" {
            let mut bytes = vec![];
            std::io::stdin().lock().read_to_end(&mut bytes).map_err(unread)?;
            bytes
        } else {
            std::fs::read(file).map_err(unread)?
        };
        let settings = Settings::parse(pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()))).0;
        let path = self.path.as_deref().unwrap_or("/");
        let answers = input::exchanges(file, &bytes)?;
        answers
            .iter()
            .map(|named| {
                let status = named.exchange.status.ok_or_else(|| format!("{}: no status line", named.id))?;
                let head = AnswerHead { status, headers: named.exchange.headers.clone() };
                let found = of(path, &head, &settings)?;
                Ok((format!("{path}: {}", found.sentence()), found == Coverage::Kept))
            })
            .collect()
    }
}

fn of(path: &str, head: &AnswerHead, settings: &Settings) -> Result<Coverage, String> {
    let url = Url::parse(&format!("https://site.example{path}")).ok_or("--path is no path of a site")?;
    let headers = Headers(BROWSER.map(|(name, value)| (name.to_string(), value.to_string())).to_vec());
    let here = settings.at(path);
    let here = here.as_ref().unwrap_or(settings);
    match plan(RequestFacts { method: "GET".to_string(), url, headers, body: false }, here) {
        Plan::Watch(watch) => Ok(coverage(&watch, head, Timing::default(), here)),
        _ => Err(format!("{path} is answered by the worker itself")),
    }
}
