//! Closes brackets and quotes that a text leaves open, so that one mistake does not hide the rest.
//!
//! What is open ends, at the latest, where a table or a key begins that cannot stand inside of it. There
//! the text is read as if it were closed, and what is found in that text is moved back to the user's own.

use std::collections::BTreeMap;

use crate::finding::{Finding, Label};
use crate::source::rules;
use crate::span::{Lines, Span};

/// A text with everything closed.
pub struct Closed {
    text: String,
    /// Where something was added, in the closed text, and how many bytes stand before its end that the
    /// user did not write.
    added: Vec<(usize, usize)>,
    /// What was left open, with places in the user's text.
    pub findings: Vec<Finding>,
}

/// With more than these left open it is no plan.
const MOST_OPEN: usize = 1_000;

impl Closed {
    /// What `text` becomes; `None` if nothing in it is left open.
    pub fn of(text: &str) -> Option<Closed> {
        let mut scan = Scan {
            text,
            at: 0,
            content_end: 0,
            open: Vec::new(),
            added: Vec::new(),
            findings: Vec::new(),
        };
        while scan.at < text.len() && scan.added.len() <= MOST_OPEN {
            scan.begin_line();
            scan.rest_of_line();
        }
        scan.close_all(None);
        if scan.added.is_empty() || scan.added.len() > MOST_OPEN {
            return None;
        }
        let mut closed = Closed {
            text: String::with_capacity(text.len() + scan.added.len()),
            added: Vec::with_capacity(scan.added.len()),
            findings: scan.findings,
        };
        let (mut from, mut foreign) = (0, 0);
        for (at, closer) in scan.added {
            closed.text.push_str(&text[from..at]);
            foreign += closer.len();
            closed.added.push((closed.text.len(), foreign));
            closed.text.push_str(closer);
            from = at;
        }
        closed.text.push_str(&text[from..]);
        Some(closed)
    }

    /// The text to be read.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Moves the places of a finding in the closed text to where they are in the user's.
    pub fn move_back(&self, finding: &mut Finding) {
        for label in std::iter::once(&mut finding.primary).chain(&mut finding.secondary) {
            label.span = label.span.map(|span| self.in_users_text(span));
        }
    }

    /// The place in the user's text of a place in the closed one.
    pub fn in_users_text(&self, span: Span) -> Span {
        Span {
            start: self.position(span.start),
            end: self.position(span.end),
        }
    }

    fn position(&self, at: usize) -> usize {
        let before = self.added.partition_point(|(start, _)| *start < at);
        let Some((start, foreign)) = before.checked_sub(1).map(|last| self.added[last]) else {
            return at;
        };
        let earlier = before.checked_sub(2).map_or(0, |last| self.added[last].1);
        at - earlier - (foreign - earlier).min(at - start)
    }
}

/// Takes away what follows from a mistake of the syntax: of several such mistakes in one line all but the
/// first, and what is said about values of that line or about values that the parser made up.
pub fn drop_followers(text: &str, findings: &mut Vec<Finding>) {
    let lines = Lines::new(text);
    let is_syntax = |finding: &Finding| finding.rule == rules::INVALID_SYNTAX.name;
    let place = |finding: &Finding| finding.primary.span.unwrap_or_default();
    let line = |finding: &Finding| lines.line_column(place(finding).start, text).line;
    let mut first_in: BTreeMap<usize, usize> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| is_syntax(finding)) {
        let first = first_in.entry(line(finding)).or_insert(usize::MAX);
        *first = place(finding).start.min(*first);
    }
    let of_values = [
        rules::WRONG_TYPE.name,
        rules::INVALID_VALUE.name,
        rules::INVALID_NAME.name,
    ];
    findings.retain(|finding| {
        let place = place(finding);
        let first = first_in.get(&line(finding));
        if is_syntax(finding) {
            return first == Some(&place.start);
        }
        let follows = first.is_some() || place.start == place.end;
        !(follows && of_values.contains(&finding.rule))
    });
}

/// What is open at a place.
#[derive(Clone, Copy)]
struct Open {
    at: usize,
    bracket: u8,
}

struct Scan<'t> {
    text: &'t str,
    at: usize,
    /// Where the last thing ends that is neither blank nor a comment.
    content_end: usize,
    open: Vec<Open>,
    added: Vec<(usize, &'static str)>,
    findings: Vec<Finding>,
}

impl<'t> Scan<'t> {
    /// Closes what the line cannot be part of, and passes the name of a table.
    fn begin_line(&mut self) {
        let line = self.line(self.at);
        let trimmed = line.trim_start();
        let start = self.at + line.len() - trimmed.len();
        let ends_inside = || {
            let before = self.text[..self.content_end].bytes().next_back();
            let in_table = self.open.last().is_some_and(|open| open.bracket == b'{');
            in_table && matches!(before, Some(b',' | b'{'))
        };
        if is_table_name(trimmed) || (is_assignment(trimmed) && !ends_inside()) {
            let end = start + trimmed.trim_end().len();
            self.close_all(Some(Span { start, end }));
        }
        if self.open.is_empty() && trimmed.starts_with('[') {
            self.table_name(start);
        }
    }

