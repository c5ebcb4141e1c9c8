//! The history as a table, newest first, and as a file to save.
//!
//! Every word is chosen when it is drawn, in the visitor's language: what is kept is ids and times.

use crate::history::{End, Failure};
use crate::{draw, kept};
use backsoon::text::{self, Lang};
use js_sys::{Array, Object};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, Document, Element, HtmlElement, Url};

pub(super) fn draw(lang: Lang, list: &[Failure]) -> Result<(), JsValue> {
    draw::show("history-none", list.is_empty());
    draw::show("table", !list.is_empty());
    draw::show("history-actions", !list.is_empty());
    let document = draw::document().ok_or("no document")?;
    let Some(body) = draw::by_id("rows") else { return Ok(()) };
    body.replace_children_with_node_0();
    for failure in list.iter().rev() {
        body.append_child(&*row(&document, lang, failure)?)?;
    }
    Ok(())
}

/// The roles are said, since the narrow layout takes the table's own away.
fn row(document: &Document, lang: Lang, failure: &Failure) -> Result<Element, JsValue> {
    let row = document.create_element("tr")?;
    row.set_attribute("role", "row")?;
    let cell = |tag: &str, class: &str, role: &str| {
        let cell = draw::element(document, tag, class, "")?;
        cell.set_attribute("role", role)?;
        row.append_child(&cell)?;
        Ok::<_, JsValue>(cell)
    };
    let date = js_sys::Date::new(&failure.at.into());
    let time = draw::element(document, "time", "", &moment(lang, &date))?;
    if let Some(iso) = (!date.get_time().is_nan()).then(|| String::from(date.to_iso_string())) {
        time.set_attribute("datetime", &iso)?;
    }
    cell("td", "when", "cell")?.append_child(&time)?;
    let site = cell("th", "where", "rowheader")?;
    site.set_attribute("scope", "row")?;
    site.append_child(&*draw::element(document, "bdi", "", &failure.site)?)?;
    let what = cell("td", "what", "cell")?;
    what.append_child(&*draw::element(document, "span", "", sentence(lang, &failure.said.sentence))?)?;
    what.append_child(&*draw::element(document, "bdi", "ids", &ids(failure))?)?;
    let end = cell("td", "end", "cell")?;
    end.set_attribute("data-end", failure.end.as_str())?;
    end.set_text_content(Some(&how_it_ended(lang, failure)));
    Ok(row)
}

fn moment(lang: Lang, date: &js_sys::Date) -> String {
    let options = crate::js::object([("dateStyle", "medium".into()), ("timeStyle", "short".into())]);
    date.to_locale_string(lang.tag(), &options).into()
}

fn sentence(lang: Lang, id: &str) -> &'static str {
    let say = |id: &str| {
        let verdict = text::section("verdict")?;
        verdict.exact(lang, id).or_else(|| verdict.exact(Lang::ENGLISH, id))
    };
    id.strip_prefix("verdict.").and_then(say).unwrap_or_else(|| text::say(lang, "verdict.unknown"))
}

/// What support asks for: status, gateway, layer.
fn ids(failure: &Failure) -> String {
    let said = &failure.said;
    let status = said.status.map(|status| status.to_string());
    let gateway = Some(said.gateway.clone()).filter(|id| !matches!(id.as_str(), "" | "unknown" | "none"));
    let layer = said.layer.as_ref().map(|layer| layer.replace('_', " "));
    [status, gateway, layer].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn how_it_ended(lang: Lang, failure: &Failure) -> String {
    let id = match failure.end {
        End::Unknown => "options.end_unknown",
        End::Failing => "options.end_failing",
        End::Back => "options.end_back",
        End::Reloaded => "options.end_reloaded",
    };
    let time = failure.ended.map(|ended| duration(lang, ended - failure.at)).unwrap_or_default();
    text::fill(text::say(lang, id), &[("time", &time)])
}

/// "5 min": the browser knows each language's short units, which no grammar bends.
fn duration(lang: Lang, ms: f64) -> String {
    let minutes = (ms / 60_000.0).max(0.0);
    let (unit, n) = match minutes {
        n if n < 1.0 => ("second", (ms / 1000.0).max(0.0)),
        n if n < 90.0 => ("minute", n),
        n if n < 2.0 * 1440.0 => ("hour", n / 60.0),
        n => ("day", n / 1440.0),
    };
    let options =
        crate::js::object([("style", "unit".into()), ("unit", unit.into()), ("unitDisplay", "short".into())]);
    let format = js_sys::Intl::NumberFormat::new(&Array::of1(&lang.tag().into()), &Object::from(options));
    let said = format.format().call1(&JsValue::NULL, &n.round().into());
    said.ok().and_then(|said| said.as_string()).unwrap_or_default()
}

/// Gives the history to the visitor as a file. It never leaves the device by our hand.
pub(super) async fn save() {
    let now = js_sys::Date::now();
    // Without a document or a blob there is nobody to give it to.
    let _ = download(&kept::export(&kept::history().await, now), &js_sys::Date::new(&now.into()));
}

fn download(json: &str, date: &js_sys::Date) -> Result<(), JsValue> {
    let kind = BlobPropertyBag::new();
    kind.set_type("application/json");
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&json.into()), &kind)?;
    let address = Url::create_object_url_with_blob(&blob)?;
    let day: String = date.to_iso_string().into();
    let day = day.split('T').next().unwrap_or_default();
    let link = draw::document().ok_or("no document")?.create_element("a")?;
    link.set_attribute("href", &address)?;
    link.set_attribute("download", &format!("backsoon-history-{day}.json"))?;
    link.unchecked_ref::<HtmlElement>().click();
    // The browser has taken hold of the blob by then.
    gloo_timers::callback::Timeout::new(60_000, move || {
        let _ = Url::revoke_object_url(&address);
    })
    .forget();
    Ok(())
}
