//! A container of before, as its compose file has set it up: how it is started again, where it is gone.
//!
//! `docker compose down` takes containers away and leaves their volumes. The file that could make them anew has
//! their service no more, so the engine is told by what the file said.

use std::collections::BTreeSet;

use crate::generate::copies::word;
use crate::generate::left_behind::written::unquoted;
use crate::generate::quote::read_back;

/// Where files of credentials are, in a container.
const SECRETS: &str = "/run/secrets/";

/// What a compose file says of a container, as far as its data needs it.
#[derive(Default)]
pub(super) struct OldContainer<'t> {
    pub(super) image: String,
    user: Option<String>,
    /// The name of its machine, if that is said.
    pub(super) hostname: Option<String>,
    environment: Vec<(&'t str, Value)>,
    /// Volumes by name, with their paths.
    volumes: Vec<(String, String)>,
    /// Files of the host's folder, with their paths.
    files: Vec<(String, String)>,
    secrets: Vec<&'t str>,
    pub(super) networks: Vec<&'t str>,
    /// What tells whether it works, as `docker exec` runs it.
    test: Vec<String>,
}

/// What a variable holds.
enum Value {
    Text(String),
    /// What Compose puts in the place of this variable.
    Variable(String),
}

/// Where a container is started again, and how.
pub(super) struct Again<'a> {
    /// Its name, and that of its project.
    pub(super) container: &'a str,
    pub(super) project: &'a str,
    /// The way from the folder in which that is done to the folder of its host.
    pub(super) way: &'a str,
    /// The network that it joins, by its whole name.
    pub(super) network: Option<String>,
}

