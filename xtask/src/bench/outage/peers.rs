//! The three that stand in front of an origin: ours on workerd, nginx and Varnish from Debian's packages, each
//! started with what an expert would set (tests/peers/) and ended when dropped.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::origin::Origin;
use crate::process::{Running, start};
use crate::tools::{apt_install, on_path, root, target};
use crate::worker_build::Built;
use crate::wrangler::free_port;

/// Ours has its default settings, unless this variable holds others as JSON. As short as the peers' limits would
/// be `{"TIMEOUT_MS":"2000"}`.
const SETTINGS: &str = "BACKSOON_SETTINGS";

/// One of them, with an origin of its own.
pub struct Peer {
    pub name: &'static str,
    pub url: String,
    pub origin: Origin,
    _running: Running,
    folder: PathBuf,
}

impl Drop for Peer {
    fn drop(&mut self) {
        // What it stored is not for the next run. It is still in use: what cannot be removed now stays in target.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Ours, on workerd without wrangler's proxies.
pub fn backsoon(worker: &Built) -> Result<Peer, String> {
    let origin = Origin::start()?;
    let mut command = crate::tools::npm_tool("node");
    command.arg(root().join("tests/peers/side-by-side.mjs")).arg(&worker.dir).arg(origin.url());
    command.arg(std::env::var(SETTINGS).unwrap_or_else(|_| "{}".to_owned()));
    let (addresses, running) = crate::bench::overhead::side_by_side(&mut command)?;
    let url = addresses.into_iter().next().ok_or("workerd told no address")?;
    Ok(Peer { name: "Backsoon", url, origin, _running: running, folder: folder("backsoon")? })
}

/// nginx with its cache.
pub fn nginx() -> Result<Peer, String> {
    let (origin, port, folder) = (Origin::start()?, free_port()?, folder("nginx")?);
    let config = folder.join("nginx.conf");
    let (path, address) = (folder.display().to_string(), host(&origin));
    let (rest, own) = (free_port()?.to_string(), port.to_string());
    let names = [("folder", path.as_str()), ("origin", &address), ("rest", &rest), ("port", &own)];
    fill("nginx.conf", &config, &names)?;
    let mut command = Command::new(found("nginx", "nginx")?);
    command.arg("-c").arg(&config).arg("-p").arg(&folder);
    run("nginx", command, port, origin, folder)
}

/// Varnish with its probe.
pub fn varnish() -> Result<Peer, String> {
    let (origin, port, folder) = (Origin::start()?, free_port()?, folder("varnish")?);
    let config = folder.join("site.vcl");
    let address = host(&origin);
    let origin_port = address.rsplit(':').next().unwrap_or_default();
    fill("varnish.vcl", &config, &[("origin_port", origin_port)])?;
    let mut command = Command::new(found("varnishd", "varnish")?);
    command.arg("-F").arg("-f").arg(&config).arg("-n").arg(folder.join("state"));
    command.arg("-a").arg(format!("127.0.0.1:{port}")).args(["-s", "malloc,64m", "-T", "none"]);
    run("Varnish", command, port, origin, folder)
}

fn host(origin: &Origin) -> String {
    origin.url().trim_start_matches("http://").to_owned()
}

fn folder(name: &str) -> Result<PathBuf, String> {
    let folder = target().join("peers").join(format!("{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|why| format!("{}: {why}", folder.display()))?;
    Ok(folder)
}

/// The program, installed where that is allowed.
fn found(program: &str, package: &str) -> Result<PathBuf, String> {
    let found = || {
        let usual = Path::new("/usr/sbin").join(program);
        on_path(program).or_else(|| usual.is_file().then_some(usual))
    };
    if found().is_none() {
        apt_install(&[package])?;
    }
    found().ok_or_else(|| format!("{program} is not there after installing {package}"))
}

/// A file of tests/peers with its names filled in.
fn fill(name: &str, to: &Path, names: &[(&str, &str)]) -> Result<(), String> {
    let file = root().join("tests/peers").join(name);
    let mut text = std::fs::read_to_string(&file).map_err(|why| format!("{}: {why}", file.display()))?;
    for (name, value) in names {
        text = text.replace(&format!("{{{{{name}}}}}"), value);
    }
    std::fs::write(to, text).map_err(|why| format!("{}: {why}", to.display()))
}

fn run(
    name: &'static str,
    mut command: Command,
    port: u16,
    origin: Origin,
    folder: PathBuf,
) -> Result<Peer, String> {
    let said = Arc::new(Mutex::new(Vec::<String>::new()));
    let heard = said.clone();
    let mut running = start(name, &mut command, move |line| {
        heard.lock().unwrap_or_else(PoisonError::into_inner).push(line.to_owned());
    })?;
    let url = format!("http://127.0.0.1:{port}");
    let until = Instant::now() + Duration::from_secs(30);
    while !crate::http::ask("GET", &url, "/", &[], "", Duration::from_secs(3)).is_ok_and(|a| a.status == 200)
    {
        if running.ended().is_some() || Instant::now() > until {
            let said = said.lock().unwrap_or_else(PoisonError::into_inner).join(" / ");
            return Err(format!("{name} does not answer: {said}"));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(Peer { name, url, origin, _running: running, folder })
}
