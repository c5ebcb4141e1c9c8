//! What a command tells while it works: on standard error, so that standard output holds results only.

use std::io::Write;
use std::time::Instant;

/// One line about what happens now, and why or for about how long.
pub fn say(what: &str) {
    relay("backsoon: ", what);
}

/// One line of another program, after `before`, in one piece: `eprintln!` writes part by part, and a result on
/// standard output could land in the middle of such a line.
pub fn relay(before: &str, line: &str) {
    // Where nobody can be told, the work goes on.
    let _ = std::io::stderr().write_all(format!("{before}{line}\n").as_bytes());
}

/// The same, and what it took when it is done.
pub fn timed<T>(what: &str, work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    say(&format!("{what} ..."));
    let start = Instant::now();
    let done = work()?;
    say(&format!("{what}: done in {:.1} s", start.elapsed().as_secs_f32()));
    Ok(done)
}
