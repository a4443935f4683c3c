//! Comments that an edit writes: above a key, or above the header of a table.

use toml_edit::{Decor, DocumentMut, Item, Table};

use crate::model::{PlanPath, Step};

/// Widest comment, in characters.
const WIDTH: usize = 100;

/// Puts a comment above what is at `path`; nothing happens where no comment can stand.
pub(super) fn put(document: &mut DocumentMut, path: &PlanPath, text: &str) {
    above(document, path, &mut |decor, usual| add(decor, usual, text));
}

/// Takes a comment away that stands above what is at `path` with just these words; nothing happens if there is none.
pub(super) fn take(document: &mut DocumentMut, path: &PlanPath, text: &str) {
    above(document, path, &mut |decor, _| without(decor, text));
}

/// Changes what stands above something, knowing what usually does.
type Change<'c> = &'c mut dyn FnMut(&mut Decor, &str);

fn above(document: &mut DocumentMut, path: &PlanPath, change: Change<'_>) {
    let mut keys = path.steps().iter().map(|step| match step {
        Step::Key(key) => Some(key.as_str()),
        Step::Item(_) => None,
    });
    let keys: Option<Vec<&str>> = keys.by_ref().collect();
    let Some((last, above)) = keys.as_deref().and_then(<[&str]>::split_last) else {
        return;
    };
    let mut table = document.as_table_mut();
    for key in above {
        match table.get_mut(key).and_then(Item::as_table_mut) {
            Some(inner) => table = inner,
            None => return,
        }
    }
    match table.get_mut(last) {
        Some(Item::Table(table)) => above_header(table, change),
        Some(Item::Value(_)) => {
            let dotted = table.is_dotted();
            if let Some(mut key) = table.key_mut(last).filter(|_| !dotted) {
                change(key.leaf_decor_mut(), "");
            }
        }
        _ => {}
    }
}

/// Above the table's own header, or the first one below it where it has none.
fn above_header(table: &mut Table, change: Change<'_>) {
    if !table.is_implicit() && !table.is_dotted() {
        return change(table.decor_mut(), "\n");
    }
    let below = table.iter_mut().find_map(|(_, item)| item.as_table_mut());
    if let Some(below) = below {
        above_header(below, change);
    }
}

fn add(decor: &mut Decor, usual: &str, text: &str) {
    let before = decor.prefix().and_then(|prefix| prefix.as_str());
    let before = before.unwrap_or(usual).to_owned();
    // What is indented keeps its place behind the comment.
    let indent = before.rsplit('\n').next().unwrap_or_default().to_owned();
    let lines = wrapped(text)
        .into_iter()
        .map(|line| format!("# {line}\n{indent}"));
    decor.set_prefix(before + &lines.collect::<String>());
}

fn without(decor: &mut Decor, text: &str) {
    let Some(before) = decor.prefix().and_then(|prefix| prefix.as_str()) else {
        return;
    };
    let lines: Vec<&str> = before.split_inclusive('\n').collect();
    let words: Vec<String> = wrapped(text).iter().map(|it| format!("# {it}")).collect();
    let is_it = |lines: &[&str]| lines.iter().zip(&words).all(|(line, it)| line.trim() == it);
    let at = match words.len() {
        0 => None,
        count => lines.windows(count).position(is_it),
    };
    if let Some(at) = at {
        let left = [&lines[..at], &lines[at + words.len()..]].concat();
        decor.set_prefix(left.concat());
    }
}

/// The lines of a comment, none wider than a comment may be.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            let width = line.chars().count() + 1 + word.chars().count();
            if !line.is_empty() && width > WIDTH {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Edit;
    use crate::source::apply;

    fn commented(text: &str, path: &str) -> String {
        let edit = Edit::Comment {
            path: PlanPath::keys(path.split('.')),
            text: "why\nnot".to_owned(),
        };
        apply(text, &[edit]).expect("it applies")
    }

    #[test]
    fn a_comment_stands_above_a_key_or_a_header_and_below_what_stands_there() {
        let text = "name = \"shop\"\n\n# The store.\n[services.db]\nkind = \"redis\"\n  port = 1\n";
        let above = |line: &str, indent: &str| {
            text.replace(line, &format!("# why\n{indent}# not\n{indent}{line}"))
        };
        assert_eq!(commented(text, "name"), above("name =", ""));
        assert_eq!(commented(text, "services.db"), above("[services.db]", ""));
        assert_eq!(commented(text, "services"), above("[services.db]", ""));
        assert_eq!(commented(text, "services.db.kind"), above("kind =", ""));
        assert_eq!(commented(text, "services.db.port"), above("port =", "  "));
    }

    #[test]
    fn where_no_comment_can_stand_nothing_happens() {
        let text = "services = { db = { kind = \"redis\" } }\n[apps.web]\nuses.db = { role = \"cache\" }\n";
        for path in [
            "services.db",
            "apps.web.uses.db.role",
            "apps.api",
            "apps.web.uses.db",
        ] {
            assert_eq!(commented(text, path), text, "{path}");
        }
    }

    #[test]
    fn a_comment_is_taken_away_by_its_words_alone() {
        let text =
            "# Mine.\n# why\n# not\n# too\n[services.db]\n  # why\n  # not\n  kind = \"redis\"\n";
        let without = |path: &str, words: &str| {
            let path = PlanPath::keys(path.split('.'));
            let text_of = words.to_owned();
            let edit = Edit::Uncomment {
                path,
                text: text_of,
            };
            apply(text, &[edit]).expect("it applies")
        };
        let header = text.replacen("# why\n# not\n", "", 1);
        assert_eq!(without("services.db", "why\nnot"), header);
        let key = text.replacen("  # why\n  # not\n", "", 1);
        assert_eq!(without("services.db.kind", "why\nnot"), key);
        for words in ["why\ntoo", "wh", "Mine", ""] {
            assert_eq!(without("services.db", words), text, "{words}");
        }
        assert_eq!(without("services.other", "why"), text);
    }

    #[test]
    fn a_long_comment_is_broken_between_words() {
        let long = "word ".repeat(40);
        let lines = wrapped(&long);
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH));
    }
}
