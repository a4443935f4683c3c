//! The text of a journal: edits that are not saved, and which plan they were made to.

/// The first word of a journal, with the number of its form.
const MAGIC: &str = "backstay-journal-2";
/// That of the form before, which did not say where the plan was.
const MAGIC_OF_BEFORE: &str = "backstay-journal-1";

/// Edits that are not saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsaved {
    /// The text that they were made to.
    pub base: String,
    /// The text that they gave.
    pub text: String,
    /// What was noted beside them.
    pub note: String,
}

/// What a journal says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The edits.
    pub unsaved: Unsaved,
    /// Where the plan was.
    pub plan: Option<String>,
}

/// A journal of these parts: the plan's file, a note, what edits were made to, and last what they gave.
pub(super) fn printed(parts: [&str; 4]) -> String {
    let lengths = parts.map(|part| part.len().to_string()).join(" ");
    format!("{MAGIC} {lengths}\n{}", parts.concat())
}

/// What a journal says; `None` if it is none, or not whole.
pub(super) fn parsed(bytes: Vec<u8>) -> Option<Entry> {
    let text = String::from_utf8(bytes).ok()?;
    let (head, mut rest) = text.split_once('\n')?;
    let mut words = head.split(' ');
    let magic = words.next()?;
    let mut parts = Vec::new();
    for length in words {
        let (part, after) = rest.split_at_checked(length.parse().ok()?)?;
        parts.push(part.to_owned());
        rest = after;
    }
    let mut parts = parts.into_iter();
    let mut next = || parts.next();
    let unsaved = |base, text, note| Unsaved { base, text, note };
    let entry = match magic {
        MAGIC => {
            let (plan, note, base, text) = (next()?, next()?, next()?, next()?);
            Entry {
                unsaved: unsaved(base, text, note),
                plan: Some(plan),
            }
        }
        MAGIC_OF_BEFORE => Entry {
            unsaved: unsaved(next()?, next()?, String::new()),
            plan: None,
        },
        _ => return None,
    };
    (rest.is_empty() && next().is_none()).then_some(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_whole_is_no_journal() {
        for whole in [
            format!("{MAGIC} 1 1 1 2\n/nabc"),
            format!("{MAGIC_OF_BEFORE} 1 2\nabc"),
        ] {
            assert!(parsed(whole.clone().into_bytes()).is_some());
            for cut in 0..whole.len() {
                assert_eq!(parsed(whole.as_bytes()[..cut].to_vec()), None, "{cut}");
            }
        }
    }
}