impl<'t> OldContainer<'t> {
    /// The container of a service; empty if the file does not have it.
    pub(super) fn of(compose: &'t str, service: &str) -> OldContainer<'t> {
        let mut old = OldContainer::default();
        let lines = compose.lines().skip_while(|line| *line != "services:");
        let is_head = |line: &str| key(line) == Some((2, service, ""));
        let lines = lines.skip_while(|line| !is_head(line)).skip(1);
        let lines = lines.take_while(|line| line.is_empty() || line.starts_with("    "));
        let (mut block, mut inner, mut volume_type) = ("", "", "");
        for line in lines {
            let text = line.trim_start();
            let depth = line.len() - text.len();
            let (name, value) = text.split_once(':').unwrap_or((text, ""));
            match (depth, block) {
                (4, _) => {
                    (block, inner) = (name, "");
                    let value = text_of(value.trim());
                    match name {
                        "image" => old.image = value,
                        "user" => old.user = Some(value),
                        "hostname" => old.hostname = Some(value),
                        _ => {}
                    }
                }
                (6, "environment") => {
                    let value = Value::of(value.trim());
                    old.environment.push((unquoted(name), value));
                }
                (6, "secrets") => old.secrets.extend(text.strip_prefix("- ").map(unquoted)),
                (6, "networks") => old.networks.extend(text.strip_prefix("- ").map(unquoted)),
                (6, "healthcheck") => inner = name,
                (8, "healthcheck") if inner == "test" => {
                    old.test.extend(text.strip_prefix("- ").map(text_of));
                }
                (6, "volumes") => volume_type = text.strip_prefix("- type: ").unwrap_or(""),
                (8, "volumes") => {
                    let mounts = match volume_type {
                        "volume" => &mut old.volumes,
                        "bind" => &mut old.files,
                        _ => continue,
                    };
                    match (name, mounts.last_mut()) {
                        ("source", _) => mounts.push((text_of(value.trim()), String::new())),
                        ("target", Some(last)) => last.1 = text_of(value.trim()),
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        let sources = secret_files(compose);
        let mounted = old.secrets.iter().filter_map(|secret| {
            let (_, source) = sources.iter().find(|(name, _)| name == secret)?;
            Some((source.clone(), format!("{SECRETS}{secret}")))
        });
        let mounted: Vec<_> = mounted.collect();
        old.files.extend(mounted);
        old
    }

    /// The files of its host's folder without which it cannot start, below that folder.
    pub(super) fn own_files(&self) -> BTreeSet<&str> {
        let files = self.files.iter();
        files
            .filter_map(|(source, _)| source.strip_prefix("./"))
            .collect()
    }

    /// The variables of its host's file `.env` that a command in it reads, if it reads these of its own.
    pub(super) fn interpolated(&self, read: &[&str]) -> Vec<&str> {
        let variables = self.environment.iter();
        let found = variables.filter_map(|(name, value)| match value {
            Value::Variable(variable) if read.contains(name) => Some(variable.as_str()),
            Value::Variable(_) | Value::Text(_) => None,
        });
        found.collect()
    }

    /// The command that makes it again and starts it, on the volumes of before. Nobody else reaches it: no port of it
    /// is published. `read` are the variables that commands in it read.
    pub(super) fn run(&self, again: &Again, read: &[&str]) -> String {
        let mut command = vec![format!("docker run --detach --name {}", again.container)];
        command.extend(self.identity());
        command.extend(
            again
                .network
                .iter()
                .map(|name| format!("--network {}", word(name))),
        );
        for (name, value) in &self.environment {
            match value {
                Value::Text(value) => {
                    command.push(format!("--env {}", word(&format!("{name}={value}"))));
                }
                Value::Variable(variable) if read.contains(name) => command.push(format!(
                    "--env {name}=\"$(sed -n 's/^{variable}=//p' {}../secrets.env)\"",
                    again.way
                )),
                Value::Variable(_) => {}
            }
        }
        command.extend(self.mounts(again.project));
        command.extend(self.files.iter().map(|(source, target)| {
            let source = match source.strip_prefix("./") {
                Some(below) => format!("\"$PWD/{}{below}\"", again.way),
                None => word(source),
            };
            format!("--volume {source}:{}:ro", word(target))
        }));
        command.push(word(&self.image));
        command.join(" \\\n  ")
    }

    /// The command that makes it again and does not start it: its files can be copied then.
    pub(super) fn create(&self, again: &Again) -> String {
        let mut command = vec![format!("docker create --name {}", again.container)];
        command.extend(self.mounts(again.project));
        command.push(word(&self.image));
        command.join(" ")
    }

    /// The commands that wait until it works, or has ended; nothing if nothing tells.
    pub(super) fn waited_for(&self, container: &str) -> Option<String> {
        let test = match self.test.split_first()? {
            (first, [line]) if first == "CMD-SHELL" => format!("sh -c {}", word(line)),
            (first, words) if first == "CMD" => {
                let words: Vec<String> = words.iter().map(|it| word(it)).collect();
                words.join(" ")
            }
            _ => return None,
        };
        Some(format!(
            "until docker exec {container} {test} >/dev/null 2>&1 || ! docker exec {container} true; do sleep 2; done"
        ))
    }

    fn identity(&self) -> impl Iterator<Item = String> {
        let user = self
            .user
            .iter()
            .map(|user| format!("--user {}", word(user)));
        let hostname = self.hostname.iter();
        user.chain(hostname.map(|name| format!("--hostname {}", word(name))))
    }

    fn mounts(&self, project: &str) -> impl Iterator<Item = String> {
        let volumes = self.volumes.iter();
        volumes.map(move |(name, path)| {
            format!("--volume {}", word(&format!("{project}_{name}:{path}")))
        })
    }
}

impl Value {
    fn of(raw: &str) -> Value {
        let text = raw.trim_matches('"');
        let variable = text.strip_prefix("${").and_then(|text| {
            let end = text.find([':', '}', '?', '-'])?;
            Some(text[..end].to_owned())
        });
        match variable {
            Some(variable) => Value::Variable(variable),
            None => Value::Text(text_of(raw)),
        }
    }
}

/// The depth of a line, and what stands before and behind its first colon.
fn key(line: &str) -> Option<(usize, &str, &str)> {
    let text = line.trim_start();
    let (name, value) = text.split_once(':')?;
    Some((line.len() - text.len(), unquoted(name), value.trim()))
}

/// Where the files of credentials are, by name.
fn secret_files(compose: &str) -> Vec<(&str, String)> {
    let lines = compose
        .lines()
        .skip_while(|line| *line != "secrets:")
        .skip(1);
    let lines = lines.take_while(|line| line.starts_with("  "));
    let mut found: Vec<(&str, String)> = Vec::new();
    for line in lines {
        match (key(line), found.last_mut()) {
            (Some((2, name, "")), _) => found.push((name, String::new())),
            (Some((4, "file", path)), Some(last)) => last.1 = text_of(path),
            _ => {}
        }
    }
    found
}

/// The text that Compose reads where Backstay has written a string.
fn text_of(raw: &str) -> String {
    read_back(raw).unwrap_or_else(|| unquoted(raw).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
name: shop-prod

services:
  db:
    image: \"docker.io/library/mariadb:11.8\"
    user: \"999:999\"
    hostname: \"db\"
    environment:
      MARIADB_DATABASE: \"a $$b\"
      MARIADB_ROOT_PASSWORD_FILE: \"/run/secrets/db-root\"
      TOKEN: \"${DB_TOKEN:?fill it in, in .env}\"
    healthcheck:
      test:
        - \"CMD-SHELL\"
        - \"ok \\\"$$USER\\\"\"
      interval: \"5s\"
    networks:
      - inside
    volumes:
      - type: volume
        source: db-data
        target: \"/var/lib/mysql\"
      - type: bind
        source: \"./config/db/own.cnf\"
        target: \"/etc/own.cnf\"
        bind:
          create_host_path: false
    secrets:
      - db-root

  web:
    image: \"acme/web:1\"

secrets:
  db-root:
    file: \"./secrets/db-root\"
";

    #[test]
    fn a_container_is_started_again_as_its_file_said() {
        let old = OldContainer::of(FILE, "db");
        let again = Again {
            container: "shop-prod-db-1",
            project: "shop-prod",
            way: "",
            network: None,
        };
        assert_eq!(
            old.run(&again, &["TOKEN"]),
            "docker run --detach --name shop-prod-db-1 \\
  --user 999:999 \\
  --hostname db \\
  --env 'MARIADB_DATABASE=a $b' \\
  --env MARIADB_ROOT_PASSWORD_FILE=/run/secrets/db-root \\
  --env TOKEN=\"$(sed -n 's/^DB_TOKEN=//p' ../secrets.env)\" \\
  --volume shop-prod_db-data:/var/lib/mysql \\
  --volume \"$PWD/config/db/own.cnf\":/etc/own.cnf:ro \\
  --volume \"$PWD/secrets/db-root\":/run/secrets/db-root:ro \\
  docker.io/library/mariadb:11.8"
        );
        assert!(!old.run(&again, &[]).contains("TOKEN"));
        assert_eq!(
            old.create(&again),
            "docker create --name shop-prod-db-1 --volume shop-prod_db-data:/var/lib/mysql docker.io/library/mariadb:11.8"
        );
        assert_eq!(
            old.waited_for("c").as_deref(),
            Some(
                "until docker exec c sh -c 'ok \"$USER\"' >/dev/null 2>&1 || ! docker exec c true; do sleep 2; done"
            )
        );
        let files: Vec<&str> = old.own_files().into_iter().collect();
        assert_eq!(files, ["config/db/own.cnf", "secrets/db-root"]);
        assert_eq!(old.interpolated(&["TOKEN"]), ["DB_TOKEN"]);
        assert!(OldContainer::of(FILE, "other").image.is_empty());
    }
}
