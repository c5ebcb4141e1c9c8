//! `cargo xtask diagnose` as a person or a script calls it: every form of input, the exact form of `--json`,
//! and what becomes of files that cannot be read.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const PAGE: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1>\
</center>\r\n<hr><center>nginx/1.24.0</center>\r\n</body>\r\n</html>\r\n";

fn captures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/captures")
}

fn diagnose(words: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.arg("diagnose").args(words).env("NO_COLOR", "1");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A child that refuses its arguments may be gone before it reads.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn verdicts(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn maker(verdict: &Value) -> &str {
    verdict["gateway"]["id"].as_str().unwrap()
}

#[test]
fn json_has_the_promised_form() {
    let file = captures().join("squid/tls_expired.json");
    let output = diagnose(&["--json", file.to_str().unwrap()], "");
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(
        text.starts_with("{\"id\":\"squid/tls_expired\",\"status\":503,\"gateway\":{\"id\":\"squid\","),
        "{text}"
    );
    let verdict = &verdicts(&output)[0];
    let keys: Vec<&str> = verdict.as_object().unwrap().keys().map(String::as_str).collect();
    for key in ["layers", "causes", "transient", "fault", "visitor", "not_helpful", "owner"] {
        assert!(keys.contains(&key), "{key} is missing in {keys:?}");
    }
    assert_eq!(verdict["causes"][0]["error"], "tls_certificate_error");
    assert!(!verdict["causes"][0]["evidence"].as_array().unwrap().is_empty());
    assert!(!verdict["visitor"][0]["why"].as_str().unwrap().is_empty());
    assert!(!verdict["owner"][0]["step"].as_str().unwrap().is_empty());
}

#[test]
fn a_folder_gives_one_line_for_each_exchange() {
    let folder = captures().join("documented");
    let output = diagnose(&["--json", folder.to_str().unwrap()], "");
    let files = std::fs::read_dir(folder).unwrap().count();
    let all = verdicts(&output);
    // Six of them are tables of reference material, no exchanges.
    assert_eq!((output.status.code(), all.len()), (Some(0), files - 6));
}

#[test]
fn what_curl_prints() {
    let plain =
        format!("HTTP/1.1 502 Bad Gateway\r\nServer: nginx/1.24.0\r\nContent-Type: text/html\r\n\r\n{PAGE}");
    let all = verdicts(&diagnose(&["--json"], &plain));
    assert_eq!((all.len(), maker(&all[0]), &all[0]["id"]), (1, "nginx", &Value::from("stdin#1")));

    let redirected = format!(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 301 Moved Permanently\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n{plain}"
    );
    let all = verdicts(&diagnose(&["--json"], &redirected));
    let statuses: Vec<&Value> = all.iter().map(|verdict| &verdict["status"]).collect();
    assert_eq!(statuses, [301, 502]);

    let verbose = "* Trying 192.0.2.1:80...\n> GET /cart HTTP/1.1\n> Host: shop.test\n> \n< HTTP/1.1 503 Service \
Unavailable\n< content-length: 107\n< cache-control: no-cache\n< content-type: text/html\n< \n{ [107 bytes data]\n\
<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n\
* Connection #0 to host shop.test left intact\n";
    let all = verdicts(&diagnose(&["--json"], verbose));
    assert_eq!((all.len(), maker(&all[0])), (1, "haproxy"));

    let refused = "* connect to 192.0.2.1 port 80 failed: Connection refused\ncurl: (7) Failed to connect to \
shop.test port 80: Connection refused\n";
    let all = verdicts(&diagnose(&["--json"], refused));
    assert_eq!(all[0]["causes"][0]["id"], "refused");
    assert_eq!(all[0]["status"], Value::Null);
}

#[test]
fn har_files() {
    let entry = |status: u16, text: &str, extra: &str| {
        let text = Value::from(text).to_string();
        format!(
            r#"{{"time":63.5,"request":{{"method":"GET","url":"https://shop.test/"}},"response":{{"status":{status},"headers":[{{"name":"Server","value":"nginx"}},{{"name":"Content-Type","value":"text/html"}}],"content":{{"size":157,"text":{text}}}{extra}}},"timings":{{"wait":60}}}}"#
        )
    };
    let lost = r#","_error":"net::ERR_CERT_DATE_INVALID""#;
    let har = format!(r#"{{"log":{{"entries":[{},{}]}}}}"#, entry(502, PAGE, ""), entry(0, "", lost));
    let all = verdicts(&diagnose(&["--json"], &har));
    assert_eq!((all.len(), maker(&all[0])), (2, "nginx"));
    assert_eq!(all[1]["causes"][0]["id"], "tls_certificate");
    assert_eq!(all[1]["layers"][0]["id"], "tls");
}

#[test]
fn a_bad_file_costs_one_line_and_the_others_go_on() {
    let good = captures().join("nginx/refused.json");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let bad = [
        ("broken.json", "{\"id\":"),
        ("empty.json", ""),
        ("other.json", "{\"a\":1}"),
        ("binary.txt", "\0\u{1}"),
    ];
    let mut words = vec!["--json".to_owned()];
    for (name, content) in bad {
        std::fs::write(folder.join(name), content).unwrap();
        words.push(folder.join(name).display().to_string());
    }
    words.push(folder.join("missing.json").display().to_string());
    words.push(good.display().to_string());
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let output = diagnose(&words, "");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(maker(&verdicts(&output)[0]), "nginx");
    let complaints = String::from_utf8(output.stderr).unwrap();
    assert_eq!(complaints.lines().count(), 5, "{complaints}");
    for name in ["broken.json", "empty.json", "other.json", "binary.txt", "missing.json"] {
        assert!(complaints.contains(name), "{name} is not named in {complaints}");
    }
}

#[test]
fn people_read_the_verdict_first_and_no_control_characters() {
    let text = "HTTP/1.1 502 Bad Gateway\r\nServer: nginx\u{1b}[31m\r\nContent-Type: text/html\r\n\r\n<hr><center>nginx/1.2\u{7}";
    let output = diagnose(&[], text);
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.lines().next().unwrap().contains("The site's own server is not answering."), "{shown}");
    assert!(!shown.contains('\u{1b}') && !shown.contains('\u{7}'), "{shown:?}");
    let unknown = diagnose(&["--jsn"], "");
    assert_eq!(unknown.status.code(), Some(2));
}
