//! The answer that a visitor gets when nothing can be saved: one model, four forms.
//!
//! Says in the visitor's language what is wrong, whose fault it is, when it will be back and what to do, and
//! with which header fields it is sent. Does not decide whether it is sent, nor in which form: that is
//! `rescue`. It knows no time but the one in the model, and never shows what the visitor sent.

mod chain;
mod colour;
mod html;
mod markdown;
mod markup;
mod model;
mod note;
mod owner;
mod problem;
mod said;
mod sha256;
mod terminal;

pub use model::{Copy, Form, Frame, Owner, PageModel, Processed, Rendered, State};
pub use note::note;
pub use owner::{LOGO_LIMIT, Unfit, check, own_path};
pub(crate) use sha256::digest;

mod built {
    include!(concat!(env!("OUT_DIR"), "/page.rs"));
}
use built::{LUMINANCE, OWNER_STYLE, SCRIPT, SCRIPT_HASH, STYLE, STYLE_HASH, TIME_SCRIPT, TIME_SCRIPT_HASH};

/// Seconds in `Retry-After` where the model names none.
const RETRY_AFTER_S: u32 = 30;
/// The fields of a failure that another site's script may read.
pub const EXPOSED: &str = "Retry-After, Cache-Status";
/// How many copies the page links to.
pub const COPIES_SHOWN: usize = 6;

/// Renders the model. The body is the same for HEAD: the shell leaves it out.
pub fn render(model: &PageModel) -> Rendered {
    let (content_type, body) = match model.form {
        Form::Html => ("text/html; charset=utf-8", html::render(model)),
        Form::Problem => ("application/problem+json", problem::render(model)),
        Form::Json => ("application/json", problem::render(model)),
        Form::Markdown => ("text/markdown; charset=utf-8", markdown::render(model)),
        Form::Text => ("text/plain; charset=utf-8", terminal::render(model)),
        Form::HeadersOnly => ("", String::new()),
    };
    Rendered { status: model.status, content_type, headers: headers(model, content_type), body }
}

fn headers(model: &PageModel, content_type: &str) -> Vec<(&'static str, String)> {
    // Nothing of the origin or the visitor is in any form: ids and texts of ours, the owner's public settings and the
    // path that the asker itself named. So every site may read it; `*` never covers a request with credentials.
    // `Proxy-Status` is not exposed: proxies nearer to the origin may name hosts there.
    let mut headers = vec![
        ("Access-Control-Allow-Origin", "*".to_owned()),
        ("Access-Control-Expose-Headers", EXPOSED.to_owned()),
        ("Cache-Control", "no-store".to_owned()),
        ("Retry-After", model.retry_after_s.unwrap_or(RETRY_AFTER_S).to_string()),
        ("Vary", "Accept, Accept-Language, Sec-Fetch-Dest".to_owned()),
        ("X-Robots-Tag", "noindex".to_owned()),
        ("X-Content-Type-Options", "nosniff".to_owned()),
        ("Link", "</.well-known/backsoon/status>; rel=\"status\"".to_owned()),
    ];
    if !content_type.is_empty() {
        headers.push(("Content-Type", content_type.to_owned()));
        headers.push(("Content-Language", model.lang.tag().to_owned()));
        headers.push(("Content-Security-Policy", policy(model)));
        headers.push(("Referrer-Policy", "no-referrer".to_owned()));
    }
    headers
}

/// Hashes only: the page's own style and script, and what the owner's settings
/// need. Nothing is loaded but the owner's
/// inlined logo, nothing is asked but this site's status, and no form leads anywhere.
fn policy(model: &PageModel) -> String {
    if model.form != Form::Html {
        return "default-src 'none'; frame-ancestors 'none'".to_owned();
    }
    let own = owner::style(model.owner).map(|style| sha256::source_expression(style.as_str().as_bytes()));
    let own = own.map(|hash| format!(" {hash}")).unwrap_or_default();
    let time = if said::when(model).1.is_some() { [" ", TIME_SCRIPT_HASH].concat() } else { String::new() };
    format!(
        "default-src 'none'; style-src {STYLE_HASH}{own}; script-src {SCRIPT_HASH}{time}; \
         connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'{}",
        // Nothing on the short page for frames is worth a stolen click: its link loads the same address again.
        if model.frame == Frame::Anywhere { "" } else { "; frame-ancestors 'self'" }
    )
}
