//! Env files are read back by strict readers, one for each way of quoting, written from what the real ones do.
//!
//! Each reader refuses what it is not sure about: a real one would take it somehow.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;

use backstay::generate::env_file::{Portability, encode_as, entries, mark};
use backstay::generate::merge::{line_hashes, merge_env};
use backstay::model::{Choice, Quoting};
use proptest::prelude::*;

use crate::files_check::check_files;
use crate::properties::{any_value, cases};
use crate::support::{built, placeholder, try_built};

type Read = Result<BTreeMap<String, String>, String>;
type Rest<'a> = Peekable<Chars<'a>>;

/// How one reader takes quoted text.
struct Reader {
    /// What stands for what behind a backslash in double quotes.
    escapes: &'static [(char, &'static str)],
    /// Characters that mean something in double quotes if no backslash stands before them.
    active: &'static [char],
    /// Whether a backslash before a single quote keeps the text in single quotes open.
    escapes_single: bool,
}

/// bash and dash, after `set -a; .`
const SHELL: Reader = Reader {
    escapes: &[
        ('\\', "\\"),
        ('"', "\""),
        ('$', "$"),
        ('`', "`"),
        ('\n', ""),
    ],
    active: &['$', '`'],
    escapes_single: false,
};

/// Docker Compose's `env_file` and `.env`.
const COMPOSE: Reader = Reader {
    escapes: &[
        ('\\', "\\"),
        ('"', "\""),
        ('$', "$"),
        ('n', "\n"),
        ('r', "\r"),
        ('t', "\t"),
    ],
    active: &['$'],
    escapes_single: true,
};

/// systemd's `EnvironmentFile=`.
const SYSTEMD: Reader = Reader {
    escapes: &[('\\', "\\"), ('"', "\""), ('$', "$"), ('`', "`")],
    active: &[],
    escapes_single: false,
};

impl Reader {
    fn read(&self, text: &str) -> Read {
        let mut found = BTreeMap::new();
        let mut rest = text.chars().peekable();
        while let Some(first) = rest.peek() {
            match first {
                '\n' => drop(rest.next()),
                '#' => drop(rest.find(|c| *c == '\n')),
                _ => {
                    let key: String = rest.by_ref().take_while(|c| *c != '=').collect();
                    let is_key = |c: char| c.is_ascii_alphanumeric() || c == '_';
                    if key.is_empty() || !key.chars().all(is_key) {
                        return Err(format!("{key:?} is no key"));
                    }
                    let value = self.value(&mut rest)?;
                    if found.insert(key.clone(), value).is_some() {
                        return Err(format!("{key} stands twice"));
                    }
                }
            }
        }
        Ok(found)
    }

    /// One quoted piece or unquoted characters that mean nothing to anybody, up to the line's end.
    fn value(&self, rest: &mut Rest) -> Result<String, String> {
        let value = match rest.peek() {
            Some('\'') => self.single(rest)?,
            Some('"') => self.double(rest)?,
            _ => {
                let plain = |c: &char| c.is_ascii_alphanumeric() || "_./:@%+,=-".contains(*c);
                std::iter::from_fn(|| rest.next_if(plain)).collect()
            }
        };
        match rest.next() {
            Some('\n') => Ok(value),
            other => Err(format!("{other:?} behind {value:?}")),
        }
    }

    fn single(&self, rest: &mut Rest) -> Result<String, String> {
        let mut value = String::new();
        rest.next();
        loop {
            match rest.next().ok_or("the single quote does not close")? {
                '\'' => return Ok(value),
                '\\' if self.escapes_single && rest.peek() == Some(&'\'') => {
                    value.extend(rest.next());
                }
                c => value.push(c),
            }
        }
    }

