//! What commands must keep to: those that look change nothing, those that can hurt come with a warning.
//!
//! The lists know verbs, not grammar: they catch the row written in a hurry, no more.

use super::{CommandRow, OPEN_IN_COMMANDS};

/// In a command that claims to only look.
const CHANGING: &[&str] = &[
    " restart",
    ":restart",
    " reload",
    ":reload",
    "reload ",
    " stop",
    " start",
    " enable",
    " disable",
    "kill ",
    "KILL ",
    " rm ",
    " mv ",
    "delete",
    "flush",
    "purge",
    " set ",
    "scale",
    "undo",
    "drain",
    "sed -i",
    "tee ",
    "PURGE",
    "-X POST",
    "-X PUT",
    "-X DELETE",
    "CREATE ",
    "DROP ",
    "ALTER ",
    "UPDATE ",
    "chmod",
    "chown",
    "-A INPUT",
    "-I INPUT",
    "ufw allow",
    "renew",
    "rollback",
    "git revert",
    "git checkout",
    "update ",
    "install ",
    "deactivate",
    "activate",
];

/// In a command that can make things worse.
const HURTING: &[&str] = &[
    "restart mysql",
    "restart mariadb",
    "restart postgres",
    "flush",
    "FLUSHALL",
    "purge",
    "ban ",
    "ban.",
    "DROP ",
    "kill ",
    "KILL ",
    "CREATE INDEX",
    "ADD INDEX",
    "_timeout",
    "timeout ",
    "disable ",
    "deactivate",
    "undo",
    "revert",
    " rm ",
    "limit",
    "ufw",
    "iptables",
    "nft ",
];

/// `Err` names the command and what is wrong with it. `only_looks`: the step may not change anything;
/// `warned`: the step says what it risks.
pub fn check(rows: &[CommandRow], only_looks: bool, warned: bool) -> Result<(), String> {
    for row in rows {
        if row.look.is_empty() && row.change.is_empty() {
            return Err(format!("commands on {}: none given", row.on));
        }
        if only_looks && !row.change.is_empty() {
            return Err(format!("commands on {}: a step that confirms changes nothing", row.on));
        }
        for command in row.look.iter().chain(&row.change) {
            whole(command).map_err(|reason| format!("command {command:?}: {reason}"))?;
        }
        // A comment is a setting or a remark: it runs nothing.
        for command in row.look.iter().filter(|c| !c.starts_with('#')) {
            if let Some(verb) = CHANGING.iter().find(|verb| command.contains(**verb)) {
                return Err(format!("command {command:?}: looks only, yet says {:?}", verb.trim()));
            }
        }
        for command in &row.change {
            if let Some(verb) = HURTING.iter().find(|verb| command.contains(**verb)).filter(|_| !warned) {
                return Err(format!("command {command:?}: {:?} can hurt: say how in `risk`", verb.trim()));
            }
        }
    }
    let mut subjects: Vec<&str> = rows.iter().map(|row| row.on.as_str()).collect();
    subjects.sort_unstable();
    match subjects.windows(2).find(|pair| pair.first() == pair.last()) {
        Some(pair) => Err(format!("commands on {}: given twice", pair.first().unwrap_or(&""))),
        None => Ok(()),
    }
}

fn whole(command: &str) -> Result<(), String> {
    if command.trim() != command || command.is_empty() || command.contains('\n') {
        return Err("expected one line without spaces around it".into());
    }
    for name in command.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name) {
        // `%{http_code}`, `${x}` and the like are the command's own, ours are few and known by name.
        let near = ["cause", "gateway", "server", "cdn", "api", "host", "since_when"].contains(&name);
        if near && !OPEN_IN_COMMANDS.contains(&name) {
            return Err(format!("{{{name}}}: commands take {OPEN_IN_COMMANDS:?}"));
        }
    }
    Ok(())
}
