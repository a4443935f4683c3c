//! A container of before, as its compose file has set it up: how it is started again, where it is gone.
//!
//! `docker compose down` takes containers away and leaves their volumes. The file that could make them anew has
//! their service no more, so the engine is told by what the file said.

use std::collections::BTreeSet;

use crate::generate::copies::word;
use crate::generate::left_behind::written::{SeenVolume, unquoted};
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
    working_folder: Option<String>,
    /// The program that it starts in place of the image's own, and what it is given.
    entrypoint: Vec<Text>,
    command: Vec<Text>,
    environment: Vec<(&'t str, Text)>,
    volumes: Vec<Mount>,
    /// Files and folders of the host.
    files: Vec<Mount>,
    secrets: Vec<&'t str>,
    pub(super) networks: Vec<&'t str>,
    /// What tells whether it works, as `docker exec` runs it.
    test: Vec<String>,
}

/// What a container has at a path.
struct Mount {
    /// The name of a volume, or the path of the host.
    source: String,
    target: String,
    is_only_read: bool,
}

/// A text of the file, in parts.
struct Text(Vec<Part>);

enum Part {
    Said(String),
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
    /// What stands before the command.
    pub(super) indent: &'a str,
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
                        "working_dir" => old.working_folder = Some(value),
                        _ => {}
                    }
                }
                (6, "environment") => {
                    let value = Text::of(value.trim());
                    old.environment.push((unquoted(name), value));
                }
                (6, "entrypoint") => {
                    old.entrypoint.extend(text.strip_prefix("- ").map(Text::of));
                }
                (6, "command") => old.command.extend(text.strip_prefix("- ").map(Text::of)),
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
                    let value = text_of(value.trim());
                    match (name, mounts.last_mut()) {
                        ("source", _) => mounts.push(Mount {
                            source: value,
                            target: String::new(),
                            is_only_read: false,
                        }),
                        ("target", Some(last)) => last.target = value,
                        ("read_only", Some(last)) => last.is_only_read = value == "true",
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        let sources = secret_files(compose);
        let mounted = old.secrets.iter().filter_map(|secret| {
            let (_, source) = sources.iter().find(|(name, _)| name == secret)?;
            Some(Mount {
                source: source.clone(),
                target: format!("{SECRETS}{secret}"),
                is_only_read: true,
            })
        });
        let mounted: Vec<_> = mounted.collect();
        old.files.extend(mounted);
        old
    }

    /// The files of its host's folder without which it cannot start, below that folder.
    pub(super) fn own_files(&self) -> BTreeSet<&str> {
        let files = self.files.iter();
        files
            .filter_map(|file| file.source.strip_prefix("./"))
            .collect()
    }

    /// The variables of its host's file `.env` that it is started with, if commands in it read these of its own.
    pub(super) fn interpolated(&self, read: &[&str]) -> Vec<&str> {
        let environment = self.environment.iter();
        let needed = environment.filter(|(name, _)| self.needs(name, read));
        let texts = needed.map(|(_, value)| value).chain(self.words());
        texts.flat_map(Text::variables).collect()
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
            if value.variables().next().is_none() || self.needs(name, read) {
                let set = value.shell(&format!("{name}="), again.way);
                command.push(format!("--env {set}"));
            }
        }
        command.extend(self.mounts(again.project));
        command.extend(self.files.iter().map(|file| file.of_host(again.way)));
        // The engine takes the program as one word; the others go before the command.
        let mut entrypoint = self.entrypoint.iter().map(|it| it.shell("", again.way));
        let program = entrypoint.next();
        command.extend(program.map(|program| format!("--entrypoint {program}")));
        let words = self.command.iter().map(|it| it.shell("", again.way));
        let started = [word(&self.image)]
            .into_iter()
            .chain(entrypoint)
            .chain(words);
        command.push(started.collect::<Vec<_>>().join(" "));
        command.join(&format!(" \\\n{}  ", again.indent))
    }

    /// Whether one of its variables is read by commands in it, these or the one that it is started with.
    fn needs(&self, name: &str, read: &[&str]) -> bool {
        let forms = [format!("${name}"), format!("${{{name}")];
        let is_in = |text: &str| forms.iter().any(|form| text.contains(form));
        read.contains(&name) || self.words().any(|word| word.said().any(is_in))
    }

    fn words(&self) -> impl Iterator<Item = &Text> {
        self.entrypoint.iter().chain(&self.command)
    }

    /// The command that makes it again, with its volumes and these folders, and does not start it: its files can be
    /// copied then.
    pub(super) fn create(&self, again: &Again, folders: &[SeenVolume]) -> String {
        let mut command = vec![format!("docker create --name {}", again.container)];
        command.extend(self.mounts(again.project));
        let is_data = |file: &&Mount| folders.iter().any(|folder| folder.path == file.target);
        let folders = self.files.iter().filter(is_data);
        command.extend(folders.map(|folder| folder.of_host(again.way)));
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
        let folder = self.working_folder.iter();
        user.chain(hostname.map(|name| format!("--hostname {}", word(name))))
            .chain(folder.map(|folder| format!("--workdir {}", word(folder))))
    }

    fn mounts(&self, project: &str) -> impl Iterator<Item = String> {
        let volumes = self.volumes.iter();
        volumes.map(move |volume| {
            let (name, path) = (&volume.source, volume.at());
            format!("--volume {}", word(&format!("{project}_{name}:{path}")))
        })
    }
}