    fn double(&self, rest: &mut Rest) -> Result<String, String> {
        let mut value = String::new();
        rest.next();
        loop {
            match rest.next().ok_or("the double quote does not close")? {
                '"' => return Ok(value),
                '\\' => {
                    let escaped = rest.next().ok_or("nothing behind the backslash")?;
                    let known = self.escapes.iter().find(|(c, _)| *c == escaped);
                    let (_, text) = known.ok_or(format!("`\\{escaped}` is not sure"))?;
                    value.push_str(text);
                }
                c if self.active.contains(&c) => return Err(format!("{c} is active")),
                c => value.push(c),
            }
        }
    }
}

/// `docker run --env-file`, `kubectl --from-env-file` and Compose's `format: raw`.
fn read_raw(text: &str) -> Read {
    let lines = text.split_terminator('\n');
    let assigned = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    assigned
        .map(|line| {
            let (key, value) = line
                .split_once('=')
                .ok_or(format!("{line:?} assigns nothing"))?;
            Ok((key.to_owned(), value.to_owned()))
        })
        .collect()
}

/// A plan whose only app has this setting and runs as a process, with its env file quoted so.
fn plan_with(value: &str, quoting: Quoting) -> String {
    let text = toml_edit::Value::from(value).to_string();
    format!(
        "name = \"x\"\n[apps.web]\nenv-file = \"{quoting}\"\nsettings.MINE = {text}\nuses.db = {{}}\n\
         [services.db]\nkind = \"postgres\"\n[environments.test.hosts.box]\nruns = [\"web\", \"db\"]\n"
    )
}

proptest! {
    #![proptest_config(cases(32))]

    #[test]
    fn every_value_is_read_back_by_those_it_is_written_for(value in any_value(), secret in any_value()) {
        for quoting in Quoting::ALL.iter().copied() {
            let built = match try_built(&plan_with(&value, quoting), |_| secret.clone()) {
                Ok(built) => built,
                Err(error) => {
                    prop_assert_eq!(quoting, Quoting::Raw, "{}", error);
                    prop_assert!(value.contains(['\n', '\r']) || secret.contains(['\n', '\r']), "{}", error);
                    continue;
                }
            };
            let file = built.file("test/box/web.env");
            let readers: &[&dyn Fn(&str) -> Read] = match quoting {
                Quoting::Compose => &[&|text| COMPOSE.read(text), &|text| SYSTEMD.read(text)],
                Quoting::Shell => &[&|text| SHELL.read(text)],
                Quoting::Raw => &[&read_raw],
            };
            for reader in readers {
                let found = reader(file).map_err(|error| TestCaseError::fail(format!("{error} in\n{file}")))?;
                prop_assert_eq!(&found["MINE"], &value, "{}", file);
                prop_assert_eq!(&found["DB_PASSWORD"], &secret, "{}", file);
            }
        }
    }

}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn what_is_said_to_be_portable_is(value in any_value()) {
        for quoting in Quoting::ALL.iter().copied() {
            let Ok((written, portability)) = encode_as(&value, quoting) else { continue };
            let text = format!("A={written}\nB=1\n");
            let read = |reader: &Reader| reader.read(&text).is_ok_and(|found| found["A"] == value && found["B"] == "1");
            let (shell, compose) = (read(&SHELL), read(&COMPOSE) && read(&SYSTEMD));
            match portability {
                Portability::Everywhere => prop_assert!(shell && compose, "{}", text),
                Portability::ComposeOnly => prop_assert!(compose && (shell || value.contains('`')), "{}", text),
                Portability::ShellOnly => prop_assert!(shell && !read(&COMPOSE), "{}", text),
                Portability::RawOnly => prop_assert_eq!(quoting, Quoting::Raw),
            }
        }
    }

    #[test]
    fn backstay_reads_its_own_files_whatever_their_quoting(value in any_value(), after in any_value()) {
        for quoting in Quoting::ALL.iter().copied() {
            let (Ok(first), Ok(second)) = (encode_as(&value, quoting), encode_as(&after, quoting)) else { continue };
            let head = mark(quoting).unwrap_or_default();
            let text = format!("{head}# head\n\nA={}\n# note\nB={}\n", first.0, second.0);
            let read = entries(&text);
            prop_assert_eq!(read.len(), 2, "{}", text);
            prop_assert_eq!((read[0].value(), read[1].value()), (value.clone(), after.clone()), "{}", text);
        }
    }
}

