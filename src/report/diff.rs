//! Changes of files as diffs, with credentials masked.

use std::borrow::Cow;

use anstyle::{AnsiColor, Style};

use crate::finding::{printable, printed};
use crate::generate::Audience;

const ADDED: Style = AnsiColor::Green.on_default();
const REMOVED: Style = AnsiColor::Red.on_default();
const PLACE: Style = AnsiColor::Cyan.on_default();

/// A unified diff of two texts; empty if they are the same.
pub fn unified(path: &str, old: &str, new: &str) -> String {
    if old == new {
        return String::new();
    }
    let patch = diffy::create_patch(old, new);
    let path: String = printed(path);
    let mut text = format!("--- {path}\n+++ {path}\n");
    for hunk in patch.hunks() {
        let (before, after) = (hunk.old_range(), hunk.new_range());
        text.push_str(&styled(PLACE, &format!("@@ -{before} +{after} @@")));
        for line in hunk.lines() {
            let (mark, style, line) = match line {
                diffy::Line::Context(line) => (' ', None, line),
                diffy::Line::Delete(line) => ('-', Some(REMOVED), line),
                diffy::Line::Insert(line) => ('+', Some(ADDED), line),
            };
            let line: String = line
                .trim_end_matches(['\n', '\r'])
                .chars()
                .flat_map(printable_in_line)
                .collect();
            match style {
                Some(style) => text.push_str(&styled(style, &format!("{mark}{line}"))),
                None => text.push_str(&format!("{mark}{line}\n")),
            }
        }
    }
    text
}

/// `text` as it may be shown: the values of a file that holds secrets are masked.
pub fn shown(text: &str, audience: Audience) -> Cow<'_, str> {
    match audience {
        Audience::Everybody => Cow::Borrowed(text),
        Audience::Container if text.is_empty() => Cow::Borrowed(""),
        Audience::Container => Cow::Borrowed("********\n"),
        Audience::Owner => {
            let entries = crate::generate::env_file::entries(text);
            let masked = entries.iter().map(|entry| match entry.key {
                Some(key) if entry.value().is_empty() => format!("{}{key}=\n", lead(entry.lead)),
                Some(key) => format!("{}{key}=********\n", lead(entry.lead)),
                None => lead(entry.lead),
            });
            Cow::Owned(masked.collect())
        }
    }
}

/// The lines above an assignment; what is neither a comment nor blank may be a bare credential.
fn lead(lines: &str) -> String {
    let masked = lines.split_inclusive('\n').map(|line| {
        let comment = line.trim_start();
        match comment.is_empty() || comment.starts_with('#') && !comment.contains('=') {
            true => line,
            false if comment.starts_with('#') => "# ********\n",
            false => "********\n",
        }
    });
    masked.collect()
}

fn printable_in_line(c: char) -> Vec<char> {
    if c == '\t' {
        vec![c]
    } else {
        printable(c).collect()
    }
}

fn styled(style: Style, line: &str) -> String {
    format!("{style}{line}{style:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_credential_is_shown() {
        let text = "# db\nDB_PASSWORD='hunter2'\nEMPTY=\n";
        assert_eq!(
            shown(text, Audience::Owner),
            "# db\nDB_PASSWORD=********\nEMPTY=\n"
        );
        assert_eq!(shown("hunter2", Audience::Container), "********\n");
        assert_eq!(shown("hunter2", Audience::Owner), "********\n");
        let strays = "# db\nhunter2\n\n# OLD=hunter2\nA=1\nhunter3";
        assert_eq!(
            shown(strays, Audience::Owner),
            "# db\n********\n\n# ********\nA=********\n********\n"
        );
    }

    #[test]
    fn a_path_cannot_move_the_cursor() {
        let text = unified("a\u{1b}[2J", "", "x\n");
        assert!(
            text.starts_with("--- a") && !text.contains("\u{1b}[2J"),
            "{text:?}"
        );
    }
}
