//! The extension: listens, asks, draws. What a failure means is decided in `backsoon`.
//!
//! `background` and `popup` are called by a few lines of JavaScript in `static/`; `seen`, `net_error` and
//! `view` are pure and tested natively; untyped values stay in `js`, the browser's calls in `api`.

mod api;
mod around;
mod background;
mod clear;
mod draw;
mod draw_owner;
mod js;
mod links;
mod net_error;
mod owner;
mod popup;
mod probe;
mod report;
mod seen;
mod session;
mod view;
mod wait;
