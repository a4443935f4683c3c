//! Where credentials stand in a text that may be wrong: YAML in blocks or on one line, TOML, env files, JSON, commands.
//!
//! Nothing is parsed, since what is wrong in a text would hide what stands behind it. Every word that names a
//! credential hides what follows it up to where one of these syntaxes may end it: rather too much than too little.

mod below;
mod extent;
mod form;
mod login;
mod value;

use std::ops::Range;

use crate::secret_shape::named::may_name_a_secret;
use crate::secret_shape::place::extent::{State, skip_blanks};

/// The bytes of every credential of a text, in order; no two overlap.
pub fn credentials_in(text: &str) -> Vec<Range<usize>> {
    let mut scan = Scan {
        text,
        found: Vec::new(),
        aliases: Vec::new(),
        hidden_to: 0,
        left: 64 * text.len() + 4096,
    };
    scan.words();
    scan.anchors();
    scan.forms();
    merged(scan.found)
}

/// `text` with `*` for every byte of a credential, so that every other byte stays where it is.
pub fn masked(text: &str) -> String {
    masked_at(text, &credentials_in(text))
}

/// `text` with `*` for every byte of these places but the ends of lines.
pub fn masked_at(text: &str, places: &[Range<usize>]) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut at = 0;
    for place in places {
        let (start, end) = (place.start.max(at), place.end.min(text.len()));
        let (Some(before), Some(hidden)) = (text.get(at..start), text.get(start..end)) else {
            continue;
        };
        shown.push_str(before);
        for c in hidden.chars() {
            match c {
                '\n' | '\r' => shown.push(c),
                _ => shown.extend(std::iter::repeat_n('*', c.len_utf8())),
            }
        }
        at = end;
    }
    shown.push_str(text.get(at..).unwrap_or_default());
    shown
}

/// The places in order, those that overlap as one.
fn merged(mut places: Vec<Range<usize>>) -> Vec<Range<usize>> {
    places.sort_by_key(|place| place.start);
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(places.len());
    for place in places.into_iter().filter(|place| !place.is_empty()) {
        match merged.last_mut() {
            Some(last) if place.start <= last.end => last.end = last.end.max(place.end),
            _ => merged.push(place),
        }
    }
    merged
}

/// A text, and what was found in it so far.
struct Scan<'t> {
    text: &'t str,
    found: Vec<Range<usize>>,
    /// Names that credentials are taken from by `*name`.
    aliases: Vec<&'t str>,
    /// Everything before this byte that follows a name of a credential is hidden already.
    hidden_to: usize,
    /// How many bytes may still be looked at, so that no text takes long.
    left: usize,
}

/// What stands between a name and what it names.
enum Between {
    /// `:` or `=`, up to this byte.
    Mark(usize),
    /// Blanks alone, as behind `--password`, or where a `:` was forgotten.
    Blanks(usize),
    /// What separates the words of a command, in a list too.
    Words(usize),
}

impl<'t> Scan<'t> {
    /// Judges word after word.
    fn words(&mut self) {
        let bytes = self.text.as_bytes();
        let mut state = State::default();
        let mut at = 0;
        while at < bytes.len() {
            if self.left == 0 {
                // What cannot be judged is hidden.
                self.found.push(at..bytes.len());
                return;
            }
            if bytes[at..].starts_with(b"${") {
                state.step(bytes, at + 1);
                at = self.reference(at);
                continue;
            }
            if !is_of_word(bytes[at]) {
                state.step(bytes, at);
                at += 1;
                continue;
            }
            let length = bytes[at..].iter().take_while(|byte| is_of_word(**byte));
            let word = at..at + length.count();
            at = word.end;
            self.word(word, &state);
        }
    }

    fn word(&mut self, word: Range<usize>, state: &State) {
        let key = &self.text[word.clone()];
        if word.start < self.hidden_to || self.text[..word.start].ends_with('$') {
            return;
        }
        self.login(&word);
        if !may_name_a_secret(key) {
            self.phrase(&word);
        } else if let Some(between) = self.between(&word, state) {
            self.hide_named(&word, between, state);
        } else if self.is_header(&word, state) {
            self.below_header(&word);
        }
    }

