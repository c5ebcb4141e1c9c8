//! Between the platform's objects and the facts. The only place where untyped JavaScript values live.
//!
//! Decides nothing: what a status, a field or an error means is read elsewhere.

use backsoon::facts::Headers as Fields;
use backsoon::rescue::{AnswerHead, Edits, RequestFacts, Thrown, Url};
use backsoon::time::Millis;
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::prelude::{JsCast, JsValue, wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, ReadableStream, Request, Response, ResponseInit};

#[wasm_bindgen(module = "/src/platform.js")]
extern "C" {
    #[wasm_bindgen(js_name = fields)]
    fn field_lines(headers: &Headers) -> String;

    #[wasm_bindgen(js_name = prefix)]
    fn read_prefix(stream: &ReadableStream, most: u32, limit_ms: u32) -> js_sys::Promise;

    #[wasm_bindgen(js_name = whole)]
    fn read_whole(stream: &ReadableStream, most: f64) -> js_sys::Promise;
}

/// The time, as far as the platform tells it: workerd's clock stands still between two waits.
pub fn now() -> Millis {
    js_sys::Date::now() as Millis
}

/// Header fields as facts; the platform has lower-cased and sorted them.
pub fn fields(headers: &Headers) -> Fields {
    field_lines(headers).lines().filter_map(|line| line.split_once(':')).collect()
}

/// The facts of a request; `None` for an address that no browser sends.
pub fn request_facts(request: &Request) -> Option<RequestFacts> {
    Some(RequestFacts {
        method: request.method(),
        url: Url::parse(&request.url())?,
        headers: fields(&request.headers()),
        body: request.body().is_some(),
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
    let body = answer.body();
    let init: &ResponseInit = answer.unchecked_ref();
    let changed = Response::new_with_opt_readable_stream_and_init(body.as_ref(), init)?;
    let headers = changed.headers();
    for name in &edits.remove {
        headers.delete(name)?;
    }
    for (name, value) in &edits.set {
        headers.set(name, value)?;
    }
    for (name, value) in &edits.append {
        headers.append(name, value)?;
    }
    Ok(changed)
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
    let fields = Headers::new()?;
    for (name, value) in headers {
        fields.append(name, value)?;
    }
    let init = ResponseInit::new();
    init.set_status(status);
    init.set_headers(&fields);
    match body {
        Body::Empty => Response::new_with_opt_str_and_init(None, &init),
        Body::Text(text) => Response::new_with_opt_str_and_init(Some(&text), &init),
        // The binding names each kind of body; the platform takes any.
        Body::Opaque(value) => {
            Response::new_with_opt_readable_stream_and_init(Some(value.unchecked_ref()), &init)
        }
    }
}

/// Two readers of one body.
pub fn tee(stream: &ReadableStream) -> Option<(ReadableStream, ReadableStream)> {
    let both = stream.tee();
    Some((both.get(0).dyn_into().ok()?, both.get(1).dyn_into().ok()?))
}

/// The beginning of a body.
pub struct Prefix {
    /// What came, at most what was asked for.
    pub bytes: Vec<u8>,
    /// Whether the body ended as its framing promised; `None` where there is more of it.
    pub ended: Option<bool>,
}

/// Reads the beginning of a body: at most `most` bytes, for at most `limit_ms`.
pub async fn prefix(stream: &ReadableStream, most: u32, limit_ms: u32) -> Option<Prefix> {
    let read = JsFuture::from(read_prefix(stream, most, limit_ms)).await.ok()?;
    let part = |name: &str| Reflect::get(&read, &name.into()).ok();
    let bytes = part("bytes")?.dyn_into::<Uint8Array>().ok()?.to_vec();
    Some(Prefix { bytes, ended: part("ended")?.as_bool() })
}

/// The whole body as a buffer that stays in JavaScript; `None` where it broke or is longer than `most` bytes.
pub async fn whole(stream: &ReadableStream, most: u64) -> Option<JsValue> {
    let read = JsFuture::from(read_whole(stream, most as f64)).await.ok()?;
    if read.is_null() { None } else { Some(read) }
}

/// The bytes from `first` to `last` of a buffer, both included, without copying them.
pub fn part(buffer: JsValue, first: u64, last: u64) -> Result<JsValue, JsValue> {
    let bytes: Uint8Array = buffer.dyn_into()?;
    let position = |at: u64| u32::try_from(at).unwrap_or(u32::MAX);
    Ok(bytes.subarray(position(first), position(last).saturating_add(1)).into())
}
