//! Comments that an edit writes: above a key, or above the header of a table.

use toml_edit::{Decor, DocumentMut, Item, Table};

use crate::model::{PlanPath, Step};

/// Widest comment, in characters.
const WIDTH: usize = 100;

/// Puts a comment above what is at `path`; nothing happens where no comment can stand.
pub(super) fn put(document: &mut DocumentMut, path: &PlanPath, text: &str) {
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
        Some(Item::Table(table)) => put_above_header(table, text),
        Some(Item::Value(_)) => {
            let dotted = table.is_dotted();
            if let Some(mut key) = table.key_mut(last).filter(|_| !dotted) {
                add(key.leaf_decor_mut(), "", text);
            }
        }
        _ => {}
    }
}

/// Above the table's own header, or the first one below it where it has none.
fn put_above_header(table: &mut Table, text: &str) {
    if !table.is_implicit() && !table.is_dotted() {
        return add(table.decor_mut(), "\n", text);
    }
    let below = table.iter_mut().find_map(|(_, item)| item.as_table_mut());
    if let Some(below) = below {
        put_above_header(below, text);
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
    fn a_long_comment_is_broken_between_words() {
        let long = "word ".repeat(40);
        let lines = wrapped(&long);
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH));
    }
}