    /// Passes `[services.db]`, or closes it at the end of its line.
    fn table_name(&mut self, start: usize) {
        let line = self.line(start);
        let opener = if line.starts_with("[[") { "[[" } else { "[" };
        let name = without_comment(line).trim_end();
        if !name.contains(']') {
            let closer = if opener == "[[" { "]]" } else { "]" };
            let place = Span {
                start,
                end: start + opener.len(),
            };
            let message = "the name of this table is not closed";
            self.add(start + name.len(), closer, place, message);
        }
        self.at = start + line.len();
        self.content_end = self.at;
    }

    /// Goes on behind the line break; a text of several lines is passed as one.
    fn rest_of_line(&mut self) {
        while let Some(byte) = self.text.as_bytes().get(self.at).copied() {
            match byte {
                b'\n' => {
                    self.at += 1;
                    return;
                }
                b'#' => self.at += self.line(self.at).len(),
                b'"' | b'\'' => self.quoted(char::from(byte)),
                b'[' | b'{' => {
                    self.open.push(Open {
                        at: self.at,
                        bracket: byte,
                    });
                    self.step();
                }
                b']' => self.close(b'['),
                b'}' => self.close(b'{'),
                byte if byte.is_ascii_whitespace() => self.at += 1,
                _ => self.step(),
            }
        }
    }

    fn step(&mut self) {
        self.at += 1;
        self.content_end = self.at;
    }

    /// A closing bracket; what is still open inside of its pair is closed before it.
    fn close(&mut self, bracket: u8) {
        if let Some(pair) = self.open.iter().rposition(|open| open.bracket == bracket) {
            for open in self.open.split_off(pair).into_iter().skip(1).rev() {
                self.add_bracket(open, None);
            }
        }
        self.step();
    }

    /// Closes everything before something else begins, or at the end.
    fn close_all(&mut self, next: Option<Span>) {
        while let Some(open) = self.open.pop() {
            self.add_bracket(open, next);
        }
    }

    fn quoted(&mut self, quote: char) {
        let (start, rest) = (self.at, &self.text[self.at..]);
        let long = if quote == '"' { "\"\"\"" } else { "'''" };
        if let Some(body) = rest.strip_prefix(long) {
            match end_of_text(body, long) {
                Some(end) => self.at = start + long.len() + end,
                None => self.open_text_of_several_lines(start, long),
            }
        } else {
            let line = &self.line(start)[1..];
            let short = if quote == '"' { "\"" } else { "'" };
            match end_of_text(line, short) {
                Some(end) => self.at = start + 1 + end,
                None => self.open_text(start, short),
            }
        }
        self.content_end = self.at;
    }

    /// A text in one line: commas and brackets at its end were meant to stand behind it.
    fn open_text(&mut self, start: usize, quote: &'static str) {
        let line = self.line(start);
        let mut text = line.split(" #").next().unwrap_or(line).trim_end();
        if !self.open.is_empty() {
            text = text.trim_end_matches([',', ']', '}', ' ']);
        }
        self.at = start + text.len().max(1);
        let place = Span {
            start,
            end: start + 1,
        };
        self.add(self.at, quote, place, "this text is not closed");
    }

    /// A text of several lines ends before the first that begins something else.
    fn open_text_of_several_lines(&mut self, start: usize, quote: &'static str) {
        let place = Span {
            start,
            end: start + quote.len(),
        };
        let mut lines = self.text[start..].split_inclusive('\n');
        let mut end = start + lines.next().map_or(0, str::len);
        for line in lines {
            if is_table_name(line.trim_start()) || is_assignment(line.trim_start()) {
                break;
            }
            end += line.len();
        }
        self.at = start + self.text[start..end].trim_end().len();
        self.add(self.at, quote, place, "this text is not closed");
    }

    fn add_bracket(&mut self, open: Open, next: Option<Span>) {
        let (closer, message) = match open.bracket {
            b'{' => ("}", "this table is not closed"),
            _ => ("]", "this list is not closed"),
        };
        let place = Span {
            start: open.at,
            end: open.at + 1,
        };
        self.add(self.content_end, closer, place, message);
        if let (Some(next), Some(finding)) = (next, self.findings.last_mut()) {
            let something = Label::at(next, "something else begins here");
            finding.secondary.push(something);
        }
    }

    fn add(&mut self, at: usize, closer: &'static str, place: Span, message: &str) {
        self.added.push((at, closer));
        let finding = Finding::new(&rules::INVALID_SYNTAX, Label::at(place, ""), message);
        self.findings
            .push(finding.help(format!("write `{closer}` where it ends")));
    }

    /// From a place to the end of its line.
    fn line(&self, from: usize) -> &'t str {
        let rest = &self.text[from..];
        rest.split('\n').next().unwrap_or(rest)
    }
}

