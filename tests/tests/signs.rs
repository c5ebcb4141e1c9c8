//! Every sign in `shared/data/gateways` against its own examples: captures and written-down answers that show
//! it and that do not; a sign without an example is put together from its own pieces.

use std::collections::BTreeMap;
use std::path::Path;

use backsoon::diagnosis::signs_shown;
use backsoon::facts::{Exchange, Headers, View};
use backsoon_tests::made::exchange;
use backsoon_tests::score::captures;
use serde::Deserialize;

#[derive(Deserialize)]
struct Gateway {
    id: String,
    #[serde(default)]
    sign: Vec<Sign>,
}

#[derive(Deserialize)]
struct Sign {
    id: String,
    #[serde(default)]
    has: Vec<String>,
    #[serde(default)]
    any: Vec<String>,
    #[serde(default)]
    not: Vec<String>,
    #[serde(default)]
    status: Vec<toml::Value>,
    #[serde(default)]
    yes: Vec<String>,
    #[serde(default)]
    no: Vec<String>,
}

#[derive(Deserialize)]
struct Made {
    case: Vec<MadeCase>,
}

#[derive(Deserialize)]
struct MadeCase {
    id: String,
    answer: String,
}

fn examples() -> BTreeMap<String, Exchange> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/captures"));
    let captured = captures(folder).unwrap().into_iter().map(|c| (c.id.clone(), c.exchange(View::Wire)));
    // The fresh ones have ids that the others have too.
    let fresh = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/captures-fresh"));
    let fresh = captures(fresh)
        .unwrap_or_default()
        .into_iter()
        .map(|c| (format!("fresh/{}", c.id), c.exchange(View::Wire)));
    let made = [include_str!("../cases/diagnosis/made.toml"), include_str!("../cases/diagnosis/known.toml")];
    let made = made.into_iter().flat_map(|file| toml::from_str::<Made>(file).unwrap().case);
    let made = made.map(|case| (case.id, exchange(&case.answer).unwrap()));
    // A capture and a made case of the same id would hide one another.
    captured.chain(fresh).chain(made).collect()
}

fn gateways() -> Vec<Gateway> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/gateways"));
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.map(|path| toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()).collect()
}

#[test]
fn signs_hold_for_their_examples_and_for_no_others() {
    let examples = examples();
    let shown: BTreeMap<&str, Vec<(&str, usize)>> =
        examples.iter().map(|(id, exchange)| (id.as_str(), signs_shown(exchange))).collect();
    let (mut wrong, mut positive, mut negative, mut built) = (Vec::new(), 0, 0, 0);
    for gateway in gateways() {
        for (number, sign) in gateway.sign.iter().enumerate() {
            let name = format!("{}.{}", gateway.id, sign.id);
            let here =
                |id: &String| shown.get(id.as_str()).map(|all| all.contains(&(gateway.id.as_str(), number)));
            for id in &sign.yes {
                positive += 1;
                if here(id) != Some(true) {
                    wrong.push(format!("{name}: not shown by {id}"));
                }
            }
            for id in &sign.no {
                negative += 1;
                if here(id) != Some(false) {
                    wrong.push(format!("{name}: shown by {id}, or there is no such example"));
                }
            }
            if sign.yes.is_empty() {
                built += 1;
                let answer = built_from(sign);
                if !signs_shown(&answer).contains(&(gateway.id.as_str(), number)) {
                    wrong.push(format!("{name}: its own pieces do not show it: {answer:?}"));
                }
            }
        }
    }
    if std::env::var_os("SIGNS_SHOWN").is_some() {
        for (id, all) in &shown {
            println!("shown {id} {all:?}");
        }
    }
    println!("{positive} positive, {negative} negative examples, {built} signs built from their pieces");
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(positive > 200 && negative > 200);
}

/// The least answer that has all pieces of a sign.
fn built_from(sign: &Sign) -> Exchange {
    let mut answer = Exchange { body: Some(Vec::new()), status: Some(status(sign)), ..Exchange::default() };
    // Signs that do not hold on the wire are seen from the edge.
    if sign.not.iter().any(|piece| piece == "#view: wire$") {
        answer.view = View::Edge;
    }
    let mut body = String::new();
    let pieces = sign.has.iter().chain(sign.any.first());
    for piece in pieces {
        let plain = piece.trim_end_matches('$');
        if let Some(field) = plain.strip_prefix('@') {
            let (name, value) = field.split_once([':', '~']).unwrap_or((field, ""));
            answer.headers.0.push((name.to_owned(), value.trim().to_owned()));
        } else if let Some((fact, value)) = plain.strip_prefix('#').and_then(|fact| fact.split_once(": ")) {
            match fact {
                "reason" => answer.reason = Some(value.to_owned()),
                "http" => answer.protocol = Some(value.to_uppercase()),
                "text" => body.push_str(value),
                "te" => answer.transport_error = None,
                "body" if value == "none" => answer.body = None,
                "body" if value == "html" => body.insert_str(0, "<p>"),
                "body" if value == "json" => body.insert(0, '{'),
                "body" if value == "text" && body.is_empty() => body.push_str("words"),
                "names" => {
                    for name in value.trim_start_matches('-').split(',').filter(|name| !name.is_empty()) {
                        if !answer.headers.has(name) {
                            answer.headers.0.push((name.to_owned(), "x".to_owned()));
                        }
                    }
                }
                "order" if answer.headers.0.is_empty() => {
                    answer.headers =
                        value.split(',').filter(|n| !n.is_empty()).map(|n| (n, "x")).collect::<Headers>();
                }
                _ => {}
            }
        } else {
            // A gap of its own keeps neighbours from growing together, and a tag from swallowing it.
            body.push_str(if body.is_empty() { "" } else { "\n<i></i>" });
            body.push_str(piece);
        }
    }
    if let Some(kept) = &mut answer.body {
        *kept = body.into_bytes();
    }
    answer
}

fn status(sign: &Sign) -> u16 {
    match sign.status.first() {
        None => 502,
        Some(toml::Value::Integer(code)) => u16::try_from(*code).unwrap(),
        Some(other) => {
            let text = other.as_str().unwrap();
            text.get(..3).unwrap().replace('x', "0").parse().unwrap()
        }
    }
}
