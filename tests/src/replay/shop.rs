//! The healthy site: a small flower shop, with the pages that a cache can go wrong on.
//!
//! | path | what is special |
//! | --- | --- |
//! | `/`, `/about`, `/products/<flower>` | public for 60 s · nothing said · public for 300 s with an ETag |
//! | `/style.css`, `/image.svg`, `/flowers/<flower>.svg`, `/api/items.json` | what a page needs |
//! | `/logged-in` | personal by the cookie `session`, says nothing about caching |
//! | `/set-cookie`, `/private`, `/no-store`, `/authorized` | must not be stored |
//! | `/vary-star`, `/vary-language`, `/must-revalidate` | may be stored under conditions |
//! | `/order` (POST), `/echo`, `/large`, `/events` | takes an order · shows the request · 5 MB · three events |

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::date;
use super::request::Request;
use super::script::{End, Script, Step, chunk, head};

/// Name in the address, name on the page, price, petals, colour, and what the shop says of it.
type Flower = (&'static str, &'static str, &'static str, u32, &'static str, &'static str);

const FLOWERS: &[Flower] = &[
    ("poppy", "Poppy", "2.40", 5, "#d8432f", "Opens with the first sun and nods all day."),
    ("cornflower", "Cornflower", "1.90", 12, "#3f63c9", "The blue that painters keep trying to mix."),
    ("marigold", "Marigold", "1.60", 16, "#e79a17", "Keeps the beans company and the aphids away."),
    ("mallow", "Mallow", "2.10", 5, "#b25bb0", "Tall, easy, and in flower until the frost."),
    ("ox-eye-daisy", "Ox-eye daisy", "1.40", 20, "#f4f1e6", "Loves me, loves me not, loves me."),
    ("meadow-clary", "Meadow clary", "2.80", 8, "#5a4fb0", "Every bumblebee in the street will know."),
];

const HTML: &str = "text/html; charset=utf-8";

/// The shop's answer.
pub fn answer(request: &Request) -> Script {
    if request.method != "GET"
        && request.method != "HEAD"
        && request.path() != "/order"
        && request.path() != "/echo"
    {
        return Script::answer(405, &[("Allow", "GET, HEAD")], b"", false);
    }
    let reply = reply(request);
    match reply {
        Reply::Page { status, headers, body } => send(request, status, &headers, body.as_bytes()),
        Reply::Script(script) => script,
    }
}

enum Reply {
    Page { status: u16, headers: Vec<(&'static str, String)>, body: String },
    Script(Script),
}

fn page(cache: Option<&str>, title: &str, content: &str) -> Reply {
    typed(cache, HTML, whole_page(title, content))
}

fn typed(cache: Option<&str>, content_type: &str, body: String) -> Reply {
    let mut headers = vec![("Content-Type", content_type.to_string())];
    headers.extend(cache.map(|value| ("Cache-Control", value.to_string())));
    Reply::Page { status: 200, headers, body }
}

impl Reply {
    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        if let Self::Page { headers, .. } = &mut self {
            headers.push((name, value.into()));
        }
        self
    }

    fn under(mut self, other: u16) -> Self {
        if let Self::Page { status, .. } = &mut self {
            *status = other;
        }
        self
    }
}

fn reply(request: &Request) -> Reply {
    match request.path() {
        "/" => page(Some("public, max-age=60"), "Flowers of the week", &home()),
        "/about" => page(None, "About us", include_str!("../../site/about.html")),
        "/style.css" => {
            typed(Some("public, max-age=3600"), "text/css", include_str!("../../site/style.css").into())
                .with("ETag", "\"style-1\"")
        }
        "/image.svg" => typed(Some("public, max-age=3600"), "image/svg+xml", drawing(9, "#d8432f"))
            .with("ETag", "\"image-1\""),
        "/api/items.json" => typed(Some("public, max-age=30"), "application/json", items()),
        "/logged-in" => match request.cookie("session") {
            Some(name) => page(
                None,
                "Your orders",
                &format!("<p>Hello, <b>{}</b>. You have 3 open orders.</p>", escape(name)),
            ),
            None => page(None, "Your orders", "<p>Please <a href=\"/set-cookie\">log in</a> first.</p>"),
        },
        "/set-cookie" => page(
            Some("public, max-age=60"),
            "Logged in",
            "<p>You are logged in. <a href=\"/logged-in\">Your orders</a></p>",
        )
        .with(
            "Set-Cookie",
            format!("session={}; Path=/; HttpOnly; SameSite=Lax", request.query("name").unwrap_or("ada")),
        ),
        "/private" => page(
            Some("private, max-age=60"),
            "Your basket",
            &format!("<p>A basket for one: number {}.</p>", next()),
        ),
        "/no-store" => page(Some("no-store"), "Till receipt", &format!("<p>Receipt {}.</p>", next())),
        "/authorized" => match request.header("authorization") {
            Some(who) => page(None, "Wholesale prices", &format!("<p>Prices for {}.</p>", escape(who))),
            None => page(None, "Wholesale prices", "<p>Who is asking?</p>")
                .under(401)
                .with("WWW-Authenticate", "Basic realm=\"shop\""),
        },
        "/vary-star" => {
            page(Some("public, max-age=60"), "Dice", &format!("<p>{}</p>", next())).with("Vary", "*")
        }
        "/vary-language" => {
            let german = request.header("accept-language").is_some_and(|v| v.trim_start().starts_with("de"));
            page(
                Some("public, max-age=60"),
                "Language",
                if german { "<p>Blumen</p>" } else { "<p>Flowers</p>" },
            )
            .with("Vary", "Accept-Language")
        }
        "/must-revalidate" => {
            page(Some("public, max-age=1, must-revalidate"), "Stock", &format!("<p>{} left</p>", next()))
        }
        "/order" if request.method == "POST" => {
            let content = format!("<p>Order {} is taken. We pick at dawn.</p>", next());
            page(Some("no-store"), "Thank you", &content).under(201)
        }
        "/order" => page(Some("no-store"), "Order", include_str!("../../site/order.html")),
        "/echo" => typed(Some("no-store"), "application/json", echo(request)),
        "/large" => Reply::Script(large(request)),
        "/events" => Reply::Script(events()),
        path => match FLOWERS.iter().find(|flower| flower_in(path, flower.0)) {
            Some((_, _, _, petals, colour, _)) if path.ends_with(".svg") => {
                typed(Some("public, max-age=3600"), "image/svg+xml", drawing(*petals, colour))
            }
            Some(flower) => page(Some("public, max-age=300"), flower.1, &product(flower))
                .with("ETag", format!("\"{}-1\"", flower.0)),
            None => page(None, "Not found", "<p>We do not grow this one.</p>").under(404),
        },
    }
}

fn flower_in(path: &str, slug: &str) -> bool {
    path.strip_prefix("/products/").is_some_and(|rest| rest == slug)
        || path
            .strip_prefix("/flowers/")
            .and_then(|rest| rest.strip_suffix(".svg"))
            .is_some_and(|rest| rest == slug)
}

/// Sends it, as 304 where the client has it already.
fn send(request: &Request, status: u16, headers: &[(&str, String)], body: &[u8]) -> Script {
    let date = date::now();
    let mut all = vec![("Date", date.as_str())];
    all.extend(headers.iter().map(|(name, value)| (*name, value.as_str())));
    let tag = headers.iter().find(|(name, _)| *name == "ETag").map(|(_, value)| value.as_str());
    if status == 200 && tag.is_some() && request.header("if-none-match") == tag {
        return Script::answer(304, &all, b"", true);
    }
    Script::answer(status, &all, body, request.method == "HEAD")
}

fn next() -> u64 {
    static MADE: AtomicU64 = AtomicU64::new(1);
    MADE.fetch_add(1, Ordering::Relaxed)
}

fn whole_page(title: &str, content: &str) -> String {
    include_str!("../../site/page.html")
        .replace("{{title}}", title)
        .replace("{{content}}", content)
        .replace("{{time}}", &date::time_of_day())
        .replace("{{number}}", &next().to_string())
}

fn home() -> String {
    let cards: String = FLOWERS
        .iter()
        .map(|(slug, name, price, _, _, _)| {
            format!(
                "<li><a href=\"/products/{slug}\"><img src=\"/flowers/{slug}.svg\" alt=\"\" width=\"160\" height=\"160\">\
                 <b>{name}</b><span>{price} the bunch</span></a></li>\n"
            )
        })
        .collect();
    include_str!("../../site/home.html").replace("{{cards}}", &cards)
}

fn product((slug, name, price, _, _, says): &Flower) -> String {
    format!(
        "<div class=\"product\"><img src=\"/flowers/{slug}.svg\" alt=\"A drawn {name}\" width=\"320\" height=\"320\">\
         <div><p class=\"says\">{says}</p><p class=\"price\">{price} the bunch</p>\
         <form method=\"post\" action=\"/order\"><input type=\"hidden\" name=\"flower\" value=\"{slug}\">\
         <button>Order a bunch</button></form></div></div>"
    )
}

fn items() -> String {
    let items: Vec<_> = FLOWERS
        .iter()
        .map(|(slug, name, price, ..)| serde_json::json!({ "id": slug, "name": name, "price": price }))
        .collect();
    serde_json::json!({ "items": items, "made": date::time_of_day() }).to_string()
}

/// A flower drawn from its number of petals and its colour.
fn drawing(petals: u32, colour: &str) -> String {
    let step = 360.0 / f64::from(petals);
    let width = (190.0 / f64::from(petals)).clamp(7.0, 24.0);
    let petals: String = (0..petals)
        .map(|n| format!("<ellipse cx=\"80\" cy=\"42\" rx=\"{width:.1}\" ry=\"30\" transform=\"rotate({:.1} 80 72)\"/>", f64::from(n) * step))
        .collect();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 160 160\"><path d=\"M80 72Q86 118 78 160\" stroke=\"#4c7a46\" \
         stroke-width=\"5\" fill=\"none\"/><path d=\"M81 124Q104 106 116 116 104 132 81 124Z\" fill=\"#5f9457\"/>\
         <g fill=\"{colour}\" stroke=\"#0002\">{petals}</g><circle cx=\"80\" cy=\"72\" r=\"14\" fill=\"#f2c23e\"/>\
         <circle cx=\"80\" cy=\"72\" r=\"7\" fill=\"#8a5a14\"/></svg>"
    )
}

fn echo(request: &Request) -> String {
    let body = String::from_utf8_lossy(&request.body);
    serde_json::json!({ "method": request.method, "target": request.target, "headers": request.headers, "body": body }).to_string()
}

/// 5 MB in many pieces, so that whatever holds a body back is seen to do so.
fn large(request: &Request) -> Script {
    let piece = vec![b'x'; 64 * 1024];
    let length = (piece.len() * 80).to_string();
    let mut bytes =
        head(200, "OK", &[("Content-Type", "application/octet-stream"), ("Content-Length", &length)]);
    bytes.extend_from_slice(b"\r\n");
    let mut steps = vec![Step::Send(bytes)];
    if request.method != "HEAD" {
        steps.extend(std::iter::repeat_n(Step::Send(piece), 80));
    }
    Script { steps, end: End::KeepAlive }
}

/// Three server-sent events, 200 ms apart.
fn events() -> Script {
    let headers = &[
        ("Content-Type", "text/event-stream"),
        ("Cache-Control", "no-cache"),
        ("Transfer-Encoding", "chunked"),
    ];
    let mut bytes = head(200, "OK", headers);
    bytes.extend_from_slice(b"\r\n");
    let mut steps = vec![Step::Send(bytes)];
    for n in 1..=3 {
        steps.push(Step::Send(chunk(format!("data: {n}\n\n").as_bytes())));
        steps.push(Step::Pause(Duration::from_millis(200)));
    }
    steps.push(Step::Send(chunk(b"")));
    Script { steps, end: End::KeepAlive }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
