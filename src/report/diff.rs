//! Changes of files as diffs, with credentials masked.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use anstyle::{AnsiColor, Style};

use crate::finding::{printable, printed};
use crate::generate::Audience;
use crate::generate::env_file::entries;
use crate::secret_shape::{looks_secret, masked};
use crate::settings::{MASK, MASKED};

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

/// `text` as it may be shown. Of a file for everybody, that is all but what looks like a credential in the lines that
/// `masked`, the file as Backstay would write it, has not. Of a file that holds secrets, those values are shown that `masked`, the same file
/// with `MASKED` in the place of every credential, has as well, but for the credentials in them.
pub fn shown<'t>(text: &'t str, audience: Audience, masked: Option<&str>) -> Cow<'t, str> {
    match audience {
        Audience::Everybody => without_credentials(text, masked.unwrap_or_default()),
        Audience::Container if text.is_empty() => Cow::Borrowed(""),
        Audience::Container => Cow::Borrowed("********\n"),
        Audience::Owner => {
            let known = entries(masked.unwrap_or_default());
            let known: HashMap<&str, String> = known
                .iter()
                .filter_map(|entry| Some((entry.key?, entry.value())))
                .collect();
            let entries = entries(text);
            let shown = entries.iter().map(|entry| {
                let above = lead(entry.lead);
                let Some(key) = entry.key else { return above };
                let value = entry.value();
                let said = match known.get(key) {
                    _ if value.is_empty() => String::new(),
                    Some(known) if may_be_shown(key, known, &value) => known.replace(MASKED, MASK),
                    _ => MASK.to_owned(),
                };
                let said = said.replace('\n', "\\n");
                format!("{above}{key}={said}\n")
            });
            Cow::Owned(shown.collect())
        }
    }
}

/// A text without what looks like a credential in lines that are not Backstay's `own`.
fn without_credentials<'t>(text: &'t str, own: &str) -> Cow<'t, str> {
    if text == own {
        return Cow::Borrowed(text);
    }
    let masked = masked(text);
    if masked == text {
        return Cow::Borrowed(text);
    }
    let own: HashSet<&str> = own.lines().collect();
    let lines = text.split_inclusive('\n').zip(masked.split_inclusive('\n'));
    let shown = lines.map(|(line, masked)| {
        let is_own = own.contains(line.trim_end_matches(['\n', '\r']));
        if is_own { line } else { masked }
    });
    Cow::Owned(shown.collect())
}

/// Whether `value` is `known` with credentials in the places that are marked there.
fn may_be_shown(key: &str, known: &str, value: &str) -> bool {
    let mut parts = known.split(MASKED);
    let first = parts.next().unwrap_or_default();
    let parts: Vec<&str> = parts.collect();
    let Some((last, between)) = parts.split_last() else {
        // Nothing is marked: a credential that the plan itself says looks like one.
        return known == value && !looks_secret(key, known);
    };
    let rest = value
        .strip_prefix(first)
        .and_then(|rest| rest.strip_suffix(last));
    let found = rest.and_then(|rest| {
        between
            .iter()
            .try_fold(rest, |rest, part| Some(rest.split_once(part)?.1))
    });
    found.is_some()
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
            shown(text, Audience::Owner, None),
            "# db\nDB_PASSWORD=********\nEMPTY=\n"
        );
        assert_eq!(shown("hunter2", Audience::Container, None), "********\n");
        assert_eq!(shown("hunter2", Audience::Owner, None), "********\n");
        let strays = "# db\nhunter2\n\n# OLD=hunter2\nA=1\nhunter3";
        assert_eq!(
            shown(strays, Audience::Owner, None),
            "# db\n********\n\n# ********\nA=********\n********\n"
        );
    }

    #[test]
    fn what_is_no_credential_is_shown_where_backstay_wrote_it() {
        let masked = format!(
            "HOST=10.0.0.1\nURL=redis://:{MASKED}@10.0.0.1:6379/0\nPASSWORD={MASKED}\nAPI_TOKEN=abc\n"
        );
        let seen = |text| shown(text, Audience::Owner, Some(&masked)).into_owned();
        assert_eq!(
            seen("HOST=10.0.0.1\nURL=redis://:hunter2@10.0.0.1:6379/0\nPASSWORD=hunter2\n"),
            "HOST=10.0.0.1\nURL=redis://:********@10.0.0.1:6379/0\nPASSWORD=********\n"
        );
        // What is not as Backstay would write it may be anything, and so may the user's own.
        for text in [
            "HOST=hunter2\n",
            "URL=redis://:hunter2@other/0\n",
            "MINE=hunter2\n",
            "API_TOKEN=abc\n",
        ] {
            let key = text.split('=').next().unwrap_or_default();
            assert_eq!(seen(text), format!("{key}=********\n"));
        }
    }

    #[test]
    fn what_a_user_put_into_a_file_for_everybody_is_shown_without_credentials() {
        let own = "image: \"db\"\n# DB_PASSWORD is kept elsewhere\n";
        let text = format!("{own}environment: {{DB_PASSWORD: hunter2}}\n");
        assert_eq!(
            shown(&text, Audience::Everybody, Some(own)),
            format!("{own}environment: {{DB_PASSWORD: *******}}\n")
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
