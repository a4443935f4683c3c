//! Edits one part of a long text alone: parsing all of it with its layout is most of what an edit would cost.
//!
//! A part is what stands under the headers of one app, service or environment, with the comments above it.
//! Where it is not plain which part that is, the answer is `None`, and the whole text is edited. Mistakes of the
//! syntax in other parts are not noticed here.

use crate::model::{Edit, Step};

/// `text` with one edit made by `apply` in the part that it concerns.
pub(super) fn edited(
    text: &str,
    edit: &Edit,
    apply: impl FnOnce(&str, &Edit) -> Option<String>,
) -> Option<String> {
    let (owner, needs_header) = owner(edit)?;
    let (start, end) = part(text, owner, needs_header)?;
    let part = apply(&text[start..end], edit)?;
    Some([&text[..start], &part, &text[end..]].concat())
}

/// The first two words of what an edit concerns, if it stays within that, and whether it writes right below them.
fn owner(edit: &Edit) -> Option<((&str, &str), bool)> {
    let (path, writes) = match edit {
        Edit::Set { path, .. } | Edit::Push { path, .. } => (path, true),
        // Above the first header of a part another layout holds than within it.
        Edit::Comment { .. } => return None,
        // Whether a name is taken among owners, only the whole tells.
        Edit::Remove { path } | Edit::RemoveRepeats { path } | Edit::Rename { path, .. } => {
            (path, false)
        }
        Edit::Copy { .. } | Edit::Declare { .. } => return None,
    };
    match path.steps() {
        [Step::Key(first), Step::Key(second), rest @ ..] if !rest.is_empty() => {
            Some(((first, second), writes && rest.len() == 1))
        }
        _ => None,
    }
}

/// Where the part of an owner begins and ends.
fn part(text: &str, owner: (&str, &str), needs_header: bool) -> Option<(usize, usize)> {
    // In a text of several lines anything may look like a header.
    if text.contains("\"\"\"") || text.contains("'''") {
        return None;
    }
    let mut headers = text.match_indices("\n[").map(|(at, _)| at + 1).peekable();
    let first = *headers.peek()?;
    // Keys above all headers may say something of it too.
    let said_above = |line: &str| {
        line.trim_start().starts_with(['"', '\'']) || line.trim_start().starts_with(owner.0)
    };
    let is_indented =
        |line: &str| line.starts_with([' ', '\t']) && line.trim_start().starts_with('[');
    if text.starts_with('[')
        || text[..first].lines().any(said_above)
        || text.lines().any(is_indented)
    {
        return None;
    }
    let (mut found, mut is_over, mut has_header) = (None::<(usize, usize)>, false, false);
    while let Some(at) = headers.next() {
        let end = headers.peek().copied().unwrap_or(text.len());
        let line = text[at..].lines().next()?;
        match header(line)? {
            (word, None) if word == owner.0 => return None,
            (word, Some(name)) if (word, name) == owner => {
                if is_over {
                    return None;
                }
                has_header |= is_own(line);
                let start = found.map_or_else(|| content_end(text, at), |(start, _)| start);
                found = Some((start, content_end(text, end)));
            }
            _ => is_over = found.is_some(),
        }
    }
    // A header that is made would be the first of the part, where the layout is another.
    found.filter(|_| has_header || !needs_header)
}

/// Whether a header has two words.
fn is_own(line: &str) -> bool {
    let inside = line.split(']').next().unwrap_or_default();
    inside.matches('.').count() == 1
}

/// The first word of a header and the second, if it has one; `None` if it is not written plainly.
fn header(line: &str) -> Option<(&str, Option<&str>)> {
    let inside = line.strip_prefix('[')?.split(']').next()?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if !inside.chars().all(is_plain) {
        return None;
    }
    let mut words = inside.split('.');
    Some((words.next()?, words.next()))
}

/// Where what stands before `at` ends, without the blank lines and comments that belong to what follows.
fn content_end(text: &str, at: usize) -> usize {
    let mut end = at;
    for line in text[..at].split_inclusive('\n').rev() {
        let line_text = line.trim();
        if !line_text.is_empty() && !line_text.starts_with('#') {
            break;
        }
        end -= line.len();
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{EditValue, PlanPath};
    use crate::source::edit::apply_whole;

    const EXAMPLE: &str = include_str!("../../templates/example.toml");

    fn path(keys: &str) -> PlanPath {
        PlanPath::keys(keys.split('.'))
    }

    #[test]
    fn a_part_is_edited_as_the_whole_is() {
        let text = |text: &str| EditValue::Text(text.to_owned());
        let edits = [
            Edit::Set {
                path: path("services.db.version"),
                value: text("9"),
            },
            Edit::Set {
                path: path("services.cache.port"),
                value: EditValue::Integer(1),
            },
            Edit::Set {
                path: path("apps.web.uses.db.role"),
                value: text("session"),
            },
            Edit::Set {
                path: path("services.uploads.settings.A"),
                value: text("1"),
            },
            Edit::Set {
                path: path("environments.prod.hosts.app-1.kind"),
                value: text("cluster"),
            },
            Edit::Set {
                path: path("environments.test.hosts.new.runs"),
                value: EditValue::List(vec![]),
            },
            Edit::Push {
                path: path("environments.prod.hosts.data-1.runs"),
                text: "cache".into(),
            },
            Edit::Push {
                path: path("environments.dev.hosts.new.runs"),
                text: "cache".into(),
            },
            Edit::Remove {
                path: PlanPath::placement("local", "laptop", "db"),
            },
            Edit::Remove {
                path: path("environments.test.services.db"),
            },
            Edit::Remove {
                path: path("apps.web.uses.cache"),
            },
            Edit::Rename {
                path: path("environments.prod.hosts.app-1"),
                to: "web-1".into(),
            },
        ];
        for edit in &edits {
            let part = edited(EXAMPLE, edit, |part, edit| {
                apply_whole(part, std::slice::from_ref(edit)).ok()
            });
            let whole = apply_whole(EXAMPLE, std::slice::from_ref(edit)).expect("it applies");
            assert_eq!(part.as_deref(), Some(whole.as_str()), "{edit:?}");
        }
    }

    #[test]
    fn what_is_not_plain_is_left_to_the_whole() {
        let set = Edit::Set {
            path: path("services.db.kind"),
            value: EditValue::Integer(1),
        };
        for text in [
            "services.db.port = 1\n[apps.web]\n[services.db]\n",
            "\n[services]\n[services.db]\n",
            "\n[services.\"db\"]\n",
            "\n[services.db]\n[apps.web]\n[services.db.settings]\n",
            "\n[services.db]\na = \"\"\"\n[services.db]\n\"\"\"\n",
            "\n[apps.web]\n",
            "\n[services.db.settings]\n",
            "\n[services.cache]\n  [services.db]\n[apps.web]\n[services.db.settings]\n",
            "\"services\".db.kind = \"x\"\n[services.db.settings]\n",
        ] {
            assert_eq!(
                edited(text, &set, |_, _| Some(String::new())),
                None,
                "{text}"
            );
        }
        let rename = Edit::Rename {
            path: path("services.db"),
            to: "cache".into(),
        };
        assert_eq!(edited(EXAMPLE, &rename, |_, _| Some(String::new())), None);
    }
}