#[test]
fn a_file_without_quotes_says_so_to_compose_and_to_backstay() {
    let plan = "name = \"x\"\n[apps.web]\nimage = \"a/b:1\"\nenv-file = \"raw\"\nsettings.MOTTO = \" it's # \"\n\
                [environments.test.hosts.box]\nruns = [\"web\"]\n";
    let built = built(plan);
    check_files(&built);
    let compose = built.file("test/box/compose.yaml");
    let entry = "    env_file:\n      - path: \"./web.env\"\n        format: \"raw\"\n";
    let plain_entry = entry.replace("\"raw\"", "raw");
    assert!(
        compose.contains(entry) || compose.contains(&plain_entry),
        "{compose}"
    );
    let file = built.file("test/box/web.env");
    assert!(file.starts_with("# Quoting: raw, "), "{file}");
    assert!(file.contains("\nMOTTO= it's # \n"), "{file}");
    assert_eq!(built.variable("test/box/web.env", "MOTTO"), " it's # ");
}

#[test]
fn what_a_file_cannot_say_names_the_variable_and_the_way_out() {
    let refused = |plan: &str| match try_built(plan, placeholder) {
        Ok(_) => panic!("it was written"),
        Err(error) => error.to_string(),
    };
    assert_eq!(
        refused(&plan_with("a\nb", Quoting::Raw)),
        "`MINE` in test/box/web.env cannot be written: an env file without quotes cannot hold a line break; \
         let `env-file` of the app be `compose` or `shell`"
    );
    let in_container = plan_with("it's `x`", Quoting::Shell)
        .replace("[apps.web]", "[apps.web]\nimage = \"a/b:1\"");
    assert_eq!(
        refused(&in_container),
        "`MINE` in test/box/web.env cannot be written: Docker Compose reads it otherwise than a shell; \
         let `env-file` be `compose` where the app runs in a container"
    );
}

#[test]
fn an_environment_has_its_own_quoting() {
    let plan = "name = \"x\"\n[apps.web]\nimage = \"a/b:1\"\nsettings.MOTTO = \"it's `x`\"\n\
                [environments.local.apps.web]\nruns-as = \"process\"\nenv-file = \"shell\"\n\
                [environments.local.hosts.laptop]\nruns = [\"web\"]\n\
                [environments.prod.hosts.app-1]\nruns = [\"web\"]\n";
    let built = built(plan);
    let (shell, compose) = (
        built.file("local/laptop/web.env"),
        built.file("prod/app-1/web.env"),
    );
    assert!(
        shell.contains(
            "\n# Quoted for shells; other readers take it differently.\nMOTTO=\"it's \\`x\\`\"\n"
        ),
        "{shell}"
    );
    assert!(compose.contains("\nMOTTO=\"it's `x`\"\n"), "{compose}");
    let runbook = built.file("local/README.md");
    let how =
        "Start web from a shell that has read laptop/web.env: set -a; . laptop/web.env; set +a\n";
    assert!(runbook.contains(how), "{runbook}");
}

#[test]
fn another_quoting_takes_over_what_backstay_wrote_and_leaves_the_rest() {
    let written = "# head\nA='x y'\nB=1\n";
    let disk = "# head\nA='x y'\nB=1\nMINE=2\n";
    let head = mark(Quoting::Raw).expect("it says so");
    let new = format!("{head}# head\nA=x y\nB=1\n");
    let merged = merge_env(&Some(line_hashes(written)), disk, &new);
    assert_eq!(merged.text, format!("{new}MINE=2\n"));
    assert!(merged.conflicts.is_empty(), "{:?}", merged.conflicts);
}
