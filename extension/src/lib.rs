//! The extension: listens, asks, draws. What a failure means is decided in `backsoon`.
//!
//! `background`, `popup` and `options` are called by a few lines of JavaScript in `static/`; `seen`, `net_error`,
//! `view`, `history` and `settings` are pure and tested natively; untyped values stay in `js`, the browser's
//! calls in `api`.

mod api;
mod around;
mod background;
mod clear;
mod draw;
mod draw_offers;
mod draw_owner;
mod history;
mod js;
mod kept;
mod links;
mod net_error;
mod offers;
mod options;
mod owner;
mod popup;
mod probe;
mod report;
mod seen;
mod session;
mod settings;
mod view;
mod wait;
mod witness;
