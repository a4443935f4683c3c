//! Keys as the keymap writes them: `q`, `ctrl-p`, `shift-tab`, `enter`.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key with what is held down beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Which.
    pub code: KeyCode,
    /// What is held down; never Shift for characters, which are capitals then.
    pub modifiers: KeyModifiers,
}

/// Keys that have a name instead of a character.
const NAMES: &[(&str, KeyCode)] = &[
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("space", KeyCode::Char(' ')),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("page-up", KeyCode::PageUp),
    ("page-down", KeyCode::PageDown),
];

const MODIFIERS: &[(&str, KeyModifiers)] = &[
    ("ctrl-", KeyModifiers::CONTROL),
    ("alt-", KeyModifiers::ALT),
    ("shift-", KeyModifiers::SHIFT),
];

impl Key {
    /// The key that `text` names; `None` if it names none.
    pub fn parse(text: &str) -> Option<Key> {
        let mut modifiers = KeyModifiers::NONE;
        let mut rest = text;
        while let Some((prefix, modifier)) = MODIFIERS
            .iter()
            .find(|(prefix, _)| rest.starts_with(prefix) && rest.len() > prefix.len())
        {
            modifiers |= *modifier;
            rest = &rest[prefix.len()..];
        }
        let named = NAMES.iter().find(|(name, _)| *name == rest);
        let code = named.map(|(_, code)| *code).or_else(|| function(rest));
        let code = code.or_else(|| {
            let mut chars = rest.chars();
            let only = chars.next().filter(|c| !c.is_control())?;
            chars.next().is_none().then_some(KeyCode::Char(only))
        })?;
        Some(Key::of(code, modifiers))
    }

    /// The key of an event.
    pub fn from_event(event: KeyEvent) -> Key {
        Key::of(event.code, event.modifiers)
    }

    /// The character that it types into a text, if it types one.
    pub fn typed(self) -> Option<char> {
        let held = self.modifiers.difference(KeyModifiers::SHIFT);
        match self.code {
            KeyCode::Char(c) if held.is_empty() => Some(c),
            _ => None,
        }
    }

    fn of(code: KeyCode, modifiers: KeyModifiers) -> Key {
        // Terminals say Shift with Tab in two ways, and with characters or without.
        match code {
            KeyCode::BackTab => Key {
                code: KeyCode::Tab,
                modifiers: modifiers | KeyModifiers::SHIFT,
            },
            KeyCode::Char(c) if modifiers.contains(KeyModifiers::SHIFT) => Key {
                code: KeyCode::Char(c.to_uppercase().next().unwrap_or(c)),
                modifiers: modifiers.difference(KeyModifiers::SHIFT),
            },
            code => Key { code, modifiers },
        }
    }
}

fn function(text: &str) -> Option<KeyCode> {
    let number: u8 = text.strip_prefix('f')?.parse().ok()?;
    (1..=12).contains(&number).then_some(KeyCode::F(number))
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (prefix, modifier) in MODIFIERS {
            if self.modifiers.contains(*modifier) {
                f.write_str(prefix)?;
            }
        }
        if let Some((name, _)) = NAMES.iter().find(|(_, code)| *code == self.code) {
            return f.write_str(name);
        }
        match self.code {
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::F(number) => write!(f, "f{number}"),
            other => write!(f, "{other:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_written_as_they_are_read() {
        for text in [
            "q",
            "Q",
            "?",
            "-",
            "ctrl-p",
            "shift-tab",
            "alt-enter",
            "f5",
            "space",
            "page-up",
        ] {
            let key = Key::parse(text).expect("it is a key");
            assert_eq!(key.to_string(), text);
        }
        for text in ["", "ctrl-", "hyper-x", "qq", "f13"] {
            assert_eq!(Key::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_capital_is_one_key_however_the_terminal_says_it() {
        let said = |code, modifiers| Key::from_event(KeyEvent::new(code, modifiers));
        let capital = said(KeyCode::Char('G'), KeyModifiers::NONE);
        assert_eq!(said(KeyCode::Char('g'), KeyModifiers::SHIFT), capital);
        assert_eq!(said(KeyCode::Char('G'), KeyModifiers::SHIFT), capital);
        let back = said(KeyCode::BackTab, KeyModifiers::NONE);
        assert_eq!(said(KeyCode::Tab, KeyModifiers::SHIFT), back);
    }
}
