//! Between the platform's objects and the facts. The only place where untyped JavaScript values live.
//!
//! Decides nothing: what a status, a field or an error means is read elsewhere.

use crate::visit::Visit;
use backsoon::facts::Headers as Fields;
use backsoon::rescue::{AnswerHead, Edits, Outgoing, RequestFacts, Thrown, Url};
use backsoon::time::Millis;
use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::prelude::{JsCast, JsValue, wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, ReadableStream, Request, Response, ResponseInit};

#[wasm_bindgen(module = "/src/platform.js")]
extern "C" {
    #[wasm_bindgen(js_name = fields)]
    fn field_lines(headers: &Headers) -> String;

    /// The value of a field of an answer; `None` where it is not there.
    pub fn field(answer: &Response, name: &str) -> Option<String>;

    #[wasm_bindgen(js_name = facts)]
    fn fact_lines(request: &Request) -> String;

    #[wasm_bindgen(catch, js_name = made)]
    fn made(status: u16, lines: &str, body: &JsValue) -> Result<Response, JsValue>;

    #[wasm_bindgen(catch, js_name = edited)]
    fn with_edits(answer: &Response, lines: &str) -> Result<Response, JsValue>;

    #[wasm_bindgen(catch, js_name = edit)]
    fn edit_in_place(answer: &Response, lines: &str) -> Result<(), JsValue>;

    #[wasm_bindgen(catch, js_name = ask)]
    async fn ask_at(visit: &Visit, limit_ms: u32, request: &Request, to: &str) -> Result<Response, JsValue>;

    #[wasm_bindgen(catch, js_name = askAside)]
    async fn ask_aside_at(
        visit: &Visit,
        limit_ms: u32,
        request: &Request,
        to: &str,
    ) -> Result<Response, JsValue>;

    #[wasm_bindgen(js_name = prefix)]
    fn read_prefix(stream: &ReadableStream, most: u32, limit_ms: u32) -> js_sys::Promise;

    #[wasm_bindgen(catch, js_name = noted)]
    fn with_note(response: &Response, note: &str) -> Result<Response, JsValue>;

    #[wasm_bindgen(js_name = peek)]
    fn read_peek(
        visit: &Visit,
        stream: &ReadableStream,
        most: u32,
        limit_ms: u32,
        length: f64,
        soon_ms: u32,
    ) -> js_sys::Promise;

    #[wasm_bindgen(js_name = sleep)]
    fn wait(ms: u32) -> js_sys::Promise;

    #[wasm_bindgen(js_name = whole)]
    fn read_whole(stream: &ReadableStream, most: f64) -> js_sys::Promise;

    type Gathering;

    #[wasm_bindgen(constructor)]
    fn new(stream: &ReadableStream) -> Gathering;

    #[wasm_bindgen(method, catch, js_name = upTo)]
    async fn up_to(this: &Gathering, most: f64) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method)]
    fn stop(this: &Gathering);
}

/// The time, as far as the platform tells it: workerd's clock stands still between two waits.
pub fn now() -> Millis {
    js_sys::Date::now() as Millis
}

/// Header fields as facts; the platform has lower-cased and sorted them.
pub fn fields(headers: &Headers) -> Fields {
    read(field_lines(headers).lines())
}

fn read<'a>(lines: impl Iterator<Item = &'a str>) -> Fields {
    lines.filter_map(|line| line.split_once(':')).collect()
}

/// The facts of a request; `None` for an address that no browser sends.
pub fn request_facts(request: &Request) -> Option<RequestFacts> {
    let text = fact_lines(request);
    let mut lines = text.lines();
    let (method, url, body) = (lines.next()?, lines.next()?, lines.next()?);
    Some(RequestFacts {
        method: method.to_owned(),
        url: Url::parse(url)?,
        headers: read(lines),
        body: body == "body",
    })
}

/// Status and fields of an answer.
pub fn head(answer: &Response) -> AnswerHead {
    AnswerHead { status: answer.status(), headers: fields(&answer.headers()) }
}

/// What a fetch threw, in the platform's words.
pub fn thrown(error: &JsValue, elapsed_ms: u32) -> Thrown {
    let part = |name: &str| Reflect::get(error, &name.into()).ok().and_then(|value| value.as_string());
    let name = part("name").unwrap_or_default();
    Thrown {
        // js/visit.mjs throws it when the limit for the head ran out; nobody else sets a limit.
        own_timeout: name == "TimeoutError",
        message: part("message").or_else(|| error.as_string()).unwrap_or_default(),
        name,
        elapsed_ms,
    }
}