    /// What stands between a name and what it names; `None` if it names nothing.
    fn between(&mut self, word: &Range<usize>, state: &State) -> Option<Between> {
        let bytes = self.text.as_bytes();
        let key = &self.text[word.clone()];
        let mut at = word.end;
        while bytes.get(at) == Some(&b'\\') {
            at += 1;
        }
        at += usize::from(matches!(bytes.get(at), Some(b'"' | b'\'')));
        let behind = at;
        at = skip_blanks(bytes, at);
        if matches!(bytes.get(at), Some(b':' | b'=')) {
            at += 1;
            // `:=`, `=>` and `==` are mistakes that may stand there.
            while matches!(bytes.get(at), Some(b'=' | b'>' | b':')) {
                at += 1;
            }
            return Some(Between::Mark(at));
        }
        if key.starts_with('-') {
            return Some(Between::Words(word.end));
        }
        // Without a mark, as where one was forgotten, or with another one.
        let is_odd = |byte: &u8| byte.is_ascii_punctuation() && !b",]})#\"'\\".contains(byte);
        if at == word.end
            && bytes.get(at).is_some_and(is_odd)
            && self.takes_a_word(word, at + 1, state)
        {
            return Some(Between::Blanks(at + 1));
        }
        if at > behind && !matches!(bytes.get(at), None | Some(b'\n' | b'\r')) {
            return self
                .takes_a_word(word, at, state)
                .then_some(Between::Blanks(at));
        }
        // `? key` with its value in the next line.
        let next = skip_line_end(bytes, at)?;
        let next = skip_blanks(bytes, next);
        (bytes.get(next) == Some(&b':')).then_some(Between::Mark(next + 1))
    }

    /// Whether what follows a name with no mark between may be a credential, and not the rest of a sentence.
    fn takes_a_word(&mut self, word: &Range<usize>, at: usize, state: &State) -> bool {
        let bytes = self.text.as_bytes();
        let key = &self.text[word.clone()];
        let rest = &self.text[at..];
        let rest = rest.trim_start_matches(|c: char| c != '\n' && c.is_whitespace());
        // `PASSWORD 'x'`, as databases have it.
        let is_quoted = rest.starts_with(['"', '\'', '\\']);
        let is_plain = key.bytes().all(|byte| byte.is_ascii_lowercase());
        let takes_one = matches!(key, "requirepass" | "masterauth");
        let begins =
            || state.begins_entry(bytes, word.start) || state.sticks_to_a_mark(bytes, word.start);
        match state.is_comment {
            _ if rest.starts_with([',', ']', '}', '#']) => false,
            true => {
                let first = rest.split(char::is_whitespace).next().unwrap_or_default();
                self.left = self.left.saturating_sub(first.len());
                let mut behind = rest[first.len()..].chars().take_while(|c| *c != '\n');
                behind.all(char::is_whitespace) || is_unlike_a_word(first)
            }
            false => is_quoted || takes_one || !is_plain || begins(),
        }
    }

    /// What stands behind anchors whose names credentials are taken from.
    fn anchors(&mut self) {
        self.hidden_to = 0;
        for name in std::mem::take(&mut self.aliases) {
            let anchor = format!("&{name}");
            let ends = self.text.match_indices(&anchor);
            let ends: Vec<usize> = ends.map(|(at, found)| at + found.len()).collect();
            for at in ends {
                let is_whole = !self.text[at..].starts_with(|c: char| !c.is_whitespace());
                if is_whole {
                    let line = self.text[at..].find('\n');
                    let end = line.map_or(self.text.len(), |length| at + length);
                    self.hide(ANY_NAME, at..end);
                }
            }
        }
    }
}

/// The name of a credential, for what is one by where it stands.
const ANY_NAME: &str = "PASSWORD";

