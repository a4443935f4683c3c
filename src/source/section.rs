//! Edits one part of a long text alone: parsing all of it with its layout is most of what an edit would cost.
//!
//! A part is what stands under the headers of one app, service, environment or host, with the comments above it.
//! Where it is not plain which part that is, the answer is `None`, and the whole text is edited. Mistakes of the
//! syntax in other parts are not noticed here.

use crate::model::{Edit, Step};

/// `text` with one edit made by `apply` in the part that it concerns.
pub(super) fn edited(
    text: &str,
    edit: &Edit,
    apply: impl FnOnce(&str, &Edit) -> Option<String>,
) -> Option<String> {
    let (path, writes) = within(edit)?;
    let headers = headers(text)?;
    let (start, end) = owners(path).into_iter().flatten().find_map(|owner| {
        let needs_header = writes && path.len() == owner.len() + 1;
        part(text, &headers, &owner, needs_header)
    })?;
    let part = apply(&text[start..end], edit)?;
    Some([&text[..start], &part, &text[end..]].concat())
}

/// The path of what an edit concerns, if it stays within that, and whether it writes there.
fn within(edit: &Edit) -> Option<(&[Step], bool)> {
    let (path, writes) = match edit {
        Edit::Set { path, .. } | Edit::Push { path, .. } => (path, true),
        // Above the first header of a part another layout holds than within it.
        Edit::Comment { .. } | Edit::Uncomment { .. } => return None,
        // Whether a name is taken among owners, only the whole tells.
        Edit::Remove { path } | Edit::RemoveRepeats { path } | Edit::Rename { path, .. } => {
            (path, false)
        }
        Edit::Copy { .. } | Edit::Declare { .. } => return None,
    };
    Some((path.steps(), writes))
}

/// The words of a header, such as `services` and `db`.
type Words<'t> = Vec<&'t str>;

/// Whose part a path may lead into, the smallest first: a host of an environment, and an app, a service or an
/// environment.
fn owners(path: &[Step]) -> [Option<Words<'_>>; 2] {
    let words = |count: usize| {
        let steps = path.get(..count).filter(|_| path.len() > count)?;
        let words = steps.iter().map(|step| match step {
            Step::Key(word) => Some(word.as_str()),
            Step::Item(_) => None,
        });
        words.collect::<Option<Words>>()
    };
    let of_host = words(4).filter(|it| (it[0], it[2]) == ("environments", "hosts"));
    [of_host, words(2)]
}

/// Where the headers of a text begin; `None` if they cannot be told.
fn headers(text: &str) -> Option<Vec<usize>> {
    let is_indented = |line: &str| {
        line.starts_with([' ', '\t']) && line.trim_start_matches([' ', '\t']).starts_with('[')
    };
    // In a text of several lines anything may look like a header.
    if text.contains("\"\"\"") || text.contains("'''") || text.starts_with('[') || is_indented(text)
    {
        return None;
    }
    let mut headers = Vec::new();
    for (at, _) in text.match_indices('\n') {
        let line = &text[at + 1..];
        if line.starts_with('[') {
            headers.push(at + 1);
        } else if is_indented(line) {
            return None;
        }
    }
    Some(headers)
}

/// Where the part of an owner begins and ends.
fn part(
    text: &str,
    headers: &[usize],
    owner: &[&str],
    needs_header: bool,
) -> Option<(usize, usize)> {
    let first = *headers.first()?;
    // Keys above all headers may say something of it too.
    let said_above = |line: &str| {
        line.trim_start().starts_with(['"', '\'']) || line.trim_start().starts_with(owner[0])
    };
    if text[..first].lines().any(said_above) {
        return None;
    }
    let (mut found, mut is_over, mut has_header) = (None::<(usize, usize)>, false, false);
    for (nth, at) in headers.iter().enumerate() {
        let inside = header(text[*at..].lines().next()?)?;
        let mut words = inside.split('.');
        let common = owner.iter().take_while(|word| words.next() == Some(word));
        let common = common.count();
        if common < owner.len() {
            // What leads to it may say something of it too.
            if common == inside.split('.').count() {
                return None;
            }
            is_over = found.is_some();
            continue;
        }
        if is_over {
            return None;
        }
        has_header |= inside.split('.').count() == owner.len();
        let end = headers.get(nth + 1).copied().unwrap_or(text.len());
        let start = found.map_or_else(|| content_end(text, *at), |(start, _)| start);
        found = Some((start, content_end(text, end)));
    }
    // A header that is made would be the first of the part, where the layout is another.
    found.filter(|_| has_header || !needs_header)
}

/// The words of a header, with points between; `None` if it is not written plainly.
fn header(line: &str) -> Option<&str> {
    let inside = line.strip_prefix('[')?.split(']').next()?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    inside.bytes().all(is_plain).then_some(inside)
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
            Edit::Remove {
                path: path("environments.prod.hosts.app-1.cpus"),
            },
            Edit::Rename {
                path: PlanPath::placement("prod", "data-1", "db"),
                to: "store".into(),
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
    fn of_a_host_no_more_than_the_host_is_read() {
        let push = Edit::Push {
            path: path("environments.prod.hosts.data-1.runs"),
            text: "cache".into(),
        };
        let mut seen = String::new();
        edited(EXAMPLE, &push, |part, _| {
            seen = part.to_owned();
            None
        });
        assert!(seen.contains("[environments.prod.hosts.data-1]"), "{seen}");
        assert_eq!(seen.matches('[').count(), 2, "{seen}");
        // What leads to a host may say something of it.
        let above = EXAMPLE.replace(
            "# Production.",
            "[environments.prod]\nhosts.data-1.cpus = 2",
        );
        edited(&above, &push, |part, _| {
            seen = part.to_owned();
            None
        });
        assert!(seen.contains("app-1"), "{seen}");
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
            "  [services.db]\n[apps.web]\n[services.db.settings]\n",
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