/// Where a text ends, behind its closing quotes, given what follows the opening ones.
fn end_of_text(body: &str, quote: &str) -> Option<usize> {
    let mut at = 0;
    while at < body.len() {
        let rest = &body.as_bytes()[at..];
        if rest.starts_with(quote.as_bytes()) {
            // Up to two quotes may stand before the closing three.
            let more = rest[quote.len()..].iter().take(2);
            let more = more.take_while(|byte| quote.len() == 3 && **byte == quote.as_bytes()[0]);
            return Some(at + quote.len() + more.count());
        }
        at += if quote.starts_with('"') && rest[0] == b'\\' {
            2
        } else {
            1
        };
    }
    None
}

/// `[services.db]` alone in a line; a list in a list has quotes.
fn is_table_name(line: &str) -> bool {
    let Some(inner) = line.strip_prefix('[') else {
        return false;
    };
    let Some((name, after)) = inner.trim_start_matches('[').split_once(']') else {
        return false;
    };
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_-. ".contains(c);
    let after = after.trim_start_matches(']').trim_start();
    !name.is_empty() && name.chars().all(is_name) && (after.is_empty() || after.starts_with('#'))
}

/// `key = …` or `"a key".b = …`
fn is_assignment(line: &str) -> bool {
    let Some((key, _)) = line.split_once('=') else {
        return false;
    };
    let is_key = |c: char| c.is_ascii_alphanumeric() || "_-. \t\"'".contains(c);
    !key.trim().is_empty() && key.chars().all(is_key)
}

fn without_comment(line: &str) -> &str {
    line.split('#').next().unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `text` closed, with what was left open as `line:column message`.
    fn closed(text: &str) -> (String, Vec<String>) {
        let Some(closed) = Closed::of(text) else {
            return (text.to_owned(), Vec::new());
        };
        let lines = Lines::new(text);
        let said = |finding: &Finding| {
            let place = finding.primary.span.unwrap_or_default();
            let place = lines.line_column(place.start, text);
            format!("{}:{} {}", place.line, place.column, finding.message)
        };
        (
            closed.text.clone(),
            closed.findings.iter().map(said).collect(),
        )
    }

    #[test]
    fn what_is_open_ends_where_something_else_begins() {
        let (list, table) = ("this list is not closed", "this table is not closed");
        let (text, name) = (
            "this text is not closed",
            "the name of this table is not closed",
        );
        for (before, after, place, said) in [
            ("a = [1, 2\nb = 3\n", "a = [1, 2]\nb = 3\n", "1:5", list),
            (
                "a = [\n  1, # x\n\n# y\n[t]\n",
                "a = [\n  1,] # x\n\n# y\n[t]\n",
                "1:5",
                list,
            ),
            (
                "a = { b = 1 # x\nc = 2\n",
                "a = { b = 1} # x\nc = 2\n",
                "1:5",
                table,
            ),
            (
                "a = { b = 1,\nc = 2\n[t]\n",
                "a = { b = 1,\nc = 2}\n[t]\n",
                "1:5",
                table,
            ),
            ("a = [{ b = 1 ]\n", "a = [{ b = 1} ]\n", "1:6", table),
            (
                "a = \"x # y\nb = 1\n",
                "a = \"x\" # y\nb = 1\n",
                "1:5",
                text,
            ),
            (
                "a = [\"x\", 'y]\nb = 1\n",
                "a = [\"x\", 'y']\nb = 1\n",
                "1:11",
                text,
            ),
            (
                "a = '''x\n y \n[t]\n",
                "a = '''x\n y''' \n[t]\n",
                "1:5",
                text,
            ),
            ("a = '''x\n é", "a = '''x\n é'''", "1:5", text),
            ("[t # x\nb = 1\n", "[t] # x\nb = 1\n", "1:1", name),
            ("[[t\r\nb = 1\r\n", "[[t]]\r\nb = 1\r\n", "1:1", name),
            ("a = [", "a = []", "1:5", list),
            ("a = '", "a = ''", "1:5", text),
        ] {
            assert_eq!(
                closed(before),
                (after.to_owned(), vec![format!("{place} {said}")])
            );
        }
    }

    #[test]
    fn what_is_closed_stays_as_it_is() {
        for text in [
            "a = [\n  [1],\n  { b = 2,\n    c = \"]\" },\n] # [\n",
            "a = \"\"\"\n[t]\nb = 1 \"\"\"\"\"\nc = ''' \\'''\n",
            "\"a[\" = \"\\\"\"\n[t.\"x\"]\n[[u]]\n",
            "a = ]\n}",
            "",
        ] {
            assert!(Closed::of(text).is_none(), "{text}");
        }
    }

    #[test]
    fn places_are_those_of_the_users_text() {
        let text = "a = [1\nb = { c = \"é\nd = 1\n";
        let closed = Closed::of(text).expect("three are open");
        assert_eq!(closed.text(), "a = [1]\nb = { c = \"é\"}\nd = 1\n");
        for (at, c) in closed.text().char_indices() {
            let Span { start, .. } = closed.in_users_text(Span { start: at, end: at });
            let same = text[start..].starts_with(c);
            assert!(same || [']', '}', '"'].contains(&c), "{at} became {start}");
        }
    }

    #[test]
    fn a_text_that_is_no_plan_is_not_closed() {
        assert!(Closed::of(&"a = [\n".repeat(10_000)).is_none());
    }
}