/// Whether no sentence has such a word.
fn is_unlike_a_word(text: &str) -> bool {
    let plain = text.trim_matches(|c: char| c.is_ascii_punctuation());
    plain.chars().any(|c| !c.is_lowercase())
}

/// Behind the end of a line.
fn skip_line_end(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at..)? {
        [b'\n', ..] => Some(at + 1),
        [b'\r', b'\n', ..] => Some(at + 2),
        _ => None,
    }
}

/// Whether a byte belongs to a name; those of other languages do.
fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.') || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every `hunter2` of a text must be hidden, and nothing but what stands between `‹` and `›`.
    fn check(marked: &str) {
        let text = marked.replace(['‹', '›'], "");
        let wanted: String = marked
            .split(['‹', '›'])
            .enumerate()
            .map(|(nth, part)| match nth % 2 {
                0 => part.to_owned(),
                // Lines stay lines.
                _ => part
                    .split('\n')
                    .map(|line| "*".repeat(line.len()))
                    .collect::<Vec<_>>()
                    .join("\n"),
            })
            .collect();
        assert_eq!(masked(&text), wanted, "{text}");
    }

    #[test]
    fn credentials_are_found_in_every_syntax() {
        for marked in [
            "  DB_PASSWORD: ‹hunter2›",
            "  - DB_PASSWORD=‹hunter2›\n  - X=y",
            "DB_PASSWORD='‹hun ter2›' # it",
            "export DB_PASSWORD=‹hunter2›",
            "# DB_PASSWORD=‹hunter2›",
            "environment: {A: b, DB_PASSWORD: ‹hunter2›, C: d}",
            "environment: {A: b, \"DB_PASSWORD\": \"‹hun,ter2›\", C: d}",
            "{environment: [DB_PASSWORD=‹hunter2›, X=y], imagee: 3}",
            "environment: [\"DB_PASSWORD=‹hunter2 x›\", X=y]",
            "environment: {A: b, URL: \"postgres://u:‹hunter2›@h/db\", A: c}",
            "comand: redis-server --requirepass ‹hunter2› --port 7",
            "command: [\"redis-server\", \"--requirepass\", \"‹hunter2›\", {x: y}]",
            "command: [redis-server, --requirepass, ‹hunter2›]",
            "command:\n  - --requirepass\n  - ‹hunter2›\n  - -v",
            "command: redis-server\n  --requirepass\n  ‹hunter2›",
            "test: \"mysqladmin -p‹hunter2› ping\"",
            "test: [CMD, mysqladmin, -u, root, -p‹hunter2›, ping]",
            "test: \"curl -u admin:‹hunter2› http://localhost\"",
            "test: redis-cli -a ‹hunter2› ping",
            "test: mongosh -p ‹hunter2› -u root",
            "test: PGPASSWORD=‹hunter2› psql -c 'select 1'",
            "labels: {auth: \"‹admin:hunter2›\"}",
            "- \"traefik.http.middlewares.a.basicauth.users=‹admin:hunter2›\"",
            "password = \"‹hunter2›\"\nx = 1",
            "settings = { DB_PASSWORD = \"‹hunter2›\", X = \"y\" }",
            "[apps.web.secrets.DB_PASSWORD]\nvalu = \"‹hunter2›\"\n[b]\nx = \"y\"",
            "password = { from-env = \"X\" }",
            "password = { vale = \"‹hunter2›\" }",
            "password = \"\"\"\n‹hun\nter2›\"\"\"\nx = 1",
            "DB_PASSWORD: |\n  ‹hunter2›\n  ‹more›\nX: y",
            "DB_PASSWORD: |\n‹hunter2›\nX: y",
            "DB_PASSWORD:\n  ‹hunter2›\nX: y",
            "DB_PASSWORD:\n  - ‹hunter2›\nX: y",
            "DB_PASSWORD:\n- ‹hunter2›\nX: y",
            "DB_PASSWORD: [‹hunter2›]",
            "DB_PASSWORD: {x: ‹hunter2›}",
            "DB_PASSWORD: \"‹hunter2›\nX: \"y\"",
            "DB_PASSWORD: \"‹hun\"ter2›\"",
            "DB_PASSWORD: \"‹hun\" ter2›",
            "DB_PASSWORD:‹hunter2›",
            "DB_PASSWORD ‹hunter2›",
            "? DB_PASSWORD\n: ‹hunter2›",
            "DB_PASSWORD: &pw ‹hunter2›",
            "x: &pw ‹hunter2›\nDB_PASSWORD: *pw",
            "DB_PASSWORD: !!str ‹hunter2›",
            "DB_PASSWORD: ${DB_PASSWORD:-‹hunter2›}",
            "X: ${DB_PASSWORD-‹hunter2›}",
            "DB_PASSWORD: ${OTHER:-‹hunter2›}",
            "DB_PASSWORD: ‹${OTHER}hunter2›",
            "DB_PASSWORD: ${DB_PASSWORD}",
            "DB_PASSWORD: $OTHER",
            "X: '{\"user\":\"a\",\"password\":\"‹hunter2›\",\"b\":\"c\"}'",
            "X: \"{\\\"password\\\": \\\"‹hunter2›\\\", \\\"b\\\": 1}\"",
            "X: Server=db;User=a;Password=‹hunter2›;Timeout=3",
            "X: host=db password=‹hunter2› user=a",
            "X: a:‹hunter2›@tcp(db:3306)/shop",
            "X: redis://:‹hunter2›@h/0?x=y",
            "X: postgres://u:‹hun/ter2›@h/0",
            "image: acme/web@sha256:0123456789abcdef",
            "X: http://db:80/a@b",
            "Authorization: Bearer ‹hunter2›",
            "header: \"Authorization: Basic ‹hunter2›\"",
            "ALTER USER a PASSWORD '‹hunter2›'",
            "CREATE USER a IDENTIFIED BY '‹hunter2›'",
            "users=admin:‹$$2y$$05$$uTyHdzEyYmUyWwYzLmFhYw›",
            "secrets:\n  db_password:\n    content: ‹hunter2›\n    file: ./x",
            "services:\n  token:\n    image: acme/token",
            "content: \"requirepass ‹hunter2›\"",
            "K: ‹-----BEGIN RSA PRIVATE KEY-----›\n‹hunter2›\n‹-----END RSA PRIVATE KEY-----›\nL: x",
            "test: redis-cli -a $$REDIS_PASSWORD ping",
            "test: redis-cli --password $${REDIS_PASSWORD} ping",
            "needs = [\"secrets\"]\n[services.secret]\nkind = \"vault\"",
            "ports: [\"8080:80\"]\ncommand: tool -p 8080 -p8080:80",
            "DB_PASSWORD_FILE: /run/secrets/db",
            "DB_PASSWORD;‹hunter2›",
            "a\"DB_PASSWORD ‹hunter2›",
            "# DB_PASSWORD ‹hunter2›",
            "# DB_PASSWORD is kept elsewhere",
            "reason = \"the token is public\"",
            "X: \"DB_PASSWORD = \\\"\\\"\"",
        ] {
            check(marked);
        }
    }
    #[test]
    fn a_long_line_takes_no_longer_than_many_short_ones() {
        let started = std::time::Instant::now();
        let entry =
            "{\"name\": \"x\", \"password\": \"hunter2\", \"token\": {\"from-env\": \"X\"}},";
        let json = format!("{{\"all\": [{}]}}", entry.repeat(5_000));
        assert_eq!(credentials_in(&json).len(), 5_000);
        let settings = "A: ${B:-x}, SECRET: [x, y], ".repeat(5_000);
        assert!(!masked(&format!("{{{settings}}}")).contains("x,"));
        // What is never closed is not looked at for ever.
        for endless in ["password: # ", "${A:-", "{\\\"a\n", "{token: {", "# token;"] {
            let text = endless.repeat(40_000);
            assert!(masked(&text).len() == text.len());
        }
        assert!(started.elapsed().as_secs() < 20);
    }
}
