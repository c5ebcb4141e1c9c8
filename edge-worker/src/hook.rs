//! Breaks the wasm on purpose, in builds with the feature `test-hook` only.
//!
//! The request's header field `x-backsoon-break` names the way.

use crate::convert::sleep;
use web_sys::Request;

/// Breaks before the origin was asked, if the request says so.
pub async fn before(request: &Request) -> Option<String> {
    let wish = request.headers().get("x-backsoon-break").ok().flatten();
    match wish.as_deref() {
        Some("panic") => break_by_panic(),
        Some("unreachable") => core::arch::wasm32::unreachable(),
        Some("overflow") => drop(overflow(1)),
        Some("memory") => exhaust(),
        Some("later") => {
            sleep(50).await;
            break_by_panic();
        }
        Some("never") => std::future::pending().await,
        _ => (),
    }
    wish
}

/// Breaks after the origin has answered, if the request said so.
pub fn after(wish: Option<String>) {
    if wish.as_deref() == Some("after") {
        break_by_panic();
    }
}

#[expect(clippy::panic, reason = "this build exists to break")]
fn break_by_panic() {
    panic!("broken on purpose");
}

#[expect(unconditional_recursion, reason = "this build exists to break")]
fn overflow(n: u64) -> [u64; 64] {
    let mut block = std::hint::black_box([n; 64]);
    block = overflow(std::hint::black_box(block.iter().sum()));
    std::hint::black_box(block)
}

fn exhaust() {
    let mut kept: Vec<Vec<u8>> = Vec::new();
    loop {
        // Asked for, never touched: the wasm's address space ends, not the machine's memory.
        kept.push(std::hint::black_box(Vec::with_capacity(1 << 30)));
    }
}
