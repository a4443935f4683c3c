//! Which key means which command where: the built-in map with the user's own keys on top.

use std::collections::BTreeMap;

use crate::finding::printed;
use crate::tui::command::{Command, Scope};
use crate::tui::key::Key;

/// The built-in keys.
pub const BUILTIN: &str = include_str!("../../templates/keymap.toml");

/// Keys by scope and command.
#[derive(Clone, Debug)]
pub struct Keymap {
    keys: BTreeMap<(Scope, Command), Vec<Key>>,
}

impl Keymap {
    /// The built-in keys.
    ///
    /// # Panics
    ///
    /// Never: a test reads the built-in keymap.
    pub fn builtin() -> Keymap {
        let mut keymap = Keymap {
            keys: BTreeMap::new(),
        };
        let table = toml::from_str(BUILTIN).expect("the built-in keymap is TOML");
        let faults = keymap.lay_over("the built-in keymap", table);
        debug_assert!(faults.is_empty(), "{faults:?}");
        keymap
    }

    /// What a key means in a scope, whose own keys come before those of everywhere.
    pub fn command(&self, scope: Scope, key: Key) -> Option<Command> {
        let in_scope = |scope: Scope| {
            let mut of_scope = self.keys.iter().filter(move |((of, _), _)| *of == scope);
            of_scope
                .find(|(_, keys)| keys.contains(&key))
                .map(|((_, command), _)| *command)
        };
        in_scope(scope).or_else(|| in_scope(Scope::Everywhere))
    }

    /// The keys of a command, those of its first scope; none if it has no key.
    pub fn keys_of(&self, command: Command) -> &[Key] {
        let mut scopes = command.scopes().iter();
        let keys = scopes.find_map(|scope| self.keys.get(&(*scope, command)));
        keys.map_or(&[], Vec::as_slice)
    }

    /// The first key of a command, as it is shown; empty if it has none.
    pub fn shown(&self, command: Command) -> String {
        let first = self.keys_of(command).first();
        first.map(Key::to_string).unwrap_or_default()
    }

    /// Lays keys over these: for each scope, the keys of its commands. What is wrong with them, a sentence each;
    /// whatever is not wrong holds.
    pub fn lay_over(&mut self, name: &str, scopes: toml::Table) -> Vec<String> {
        let mut faults = Vec::new();
        for (scope_name, commands) in scopes {
            let scope = Scope::ALL
                .into_iter()
                .find(|scope| scope.name() == scope_name);
            let (Some(scope), toml::Value::Table(commands)) = (scope, commands) else {
                faults.push(format!("{name}: there are no keys of `{scope_name}`"));
                continue;
            };
            for (command_name, keys) in commands {
                let command = Command::find(&command_name)
                    .filter(|command| command.scopes().contains(&scope));
                let Some(command) = command else {
                    faults.push(format!(
                        "{name}: `{scope_name}` has no command `{command_name}`"
                    ));
                    continue;
                };
                let keys = parsed(name, &command_name, &keys, &mut faults);
                self.keys.insert((scope, command), keys);
            }
        }
        if faults.is_empty() {
            faults = self.clashes(name);
        }
        faults
    }

    /// Keys that mean two things in one scope, a sentence each.
    fn clashes(&self, name: &str) -> Vec<String> {
        let mut clashes = Vec::new();
        for scope in Scope::ALL {
            let mut first: Vec<(Key, Command)> = Vec::new();
            let of_scope = self.keys.iter().filter(|((of, _), _)| *of == scope);
            for ((_, command), keys) in of_scope {
                for key in keys {
                    match first.iter().find(|(taken, _)| taken == key) {
                        Some((_, other)) => clashes.push(format!(
                            "{name}: `{key}` means `{}` and `{}`",
                            other.name(),
                            command.name()
                        )),
                        None => first.push((*key, *command)),
                    }
                }
            }
        }
        clashes
    }
}

/// A list of keys as a file says it.
fn parsed(name: &str, command: &str, keys: &toml::Value, faults: &mut Vec<String>) -> Vec<Key> {
    let Some(keys) = keys.as_array() else {
        faults.push(format!("{name}: the keys of `{command}` are a list"));
        return Vec::new();
    };
    let mut read = Vec::new();
    for key in keys {
        match key.as_str().and_then(Key::parse) {
            Some(key) => read.push(key),
            None => {
                let shown = printed(&key.to_string());
                faults.push(format!("{name}: {shown} is no key"));
            }
        }
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str) -> (Keymap, Vec<String>) {
        let mut keymap = Keymap::builtin();
        let table = toml::from_str(text).expect("it is TOML");
        let faults = keymap.lay_over("mine", table);
        (keymap, faults)
    }

    #[test]
    fn the_built_in_keymap_is_whole() {
        let mut keymap = Keymap {
            keys: BTreeMap::new(),
        };
        let table = toml::from_str(BUILTIN).expect("it is TOML");
        assert_eq!(keymap.lay_over("built-in", table), Vec::<String>::new());
        for command in Command::ALL {
            for scope in command.scopes() {
                assert!(
                    keymap.keys.contains_key(&(*scope, *command)),
                    "{} has no keys in {}",
                    command.name(),
                    scope.name()
                );
            }
        }
    }

    #[test]
    fn own_keys_replace_those_of_a_command() {
        let (keymap, faults) = with("[everywhere]\nquit = [\"ctrl-q\"]\n");
        assert!(faults.is_empty(), "{faults:?}");
        let key = |text| Key::parse(text).expect("a key");
        let quit = keymap.command(Scope::Map, key("ctrl-q"));
        assert_eq!(quit, Some(Command::Quit));
        assert_eq!(keymap.command(Scope::Map, key("q")), None);
        assert_eq!(keymap.shown(Command::Quit), "ctrl-q");
    }

    #[test]
    fn every_fault_of_own_keys_is_said() {
        let (_, faults) = with("[everywhere]\nquit = [\"qq\"]\nfly = [\"x\"]\n[moon]\nquit = []\n");
        assert_eq!(
            faults,
            [
                "mine: `everywhere` has no command `fly`",
                "mine: \"qq\" is no key",
                "mine: there are no keys of `moon`",
            ]
        );
        let (_, faults) = with("[everywhere]\nquit = [\"j\"]\n");
        assert_eq!(faults, ["mine: `j` means `down` and `quit`"]);
    }
}
