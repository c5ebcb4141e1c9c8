//! Every command is one that a shell can read; a comment is a setting, and is only looked at for its form.

use std::process::Command;

use crate::rows::rows;

fn all() -> Vec<(String, String)> {
    let of = |commands: crate::rows::Commands| commands.look.into_iter().chain(commands.change);
    rows()
        .into_iter()
        .flat_map(|(_, row)| row.commands.into_iter().flat_map(of).map(move |c| (row.id.clone(), c)))
        .collect()
}

#[test]
fn a_shell_can_read_every_command() {
    let commands: Vec<(String, String)> = all().into_iter().filter(|(_, c)| !c.starts_with('#')).collect();
    assert!(commands.len() > 150, "only {}", commands.len());
    for (id, command) in commands {
        let checked = Command::new("sh").args(["-n", "-c", &command]).output().expect("sh can be run");
        assert!(checked.status.success(), "{id}: {command}: {}", String::from_utf8_lossy(&checked.stderr));
    }
}

#[test]
fn the_products_that_owners_run_have_commands() {
    let asked_for = [
        "nginx",
        "apache",
        "haproxy",
        "varnish",
        "caddy",
        "php_fpm",
        "node",
        "gunicorn",
        "cloudflare",
        "wordpress",
    ];
    for product in asked_for {
        let steps = |stage: &str| {
            let of_stage = rows().into_iter().filter(|(_, row)| row.stage == stage);
            of_stage.filter(|(_, row)| row.commands.iter().any(|commands| commands.on == product)).count()
        };
        let counted = (steps("confirm"), steps("fix"), steps("prevent"));
        assert!(counted.0 >= 2 && counted.1 >= 10 && counted.2 >= 2, "{product}: {counted:?}");
    }
}
