//! What the user prefers: keys, colours and characters, from files of their own over the built-in ones.

use crate::layout::Charset;
use crate::tui::keymap::Keymap;
use crate::tui::theme::Theme;

/// What the user's own files say, laid over what is built in.
#[derive(Clone, Debug)]
pub struct Preferences {
    /// Keys.
    pub keymap: Keymap,
    /// Colours, if a file says.
    pub theme: Option<Theme>,
    /// Characters, if a file says.
    pub charset: Option<Charset>,
    /// What is wrong with the files, a sentence each.
    pub faults: Vec<String>,
}

impl Preferences {
    /// The preferences that files say, each with its name; later ones win.
    pub fn of(own: &[(String, String)]) -> Preferences {
        let mut preferences = Preferences {
            keymap: Keymap::builtin(),
            theme: None,
            charset: None,
            faults: Vec::new(),
        };
        for (name, text) in own {
            match toml::from_str(text) {
                Ok(table) => preferences.lay_over(name, table),
                Err(error) => {
                    let error: toml::de::Error = error;
                    let first = error.message().lines().next().unwrap_or_default();
                    preferences.faults.push(format!("{name}: {first}"));
                }
            }
        }
        preferences
    }

    fn lay_over(&mut self, name: &str, mut table: toml::Table) {
        if let Some(word) = self.word(name, &mut table, "theme") {
            self.theme = Theme::find(&word);
            if self.theme.is_none() {
                let known: Vec<&str> = Theme::NAMES.iter().map(|(name, _)| *name).collect();
                let fault = format!(
                    "{name}: there is no theme `{word}`; there is {}",
                    known.join(", ")
                );
                self.faults.push(fault);
            }
        }
        if let Some(word) = self.word(name, &mut table, "characters") {
            self.charset = match word.as_str() {
                "unicode" => Some(Charset::Unicode),
                "ascii" => Some(Charset::Ascii),
                _ => {
                    let fault = format!("{name}: `characters` is `unicode` or `ascii`");
                    self.faults.push(fault);
                    None
                }
            };
        }
        self.faults.extend(self.keymap.lay_over(name, table));
    }

    fn word(&mut self, name: &str, table: &mut toml::Table, key: &str) -> Option<String> {
        match table.remove(key)? {
            toml::Value::String(word) => Some(word),
            _ => {
                self.faults
                    .push(format!("{name}: `{key}` is a word in quotes"));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_the_users_own_changes_colours_and_characters() {
        let text = "theme = \"light\"\ncharacters = \"ascii\"\n[map]\nfocus = [\"o\"]\n";
        let preferences = Preferences::of(&[("mine".to_owned(), text.to_owned())]);
        assert!(preferences.faults.is_empty(), "{:?}", preferences.faults);
        assert_eq!(preferences.theme, Some(Theme::Light));
        assert_eq!(preferences.charset, Some(Charset::Ascii));
    }

    #[test]
    fn every_fault_is_said() {
        let text = "theme = \"pink\"\ncharacters = 1\n";
        let preferences = Preferences::of(&[("mine".to_owned(), text.to_owned())]);
        assert_eq!(
            preferences.faults,
            [
                "mine: there is no theme `pink`; there is terminal, dark, light, plain",
                "mine: `characters` is a word in quotes",
            ]
        );
        let broken = Preferences::of(&[("mine".to_owned(), "[".to_owned())]);
        assert_eq!(broken.faults.len(), 1);
    }
}