/// The same answer with changed fields; its body stays the platform's stream. Untouched where nothing changes.
pub fn edited(answer: Response, edits: &Edits) -> Result<Response, JsValue> {
    if *edits == Edits::default() {
        return Ok(answer);
    }
    with_edits(&answer, &lines("", &edits.remove, &edits.set, &edits.append))
}

/// Changes the fields of an answer that was made here.
pub fn edit(answer: &Response, edits: &Edits) -> Result<(), JsValue> {
    edit_in_place(answer, &lines("", &edits.remove, &edits.set, &edits.append))
}

/// Fetches the origin's answer to a request as the origin shall see it. `limit_ms` bounds the wait for the head of
/// the answer, never its body. `aside`: the visitor's answer does not wait for it.
pub async fn ask(
    visit: &Visit,
    limit_ms: u32,
    request: &Request,
    outgoing: &Outgoing,
    aside: bool,
) -> Result<Response, JsValue> {
    let to = lines(&outgoing.url, &outgoing.remove, &outgoing.set, &[]);
    match aside {
        true => ask_aside_at(visit, limit_ms, request, &to).await,
        false => ask_at(visit, limit_ms, request, &to).await,
    }
}

/// Fetches for this very request, which no visitor waits for.
pub async fn ask_aside(visit: &Visit, limit_ms: u32, request: &Request) -> Result<Response, JsValue> {
    ask_aside_at(visit, limit_ms, request, &request.url()).await
}

/// An address, and changes of fields, in one text: each of many small steps out of wasm would cost as much as all
/// of it.
fn lines(url: &str, remove: &[String], set: &[(String, String)], append: &[(String, String)]) -> String {
    let mut text = String::with_capacity(256);
    text.push_str(url);
    let mut line = |parts: &[&str]| parts.iter().for_each(|part| text.push_str(part));
    for name in remove {
        line(&["\n-", name]);
    }
    for (mark, fields) in [("\n=", set), ("\n+", append)] {
        for (name, value) in fields {
            line(&[mark, name, ":", value]);
        }
    }
    text
}

/// The HTML answer with a note put after all else; as it was where the platform cannot read its encoding.
pub fn noted(response: Response, note: &str) -> Response {
    with_note(&response, note).unwrap_or(response)
}

/// Waits.
pub async fn sleep(ms: u32) {
    // A timer has no way to fail; if it had, going on at once would do.
    let _ = JsFuture::from(wait(ms)).await;
}

/// Any number.
pub fn dice() -> u32 {
    (js_sys::Math::random() * f64::from(u32::MAX)) as u32
}

/// What a response of ours has for a body.
pub enum Body {
    /// Nothing.
    Empty,
    /// Text of ours.
    Text(String),
    /// A stream or buffer of the platform's.
    Opaque(JsValue),
}

/// A response of ours.
pub fn response<'a>(
    status: u16,
    headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    body: Body,
) -> Result<Response, JsValue> {
    let mut lines = String::with_capacity(512);
    for (name, value) in headers {
        for part in [name, ":", value, "\n"] {
            lines.push_str(part);
        }
    }
    let body = match body {
        Body::Empty => JsValue::NULL,
        Body::Text(text) => text.into(),
        Body::Opaque(value) => value,
    };
    made(status, &lines, &body)
}

/// The same answer and a second reader of its body; `None` where it has no body.
pub fn split(answer: &Response) -> Result<Option<(Response, ReadableStream)>, JsValue> {
    let Some(body) = answer.body() else { return Ok(None) };
    let both = body.tee();
    let (shown, other): (ReadableStream, ReadableStream) = (both.get(0).dyn_into()?, both.get(1).dyn_into()?);
    let init: &ResponseInit = answer.unchecked_ref();
    let shown = Response::new_with_opt_readable_stream_and_init(Some(&shown), init)?;
    Ok(Some((shown, other)))
}

