//! Processes that end with us: each has a process group of its own, a name and, where it is waited for, a
//! time limit. Ctrl-C, a polite kill and every way out of `main` end them all.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::progress::relay;

static GROUPS: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

static ENDING: AtomicBool = AtomicBool::new(false);

const POLL: Duration = Duration::from_millis(20);

/// How long a group may take to end by itself before it is killed.
const GRACE: Duration = Duration::from_secs(4);

/// Installs the end of all children on Ctrl-C and on a polite kill. Called once, by `main`.
pub fn end_children_on_signals() -> Result<(), String> {
    ctrlc::set_handler(|| {
        ENDING.store(true, Ordering::SeqCst);
        end_all();
        std::process::exit(130);
    })
    .map_err(|error| format!("signals cannot be heard: {error}"))
}

/// Stays here where a signal is ending us: what ended because of that is no failure to tell of.
pub fn yield_to_signal() {
    while ENDING.load(Ordering::SeqCst) {
        std::thread::park();
    }
}

/// Ends whatever is still running.
pub fn end_all() {
    let all: Vec<i32> = groups().iter().copied().collect();
    for group in &all {
        tell(*group, Some(Signal::SIGTERM));
    }
    let until = Instant::now() + GRACE;
    while all.iter().any(|group| tell(*group, None)) && Instant::now() < until {
        std::thread::sleep(POLL);
    }
    for group in &all {
        tell(*group, Some(Signal::SIGKILL));
    }
}

/// A running process and its descendants; dropping it ends them.
pub struct Running {
    name: String,
    child: Child,
    group: i32,
    readers: Vec<JoinHandle<()>>,
}

/// Starts a command in a group of its own, without a standard input; each line that it writes goes to `heard`.
pub fn start(
    name: &str,
    command: &mut Command,
    heard: impl Fn(&str) + Send + Sync + 'static,
) -> Result<Running, String> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(|error| cannot_start(name, command, &error))?;
    let group = child.id() as i32;
    groups().insert(group);
    let heard: Arc<dyn Fn(&str) + Send + Sync> = Arc::new(heard);
    let mut readers = Vec::new();
    if let Some(out) = child.stdout.take() {
        readers.push(listen(out, heard.clone()));
    }
    if let Some(err) = child.stderr.take() {
        readers.push(listen(err, heard));
    }
    Ok(Running { name: name.to_string(), child, group, readers })
}

/// Runs a command to its end, within the limit, showing what it writes. `Ok` is what it ended with.
pub fn run(name: &str, command: &mut Command, limit: Duration) -> Result<ExitStatus, String> {
    start(name, command, |line| relay("", line))?.wait(limit)
}

/// As `run`, but ends well only if the command does; its output is shown only if it does not.
pub fn run_quietly(name: &str, command: &mut Command, limit: Duration) -> Result<(), String> {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let kept = lines.clone();
    let status = start(name, command, move |line| {
        kept.lock().unwrap_or_else(PoisonError::into_inner).push(line.to_string());
    })?
    .wait(limit);
    match status {
        Ok(status) if status.success() => Ok(()),
        other => {
            for line in lines.lock().unwrap_or_else(PoisonError::into_inner).iter() {
                relay("    ", line);
            }
            Err(other
                .map_or_else(|why| why, |status| format!("{name} failed ({status}); what it said is above")))
        }
    }
}

impl Running {
    /// Whether it has ended by itself, and how.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Waits for the end; past the limit the whole group is ended and that is an error.
    pub fn wait(mut self, limit: Duration) -> Result<ExitStatus, String> {
        let until = Instant::now() + limit;
        loop {
            if let Some(status) = self.ended() {
                // What it left behind would hold the pipes open, and us with them.
                self.end();
                for reader in self.readers.drain(..) {
                    let _ = reader.join();
                }
                return Ok(status);
            }
            if Instant::now() >= until {
                return Err(format!(
                    "{} did not end within {} s and was stopped",
                    self.name,
                    limit.as_secs()
                ));
            }
            std::thread::sleep(POLL);
        }
    }

    /// Asks the group to end, waits, kills what does not.
    fn end(&mut self) {
        tell(self.group, Some(Signal::SIGTERM));
        let until = Instant::now() + GRACE;
        // The leader has to be reaped before its group can be seen to be empty.
        while (self.ended().is_none() || tell(self.group, None)) && Instant::now() < until {
            std::thread::sleep(POLL);
        }
        tell(self.group, Some(Signal::SIGKILL));
        let _ = self.child.wait();
        groups().remove(&self.group);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

/// Sends the signal, or only asks (`None`); false where nobody of the group is left.
fn tell(group: i32, signal: Option<Signal>) -> bool {
    killpg(Pid::from_raw(group), signal).is_ok()
}

fn groups() -> MutexGuard<'static, BTreeSet<i32>> {
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn listen(from: impl Read + Send + 'static, heard: Arc<dyn Fn(&str) + Send + Sync>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let mut from = BufReader::new(from);
        let mut line = Vec::new();
        while matches!(from.read_until(b'\n', &mut line), Ok(n) if n > 0) {
            heard(String::from_utf8_lossy(&line).trim_end());
            line.clear();
        }
    })
}

fn cannot_start(name: &str, command: &Command, error: &std::io::Error) -> String {
    format!("{name} cannot be started ({}): {error}", command.get_program().to_string_lossy())
}
