//! `cargo xtask COMMAND`: the project's commands.
fn main() {}