/// The same answer with a body that is already here.
pub fn with_body(answer: &Response, body: &JsValue) -> Result<Response, JsValue> {
    let init: &ResponseInit = answer.unchecked_ref();
    // The binding names each kind of body; the platform takes any.
    Response::new_with_opt_readable_stream_and_init(Some(body.unchecked_ref()), init)
}

/// Lets the platform drop an answer's body.
pub fn discard(answer: &Response) {
    if let Some(body) = answer.body() {
        // Whether anybody sends the rest of it then is the platform's business.
        let _ = body.cancel();
    }
}

/// No bytes.
pub fn nothing() -> Uint8Array {
    Uint8Array::new_with_length(0)
}

/// The beginning of a body.
pub struct Prefix {
    /// What came, at most what was asked for.
    pub bytes: Uint8Array,
    /// Whether the body ended as its framing promised; `None` where there is more of it.
    pub ended: Option<bool>,
    /// Whether there is more because it did not come in time.
    pub late: bool,
}

/// Reads the beginning of a body: at most `most` bytes, for at most `limit_ms`.
pub async fn prefix(stream: &ReadableStream, most: u32, limit_ms: u32) -> Option<Prefix> {
    let read = JsFuture::from(read_prefix(stream, most, limit_ms)).await.ok()?;
    let part = |name: &str| Reflect::get(&read, &name.into()).ok();
    let late = part("isLate")?.as_bool().unwrap_or(false);
    Some(Prefix { bytes: part("bytes")?.dyn_into().ok()?, ended: part("ended")?.as_bool(), late })
}

/// What came of reading ahead.
pub enum Peek {
    /// The whole body.
    Whole(Uint8Array),
    /// It broke off.
    Broken,
    /// It is longer, or did not come in time.
    More {
        /// The same body from its beginning.
        rest: ReadableStream,
        /// Whether it did not come in time.
        late: bool,
        /// Whether nothing came any more in the second half of the time.
        still: bool,
        /// What has come, where reading stopped soon after the first bytes.
        begun: Option<Uint8Array>,
    },
}

/// Reads a whole body of at most `most` bytes, for at most `limit_ms`. `length`: what it promised, where its
/// bytes are as they were sent. `soon_ms`: reading stops so soon after the first bytes; 0: it does not. `None` where
/// nobody can read it.
pub async fn peek(
    visit: &Visit,
    stream: &ReadableStream,
    most: u32,
    limit_ms: u32,
    length: Option<u64>,
    soon_ms: u32,
) -> Option<Peek> {
    let length = length.map_or(f64::NAN, |length| length as f64);
    let read = JsFuture::from(read_peek(visit, stream, most, limit_ms, length, soon_ms)).await.ok()?;
    if read.is_null() {
        return Some(Peek::Broken);
    }
    match read.dyn_into::<Uint8Array>() {
        Ok(bytes) => Some(Peek::Whole(bytes)),
        Err(more) => {
            let more: &Array = more.unchecked_ref();
            Some(Peek::More {
                rest: more.get(0).dyn_into().ok()?,
                late: more.get(1).is_truthy(),
                still: more.get(2).is_truthy(),
                begun: more.get(3).dyn_into().ok(),
            })
        }
    }
}

/// A part of a buffer, from `first` to before `end`.
pub fn part(buffer: &Uint8Array, first: u64, end: u64) -> Uint8Array {
    let place = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    buffer.subarray(place(first), place(end))
}

/// The whole body as a buffer that stays in JavaScript; `None` where it broke or is longer than `most` bytes.
pub async fn whole(stream: &ReadableStream, most: u64) -> Option<Uint8Array> {
    let read = JsFuture::from(read_whole(stream, most as f64)).await.ok()?;
    read.dyn_into().ok()
}

/// The same for a body whose length nobody knows for sure: beyond `first` bytes it is read in steps, each only
/// where there is room for it.
pub async fn whole_where_room(
    stream: &ReadableStream,
    first: u64,
    step: u64,
    most: u64,
    room: impl Fn() -> bool,
) -> Option<Uint8Array> {
    let gathering = Gathering::new(stream);
    let mut limit = first.min(most);
    loop {
        if let Ok(bytes) = gathering.up_to(limit as f64).await.ok()?.dyn_into() {
            return Some(bytes);
        }
        if limit >= most || !room() {
            gathering.stop();
            return None;
        }
        limit = limit.saturating_add(step).min(most);
    }
}
