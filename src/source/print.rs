//! A plan's text from nothing: tables, keys and values in the order in which they are asked for.

use toml_edit::{Key, Value};

/// A value as it is to be written.
#[derive(Clone, Debug, PartialEq)]
pub enum Written {
    /// A text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number with decimals.
    Number(f64),
    /// Yes or no.
    Flag(bool),
    /// A list of texts.
    List(Vec<String>),
    /// A table on one line.
    Pairs(Vec<(String, Written)>),
}

/// Writes a plan from its first line to its last.
#[derive(Debug, Default)]
pub struct Printer {
    text: String,
    /// Whether the text goes on from another.
    is_further: bool,
}

impl Printer {
    /// Writes what comes behind something else.
    pub fn further() -> Printer {
        Printer {
            text: String::new(),
            is_further: true,
        }
    }

    /// What was written apart.
    pub fn append(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// A line for the reader; line breaks begin another.
    pub fn comment(&mut self, text: &str) {
        for line in text.lines() {
            self.text.push_str("# ");
            // Most lines have nothing to leave out.
            match line.bytes().any(may_be_control) {
                false => self.text.push_str(line.trim_end()),
                true => {
                    let plain: String = line.chars().filter(|c| !c.is_control()).collect();
                    self.text.push_str(plain.trim_end());
                }
            }
            self.text.push('\n');
        }
    }

    /// An empty line, unless the text begins here.
    pub fn gap(&mut self) {
        if self.is_further || !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    /// The head of a table: `[apps.web]`.
    pub fn table(&mut self, path: &[&str]) {
        self.text.push('[');
        self.push_path(path);
        self.text.push_str("]\n");
    }

    /// A key below the table: `uses.db = {}`.
    pub fn set(&mut self, path: &[&str], value: &Written) {
        self.push_path(path);
        self.text.push_str(" = ");
        push_value(&mut self.text, value);
        self.text.push('\n');
    }

    /// The whole text.
    pub fn finish(self) -> String {
        self.text
    }

    fn push_path(&mut self, path: &[&str]) {
        for (index, key) in path.iter().enumerate() {
            if index > 0 {
                self.text.push('.');
            }
            push_key(&mut self.text, key);
        }
    }
}

fn push_key(text: &mut String, key: &str) {
    let is_bare = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    match !key.is_empty() && key.bytes().all(is_bare) {
        true => text.push_str(key),
        false => text.push_str(&Key::new(key).display_repr()),
    }
}

fn push_value(text: &mut String, value: &Written) {
    match value {
        Written::Text(said) => push_text(text, said),
        Written::Integer(number) => text.push_str(&number.to_string()),
        Written::Number(number) => text.push_str(&Value::from(*number).to_string()),
        Written::Flag(flag) => text.push_str(&flag.to_string()),
        Written::List(texts) => {
            text.push('[');
            for (index, said) in texts.iter().enumerate() {
                if index > 0 {
                    text.push_str(", ");
                }
                push_text(text, said);
            }
            text.push(']');
        }
        Written::Pairs(pairs) if pairs.is_empty() => text.push_str("{}"),
        Written::Pairs(pairs) => {
            text.push_str("{ ");
            for (index, (key, value)) in pairs.iter().enumerate() {
                if index > 0 {
                    text.push_str(", ");
                }
                push_key(text, key);
                text.push_str(" = ");
                push_value(text, value);
            }
            text.push_str(" }");
        }
    }
}

/// Whether a byte is a control character or the beginning of one.
fn may_be_control(byte: u8) -> bool {
    byte.is_ascii_control() || byte == 0xc2
}

/// A text in double quotes on one line; most need no escape.
fn push_text(text: &mut String, said: &str) {
    let is_plain = |byte: u8| !may_be_control(byte) && !matches!(byte, b'"' | b'\\');
    if said.bytes().all(is_plain) {
        text.push('"');
        text.push_str(said);
        text.push('"');
        return;
    }
    text.push('"');
    for c in said.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            '\r' => text.push_str("\\r"),
            c if c.is_control() => text.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => text.push(c),
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let texts = [
            "",
            "a\"b\\c",
            "two\nlines\tand\r\u{1}\u{7f}\u{85}",
            "é🐘 # x",
            "'",
        ];
        let mut printer = Printer::default();
        printer.comment("first\nsecond\u{1b}");
        printer.gap();
        printer.table(&["apps", "a.b"]);
        printer.set(
            &["texts"],
            &Written::List(texts.map(str::to_owned).to_vec()),
        );
        let inner = vec![
            ("x y".to_owned(), Written::Number(0.5)),
            ("z".to_owned(), Written::Flag(true)),
        ];
        printer.set(&["inner", "ü"], &Written::Pairs(inner));
        let text = printer.finish();
        let table: toml::Table = text.parse().expect("it is TOML");
        let app = &table["apps"]["a.b"];
        let read: Vec<&str> = app["texts"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|text| text.as_str())
            .collect();
        assert_eq!(read, texts);
        assert_eq!(app["inner"]["ü"]["x y"].as_float(), Some(0.5));
        assert!(
            text.starts_with("# first\n# second\n\n[apps.\"a.b\"]\n"),
            "{text}"
        );
    }
}
