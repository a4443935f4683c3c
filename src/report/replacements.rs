//! A change of a text as the smallest replacements that make it.

use crate::span::Span;

/// One place of a text and what comes in its stead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Replacement {
    /// The bytes that go; none where something is only added.
    pub span: Span,
    /// What comes there.
    pub text: String,
}

/// The replacements that turn `old` into `new`, in the order of the text and apart from each other.
pub(super) fn replacements(old: &str, new: &str) -> Vec<Replacement> {
    let mut whole = diffy::DiffOptions::new();
    // All of the text as context, so that counting its bytes gives each place.
    whole.set_context_len(old.len() + new.len());
    let patch = whole.create_patch(old, new);
    let mut found = Vec::new();
    let mut open: Option<Replacement> = None;
    let mut at = 0;
    let lines = patch.hunks().iter().flat_map(|hunk| hunk.lines());
    for line in lines {
        let here = || Replacement {
            span: Span { start: at, end: at },
            text: String::new(),
        };
        match line {
            diffy::Line::Context(line) => {
                found.extend(open.take());
                at += line.len();
            }
            diffy::Line::Delete(line) => {
                let change = open.get_or_insert_with(here);
                at += line.len();
                change.span.end = at;
            }
            diffy::Line::Insert(line) => {
                open.get_or_insert_with(here).text.push_str(line);
            }
        }
    }
    found.extend(open);
    found
        .into_iter()
        .map(|change| narrowed(old, change))
        .collect()
}

/// Without what both sides have at their start and at their end.
fn narrowed(old: &str, change: Replacement) -> Replacement {
    let gone = &old[change.span.start..change.span.end];
    let alike = |(a, b): &(char, char)| a == b;
    let start: usize = gone
        .chars()
        .zip(change.text.chars())
        .take_while(alike)
        .map(|(c, _)| c.len_utf8())
        .sum();
    let (gone, comes) = (&gone[start..], &change.text[start..]);
    let end: usize = gone
        .chars()
        .rev()
        .zip(comes.chars().rev())
        .take_while(alike)
        .map(|(c, _)| c.len_utf8())
        .sum();
    Replacement {
        span: Span {
            start: change.span.start + start,
            end: change.span.end - end,
        },
        text: comes[..comes.len() - end].to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(old: &str, replacements: &[Replacement]) -> String {
        let mut text = old.to_owned();
        for one in replacements.iter().rev() {
            text.replace_range(one.span.start..one.span.end, &one.text);
        }
        text
    }

    #[test]
    fn replacements_make_the_change_and_nothing_more() {
        for (old, new, count) in [
            ("a\n", "a\n", 0),
            ("", "a\nb", 1),
            ("a\nb", "", 1),
            ("version = 8.4 # x\n", "version = \"8.4\" # x\n", 1),
            ("a\nb\nc\nd\n", "a\nc\nd\ne\n", 2),
            ("é = 1\nö = 2\n", "é = 1\nü = 2\n", 1),
            ("a\nb", "a\nb\nc", 1),
        ] {
            let found = replacements(old, new);
            assert_eq!(applied(old, &found), new, "{found:?}");
            assert_eq!(found.len(), count, "{found:?}");
        }
        let quotes = replacements("runs = [\"web\", \"db\"]\n", "runs = [\"web\"]\n");
        assert_eq!(
            quotes,
            [Replacement {
                span: Span { start: 13, end: 19 },
                text: String::new()
            }]
        );
    }
}
