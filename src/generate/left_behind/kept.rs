//! The file that keeps what is left to be done by hand until somebody has done it.
//!
//! It is the user's: Backstay adds a part whenever something is left behind, and takes none out.

use crate::generate::left_behind::LeftBehind;
use crate::generate::rotation::Instruction;

/// Its name, in the output folder.
pub const KEPT_FILE: &str = "left-behind.md";

const HEADER: &str = "\
# Left behind

What hosts run or keep from before, and what is to be done about it by hand: one part a change, the oldest first.
Backstay adds parts and takes none out. Delete a part when it is done, and the file with the last one. It holds no
secret: commit it.
";

/// What stands for a service that nobody runs.
const GONE: &str = "which nothing runs any more";

/// `kept` with further parts.
pub fn with_kept(kept: &str, left: &[LeftBehind]) -> String {
    let mut text = match kept.trim().is_empty() {
        true => HEADER.to_owned(),
        false => format!("{}\n", kept.trim_end()),
    };
    for left in left {
        text.push('\n');
        for head in &left.heads {
            text.push_str(&format!("## {head}\n"));
        }
        for (number, step) in left.steps.iter().enumerate() {
            text.push_str(&format!("\n{}. {}\n", number + 1, step.text));
            if let Some(command) = &step.command {
                text.push_str(&format!("\n```sh\n{command}\n```\n"));
            }
        }
    }
    text
}

/// Whether `kept` says that a file stays, by its path below the output folder, because something of before needs it.
pub fn is_held(kept: &str, path: &str) -> bool {
    kept.contains(&format!("/{path}`"))
}

/// Those that `kept` does not tell already, with a word about earlier parts that lead to where they begin.
pub fn not_kept_yet(kept: &str, left: Vec<LeftBehind>) -> Vec<LeftBehind> {
    let heads: Vec<&str> = kept
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .collect();
    // Whose environment was renamed is told when its credentials move, before its files go. What else is kept of the
    // same service is of another time: it has run there again since.
    let is_told = |head: &String| {
        let (subject, why) = split(head);
        let kept = heads.iter().map(|kept| split(kept));
        let mut of_it = kept.filter(|(kept, _)| *kept == subject);
        why == GONE && of_it.any(|(_, why)| why == GONE || is_elsewhere(why))
    };
    let mut left = left;
    left.retain(|left| !left.heads.iter().all(is_told));
    for one in &mut left {
        let mut begun = one.heads.iter().map(|head| split(head).0);
        let earlier = begun.find(|subject| heads.iter().any(|kept| leads_to(kept, subject)));
        if let Some(subject) = earlier {
            let text = format!(
                "An earlier part of {KEPT_FILE} leads to {subject}. If that is not done yet, the data is still where that part copies it from: copy it out there, put it back as is said here, and take away both of what was before."
            );
            one.steps.insert(0, Instruction::new(text, None));
        }
    }
    left
}

/// What a head is about, and why.
fn split(head: &str) -> (&str, &str) {
    head.split_once(", ").unwrap_or((head, ""))
}

/// Whether a head says that its service runs in another environment now: `which runs on box of development now`.
fn is_elsewhere(why: &str) -> bool {
    let words: Vec<&str> = why.split(' ').collect();
    matches!(words[..], [.., "of", _, "now"])
}

/// Whether what an earlier head tells of may have brought its data to `subject`, such as `db on data-1 of prod`.
fn leads_to(head: &str, subject: &str) -> bool {
    let is_of_name = |c: char| c.is_alphanumeric() || "-_".contains(c);
    let words: Vec<&str> = head.split(|c| !is_of_name(c)).collect();
    let (_, why) = split(head);
    let mut subject = subject.split(' ').step_by(2);
    why != GONE && subject.all(|name| words.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(head: &str) -> LeftBehind {
        LeftBehind {
            heads: vec![head.to_owned()],
            steps: vec![
                Instruction::new("Look.", "docker ps".to_owned()),
                Instruction::new("Wait.", None),
            ],
        }
    }

    #[test]
    fn parts_are_added_behind_what_is_there() {
        let first = with_kept("", &[left("db on a of prod, which runs on b now")]);
        assert!(first.starts_with(HEADER));
        let both = with_kept(
            &first,
            &[left("web on a of prod, which nothing runs any more")],
        );
        assert_eq!(
            both.strip_prefix(HEADER),
            Some(
                "\n## db on a of prod, which runs on b now\n\n1. Look.\n\n```sh\ndocker ps\n```\n\n2. Wait.\n\n## web on a of prod, which nothing runs any more\n\n1. Look.\n\n```sh\ndocker ps\n```\n\n2. Wait.\n"
            )
        );
    }

    #[test]
    fn whatever_begins_where_an_earlier_part_ends_says_so() {
        let kept = with_kept("", &[left("db on a of prod, which runs on b now")]);
        let steps = |head: &str| {
            let left = not_kept_yet(&kept, vec![left(head)]);
            left.first().map(|left| left.steps.len())
        };
        assert_eq!(steps("db on b of prod, which is called main now"), Some(3));
        assert_eq!(steps("db on b of test, which runs on c now"), Some(2));
        // It has come back since.
        assert!(steps("db on a of prod, which nothing runs any more").is_some());
        assert_eq!(
            steps("web on a of prod, which nothing runs any more"),
            Some(2)
        );
    }

    #[test]
    fn what_goes_is_told_once() {
        let gone = "db on a of prod, which nothing runs any more";
        for (head, is_told) in [
            (gone, true),
            ("db on a of prod, which runs on b of live now", true),
            ("db on a of prod, which is called main now", false),
            (
                "db on a of prod, which is MySQL now and was PostgreSQL",
                false,
            ),
        ] {
            let kept = with_kept("", &[left(head)]);
            let left = not_kept_yet(&kept, vec![left(gone)]);
            assert_eq!(left.is_empty(), is_told, "{head}");
        }
    }
}
