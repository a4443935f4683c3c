//! Blanks after an edit: an empty line before the table after a new one, and one before the brace of a short table.

use std::collections::BTreeSet;

use toml_edit::{DocumentMut, Item, Table};

use crate::model::{PlanPath, Step};
use crate::source::edit::find_table;

/// The keys that lead to a table with a header.
type Path = Vec<String>;

/// The text of an edited document. Where a new table came before one that was there, they stand apart.
pub(super) fn spaced(before: &str, edited: &DocumentMut) -> String {
    let text = edited.to_string();
    let count = |text: &str| text.lines().filter(|line| line.starts_with('[')).count();
    if count(&text) <= count(before) {
        return text;
    }
    let (Ok(before), Ok(mut after)) = (before.parse::<DocumentMut>(), text.parse::<DocumentMut>())
    else {
        return text;
    };
    let known: BTreeSet<Path> = headers(&before).into_iter().collect();
    let now = headers(&after);
    let glued = now
        .windows(2)
        .filter(|pair| !known.contains(&pair[0]) && known.contains(&pair[1]));
    for path in glued.map(|pair| &pair[1]) {
        if let Some(table) = table_at(after.as_table_mut(), path) {
            let decor = table.decor_mut();
            let prefix = decor.prefix().and_then(|prefix| prefix.as_str());
            let prefix = prefix.unwrap_or_default().to_owned();
            if !prefix.starts_with(['\n', '\r']) {
                decor.set_prefix(format!("\n{prefix}"));
            }
        }
    }
    after.to_string()
}

/// Puts what stood between the last value of a table in braces and its brace behind the value before it.
pub(super) fn keep_brace(document: &mut DocumentMut, table: &PlanPath, gone: &Item) {
    let Some((Step::Key(key), above)) = table.split_last() else {
        return;
    };
    let table = find_table(document, &above).and_then(|above| above.get_mut(key));
    let table = table.and_then(Item::as_inline_table_mut);
    let before = table.and_then(|table| table.iter_mut().last());
    let gap = gone.as_value().and_then(|gone| gone.decor().suffix());
    if let (Some((_, value)), Some(gap)) = (before, gap) {
        value.decor_mut().set_suffix(gap.clone());
    }
}

/// The tables that have a header, as they follow each other in the text.
fn headers(document: &DocumentMut) -> Vec<Path> {
    let mut found = Vec::new();
    collect(document.as_table(), &mut Vec::new(), &mut found);
    found.sort();
    found.into_iter().map(|(_, path)| path).collect()
}

fn collect(table: &Table, path: &mut Path, found: &mut Vec<(isize, Path)>) {
    for (key, item) in table {
        let Item::Table(inner) = item else { continue };
        path.push(key.to_owned());
        if let Some(position) = inner
            .position()
            .filter(|_| !inner.is_implicit() && !inner.is_dotted())
        {
            found.push((position, path.clone()));
        }
        collect(inner, path, found);
        path.pop();
    }
}

fn table_at<'d>(table: &'d mut Table, path: &[String]) -> Option<&'d mut Table> {
    let mut table = table;
    for key in path {
        table = table.get_mut(key)?.as_table_mut()?;
    }
    Some(table)
}

#[cfg(test)]
mod tests {
    use crate::model::{Edit, PlanPath};
    use crate::source::apply;

    #[test]
    fn a_new_table_stands_apart_from_the_one_after_it() {
        let text =
            "[services.db]\nkind = \"postgres\"\n# How much.\n[sizes.files]\nstored = \"5 GiB\"\n";
        let add = Edit::set_text(PlanPath::service("queue").key("kind"), "redis");
        let after = text.replace(
            "# How much",
            "\n[services.queue]\nkind = \"redis\"\n\n# How much",
        );
        assert_eq!(apply(text, &[add]), Ok(after));
        let version = Edit::set_text(PlanPath::service("db").key("version"), "17");
        let after = text.replace("\"postgres\"\n", "\"postgres\"\nversion = \"17\"\n");
        assert_eq!(apply(text, &[version]), Ok(after));
    }

    #[test]
    fn a_short_table_keeps_its_brace_apart_from_what_is_left() {
        let plan = "uses.cache = { role = \"cache\", also = [\"queue\"] }\n";
        let path = |key: &str| PlanPath::keys(["uses", "cache", key]);
        let remove = |path| apply(plan, &[Edit::Remove { path }]).expect("the edit applies");
        let also = remove(path("also"));
        assert_eq!(also, "uses.cache = { role = \"cache\" }\n");
        let role = remove(path("role"));
        assert_eq!(role, "uses.cache = { also = [\"queue\"] }\n");
    }
}