impl Mount {
    /// Where it is, and what may be done with it there.
    fn at(&self) -> String {
        match self.is_only_read {
            true => format!("{}:ro", self.target),
            false => self.target.clone(),
        }
    }

    /// The option that mounts it, if it is of the host.
    fn of_host(&self, way: &str) -> String {
        let source = path_of_host(&self.source, way);
        format!("--volume {source}:{}", word(&self.at()))
    }
}

impl Text {
    fn of(raw: &str) -> Text {
        let inner = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"'));
        let Some(mut rest) = inner else {
            return Text(vec![Part::Said(raw.to_owned())]);
        };
        let (mut parts, mut said) = (Vec::new(), String::new());
        let part = |said: &str| Part::Said(text_of(&format!("\"{said}\"")));
        while let Some((before, after)) = rest.split_once('$') {
            said += before;
            let variable = after.strip_prefix('{');
            if let Some((variable, behind)) = variable.and_then(|it| it.split_once('}')) {
                let name = variable.split([':', '?', '-']).next().unwrap_or_default();
                parts.push(part(&said));
                parts.push(Part::Variable(name.to_owned()));
                said.clear();
                rest = behind;
            } else {
                said += "$$";
                rest = after.strip_prefix('$').unwrap_or(after);
            }
        }
        said += rest;
        parts.push(part(&said));
        Text(parts)
    }

    fn said(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Said(text) => Some(text.as_str()),
            Part::Variable(_) => None,
        })
    }

    fn variables(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Said(_) => None,
            Part::Variable(name) => Some(name.as_str()),
        })
    }

    /// It as one word of a shell, behind `before`, with what its variables hold.
    fn shell(&self, before: &str, way: &str) -> String {
        let (mut whole, mut said) = (String::new(), before.to_owned());
        for part in &self.0 {
            match part {
                Part::Said(text) => said += text,
                Part::Variable(name) => {
                    if !said.is_empty() {
                        whole += &word(&said);
                        said.clear();
                    }
                    whole += &format!("\"$(sed -n 's/^{name}=//p' {way}../secrets.env)\"");
                }
            }
        }
        if !said.is_empty() || whole.is_empty() {
            whole += &word(&said);
        }
        whole
    }
}

/// A path of the host, as one word of a shell that works where `way` leads from to the folder of the host.
pub(super) fn path_of_host(source: &str, way: &str) -> String {
    let (begin, below) = match source.strip_prefix('~') {
        Some(below) => ("$HOME", below.trim_start_matches('/').to_owned()),
        None if source.starts_with('.') => {
            let below = source.strip_prefix("./").unwrap_or(source);
            ("$PWD", format!("{way}{below}"))
        }
        None => return word(source),
    };
    match word(&below) {
        plain if plain == below => format!("\"{begin}/{below}\""),
        quoted => format!("\"{begin}\"/{quoted}"),
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
    entrypoint:
      - \"run.sh\"
      - \"two words\"
    command:
      - \"--password=${DB_PASSWORD:?fill it in, in .env}!\"
      - \"\"
    environment:
      MOTTO: \" one\\n\\ttwo \"
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
        read_only: true
        bind:
          create_host_path: false
      - type: bind
        source: \"../../../my logs\"
        target: \"/var/log\"
        bind:
          create_host_path: true
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
            indent: "",
        };
        assert_eq!(
            old.run(&again, &["TOKEN"]),
            "docker run --detach --name shop-prod-db-1 \\
  --user 999:999 \\
  --hostname db \\
  --env 'MOTTO= one
'\"$(printf '\\011')\"'two ' \\
  --env 'MARIADB_DATABASE=a $b' \\
  --env MARIADB_ROOT_PASSWORD_FILE=/run/secrets/db-root \\
  --env TOKEN=\"$(sed -n 's/^DB_TOKEN=//p' ../secrets.env)\" \\
  --volume shop-prod_db-data:/var/lib/mysql \\
  --volume \"$PWD/config/db/own.cnf\":/etc/own.cnf:ro \\
  --volume \"$PWD\"/'../../../my logs':/var/log \\
  --volume \"$PWD/secrets/db-root\":/run/secrets/db-root:ro \\
  --entrypoint run.sh \\
  docker.io/library/mariadb:11.8 'two words' --password=\"$(sed -n 's/^DB_PASSWORD=//p' ../secrets.env)\"'!' ''"
        );
        assert!(!old.run(&again, &[]).contains("TOKEN"));
        assert_eq!(
            old.create(&again, &[]),
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
        assert_eq!(old.interpolated(&["TOKEN"]), ["DB_TOKEN", "DB_PASSWORD"]);
        assert!(OldContainer::of(FILE, "other").image.is_empty());
    }
}
