//! Applies edits to the plan's text: comments, order and everything untouched stay as they are.

use toml_edit::{Array, DocumentMut, InlineTable, Item, Key, Table, TableLike, Value};

use crate::model::{Edit, EditValue, PlanPath, Step};
use crate::source::copy::copy;
use crate::source::list::{Carried, Comments, Parts};
use crate::source::{comment, section, spacing};

/// Why an edit cannot be applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The text is not TOML, so its layout cannot be kept.
    #[error("the plan has syntax errors; mend them first")]
    Syntax,
    /// There is nothing at the path.
    #[error("there is no `{0}` in the plan")]
    Missing(PlanPath),
    /// Something else stands where the edit wants a table or list.
    #[error("`{0}` is not what the edit expects there")]
    WrongType(PlanPath),
    /// The new name is taken.
    #[error("`{0}` is there already")]
    Taken(PlanPath),
}

/// The text with the edits applied in order. All of them or none. Line ends and a byte-order mark
/// stay as they are.
pub fn apply(text: &str, edits: &[Edit]) -> Result<String, EditError> {
    let (mark, text) = match text.strip_prefix(BYTE_ORDER_MARK) {
        Some(rest) => (BYTE_ORDER_MARK, rest),
        None => ("", text),
    };
    let edited = apply_plain(text, edits)?;
    let breaks = || text.matches('\n').count();
    let is_crlf = text.contains('\r') && breaks() > 0 && text.matches("\r\n").count() == breaks();
    let edited = match is_crlf {
        true => edited.replace("\r\n", "\n").replace('\n', "\r\n"),
        false => edited,
    };
    Ok(format!("{mark}{edited}"))
}

/// What some editors put before the first character of a text.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// From this many bytes on, a text is edited part by part where that can be.
const LONG: usize = 50_000;

fn apply_plain(text: &str, edits: &[Edit]) -> Result<String, EditError> {
    if text.len() < LONG {
        return apply_whole(text, edits);
    }
    let mut carried = Carried::default();
    edits.iter().try_fold(text.to_owned(), |text, edit| {
        let edit_alone = std::slice::from_ref(edit);
        let mut of_part = carried.clone();
        let edited = section::edited(&text, edit, |part, _| {
            apply_with(part, edit_alone, &mut of_part).ok()
        });
        match edited {
            Some(edited) => {
                carried = of_part;
                Ok(edited)
            }
            None => apply_with(&text, edit_alone, &mut carried),
        }
    })
}

pub(super) fn apply_whole(text: &str, edits: &[Edit]) -> Result<String, EditError> {
    apply_with(text, edits, &mut Carried::default())
}

/// Applies edits; what is `carried` are the comments of elements that were taken off a list.
fn apply_with(text: &str, edits: &[Edit], carried: &mut Carried) -> Result<String, EditError> {
    let mut document: DocumentMut = text.parse().map_err(|_| EditError::Syntax)?;
    for edit in edits {
        match edit {
            Edit::Set { path, value } => set(&mut document, path, value)?,
            // Whatever is written into a table makes it; here nothing is.
            Edit::Declare { path } => {
                parent_for_writing(&mut document, &path.clone().key(""))?;
            }
            Edit::Comment { path, text } => comment::put(&mut document, path, text),
            Edit::Uncomment { path, text } => comment::take(&mut document, path, text),
            Edit::Remove { path } => remove(&mut document, path, carried)?,
            Edit::RemoveRepeats { path } => {
                remove_elements(&mut document, path, 1)?;
            }
            Edit::Push { path, text } => push(&mut document, path, text, carried)?,
            Edit::Rename { path, to } => rename(&mut document, path, to)?,
            Edit::Copy { path, to } => copy(&mut document, path, to)?,
        }
    }
    Ok(spacing::spaced(text, &document))
}

fn set(document: &mut DocumentMut, path: &PlanPath, value: &EditValue) -> Result<(), EditError> {
    let (table, key) = parent_for_writing(document, path)?;
    let mut new = match value {
        EditValue::Text(text) => Value::from(text.as_str()),
        EditValue::Integer(number) => Value::from(*number),
        EditValue::Number(number) => number
            .parse()
            .map_err(|_| EditError::WrongType(path.clone()))?,
        EditValue::List(items) => {
            let mut list: Array = items.iter().map(String::as_str).collect();
            // Whatever is added later stands behind blanks too.
            list.fmt();
            Value::Array(list)
        }
        EditValue::Truth(truth) => Value::from(*truth),
        EditValue::EmptyTable => Value::InlineTable(InlineTable::new()),
    };
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(old) => {
            // The old value's blanks and trailing comment stay with the new one.
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        None => {
            table.insert(key, Item::Value(new));
            close_up(table, key);
        }
    }
    Ok(())
}

/// Takes away the blanks before the comma of a new last value: they stood before the brace.
fn close_up(table: &mut dyn TableLike, new: &str) {
    let before = keys_of(table).into_iter().rfind(|key| key != new);
    let value = before.and_then(|key| table.get_mut(&key)?.as_value_mut());
    let Some(decor) = value.map(Value::decor_mut) else {
        return;
    };
    let blanks = decor.suffix().and_then(|suffix| suffix.as_str());
    if blanks.is_some_and(|blanks| blanks.chars().all(|c| c == ' ')) {
        decor.set_suffix("");
    }
}

fn remove(
    document: &mut DocumentMut,
    path: &PlanPath,
    carried: &mut Carried,
) -> Result<(), EditError> {
    let (last, above) = path
        .split_last()
        .ok_or_else(|| EditError::Missing(path.clone()))?;
    match last {
        Step::Key(key) => {
            let missing = || EditError::Missing(path.clone());
            let table = find_table(document, &above).ok_or_else(missing)?;
            let is_last = table.iter().last().is_some_and(|(last, _)| last == key);
            let gone = table.remove(key).ok_or_else(missing)?;
            if is_last {
                spacing::keep_brace(document, &above, &gone);
            }
            Ok(())
        }
        Step::Item(text) => {
            let comments = remove_elements(document, path, 0)?;
            carried.pick_up(&above, text, comments);
            Ok(())
        }
    }
}

/// Takes the elements at `path` away, but for the first few that are `kept`; the comments about them.
fn remove_elements(
    document: &mut DocumentMut,
    path: &PlanPath,
    kept: usize,
) -> Result<Comments, EditError> {
    let (list, places) = find_elements(document, path)?;
    let gone = places.get(kept..).unwrap_or_default();
    let mut parts = Parts::take(list);
    let mut comments = Comments::default();
    for at in gone.iter().rev() {
        comments.put_above(parts.remove(*at));
    }
    parts.put(list);
    Ok(comments)
}

fn push(
    document: &mut DocumentMut,
    path: &PlanPath,
    text: &str,
    carried: &mut Carried,
) -> Result<(), EditError> {
    let (table, key) = parent_for_writing(document, path)?;
    if !table.contains_key(key) {
        table.insert(key, Item::Value(Value::Array(Array::new())));
        close_up(table, key);
    }
    let item = table.entry(key).or_insert(Item::None);
    let list = item
        .as_array_mut()
        .ok_or_else(|| EditError::WrongType(path.clone()))?;
    let mut parts = Parts::take(list);
    parts.push(text, carried.put_down(path, text));
    parts.put(list);
    Ok(())
}

fn rename(document: &mut DocumentMut, path: &PlanPath, to: &str) -> Result<(), EditError> {
    let (last, above) = path
        .split_last()
        .ok_or_else(|| EditError::Missing(path.clone()))?;
    let old = match last {
        Step::Item(_) => {
            let (list, places) = find_elements(document, path)?;
            for at in places {
                list.replace(at, to);
            }
            return Ok(());
        }
        Step::Key(key) => key,
    };
    let table = find_table(document, &above).ok_or_else(|| EditError::Missing(path.clone()))?;
    if table.contains_key(to) {
        return Err(EditError::Taken(above.key(to)));
    }
    if !table.contains_key(old) {
        return Err(EditError::Missing(path.clone()));
    }
    // Taking all out and putting all back is the one way to change a key in its place.
    let entries: Vec<(Key, Item)> = keys_of(table)
        .into_iter()
        .filter_map(|name| {
            let key = table.key(&name)?.clone();
            Some((key, table.remove(&name)?))
        })
        .collect();
    for (key, item) in entries {
        let key = if key.get() == old {
            Key::new(to)
                .with_leaf_decor(key.leaf_decor().clone())
                .with_dotted_decor(key.dotted_decor().clone())
        } else {
            key
        };
        insert_formatted(table, &key, item);
    }
    Ok(())
}

pub(super) fn keys_of(table: &dyn TableLike) -> Vec<String> {
    table.iter().map(|(key, _)| key.to_owned()).collect()
}

fn insert_formatted(table: &mut dyn TableLike, key: &Key, item: Item) {
    table.entry_format(key).or_insert(item);
}

/// The table that holds `path`'s last key, made with all above it where it is missing.
pub(super) fn parent_for_writing<'d, 'p>(
    document: &'d mut DocumentMut,
    path: &'p PlanPath,
) -> Result<(&'d mut dyn TableLike, &'p str), EditError> {
    let wrong = || EditError::WrongType(path.clone());
    let (last, above) = path.steps().split_last().ok_or_else(wrong)?;
    let Step::Key(key) = last else {
        return Err(wrong());
    };
    let mut table: &mut dyn TableLike = document.as_table_mut();
    let top_level = above.len();
    for (depth, step) in above.iter().enumerate() {
        let Step::Key(step) = step else {
            return Err(wrong());
        };
        if !table.contains_key(step) {
            let mut new = Table::new();
            // Tables that only lead to others need no header of their own.
            new.set_implicit(depth + 1 < top_level);
            table.insert(step, Item::Table(new));
        }
        table = table
            .get_mut(step)
            .and_then(Item::as_table_like_mut)
            .ok_or_else(wrong)?;
    }
    Ok((table, key))
}

pub(super) fn find_table<'d>(
    document: &'d mut DocumentMut,
    path: &PlanPath,
) -> Option<&'d mut dyn TableLike> {
    let mut table: &mut dyn TableLike = document.as_table_mut();
    for step in path.steps() {
        let Step::Key(key) = step else { return None };
        table = table.get_mut(key)?.as_table_like_mut()?;
    }
    Some(table)
}

fn find_list<'d>(
    document: &'d mut DocumentMut,
    path: &PlanPath,
) -> Result<&'d mut Array, EditError> {
    let missing = || EditError::Missing(path.clone());
    let (last, above) = path.split_last().ok_or_else(missing)?;
    let Step::Key(key) = last else {
        return Err(missing());
    };
    let item = find_table(document, &above)
        .and_then(|table| table.get_mut(key))
        .ok_or_else(missing)?;
    item.as_array_mut()
        .ok_or_else(|| EditError::WrongType(path.clone()))
}

/// The list of an element, and where the element stands in it: once at least.
fn find_elements<'d>(
    document: &'d mut DocumentMut,
    path: &PlanPath,
) -> Result<(&'d mut Array, Vec<usize>), EditError> {
    let missing = || EditError::Missing(path.clone());
    let (last, above) = path.split_last().ok_or_else(missing)?;
    let Step::Item(text) = last else {
        return Err(EditError::WrongType(path.clone()));
    };
    let list = find_list(document, &above)?;
    let is_it = |value: &Value| value.as_str() == Some(text);
    let places = list.iter().enumerate().filter(|(_, value)| is_it(value));
    let places: Vec<usize> = places.map(|(at, _)| at).collect();
    match places.is_empty() {
        true => Err(missing()),
        false => Ok((list, places)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: &str = r#"# Our shop.
name = "shop"   # short

[services.db]   # the one truth
kind = "mysql"
version = 8.4   # LTS

[environments.prod.hosts.app-1]
runs = ["web", "db"] # both here
"#;

    fn path(keys: &str) -> PlanPath {
        PlanPath::keys(keys.split('.'))
    }

    fn applied(edit: Edit) -> String {
        apply(PLAN, &[edit]).expect("the edit applies")
    }

    #[test]
    fn setting_a_value_changes_the_value_alone() {
        let edit = Edit::set_text(path("services.db.version"), "8.4");
        assert_eq!(
            applied(edit),
            PLAN.replace("version = 8.4", "version = \"8.4\"")
        );
    }

    #[test]
    fn a_new_table_comes_with_its_header_only() {
        let host = path("environments.prod.hosts.data-1.runs");
        let text = applied(Edit::Push {
            path: host,
            text: "db".into(),
        });
        assert_eq!(
            text,
            format!("{PLAN}\n[environments.prod.hosts.data-1]\nruns = [\"db\"]\n")
        );
    }

    #[test]
    fn a_new_key_of_a_short_table_stands_right_behind_the_last_one() {
        let also = Edit::Push {
            path: path("uses.cache.also"),
            text: "search".into(),
        };
        let env = Edit::set_text(path("uses.cache.env"), "KV");
        let text = "uses.cache = { role = \"cache\" } # fast\n";
        let after = text.replace("\" }", "\", also = [\"search\"], env = \"KV\" }");
        assert_eq!(apply(text, &[also, env]), Ok(after));
    }

    #[test]
    fn a_new_list_that_grows_has_its_blanks() {
        let list = Edit::Set {
            path: path("team"),
            value: EditValue::List(vec!["a".into(), "b".into()]),
        };
        let more = Edit::Push {
            path: path("team"),
            text: "c".into(),
        };
        let text = apply("", &[list, more]);
        assert_eq!(text.as_deref(), Ok("team = [\"a\", \"b\", \"c\"]\n"));
    }

    #[test]
    fn elements_come_and_go_and_the_comment_stays() {
        let text = applied(Edit::Remove {
            path: PlanPath::placement("prod", "app-1", "web"),
        });
        assert!(text.contains("runs = [\"db\"] # both here"), "{text}");
        let text = applied(Edit::Rename {
            path: PlanPath::placement("prod", "app-1", "web"),
            to: "api".into(),
        });
        assert!(
            text.contains("runs = [\"api\", \"db\"] # both here"),
            "{text}"
        );
    }

    #[test]
    fn an_element_that_stands_twice_is_changed_wherever_it_stands() {
        let twice = "runs = [\n  \"db\", # one\n  \"web\",\n  \"db\", # two\n]\n";
        let path = PlanPath::keys(["runs"]).item("db");
        for (edit, after) in [
            (
                Edit::Remove { path: path.clone() },
                "runs = [\n  \"web\",\n]\n",
            ),
            (
                Edit::RemoveRepeats { path: path.clone() },
                "runs = [\n  \"db\", # one\n  \"web\",\n]\n",
            ),
            (
                Edit::Rename {
                    path,
                    to: "kv".into(),
                },
                "runs = [\n  \"kv\", # one\n  \"web\",\n  \"kv\", # two\n]\n",
            ),
        ] {
            assert_eq!(apply(twice, &[edit]).as_deref(), Ok(after));
        }
    }

    #[test]
    fn renaming_a_key_keeps_its_place_and_comments() {
        let text = applied(Edit::Rename {
            path: path("services.db.kind"),
            to: "sort".into(),
        });
        assert_eq!(text, PLAN.replace("kind =", "sort ="));
        let text = applied(Edit::Rename {
            path: path("services.db"),
            to: "store".into(),
        });
        assert_eq!(text, PLAN.replace("[services.db]", "[services.store]"));
    }

    #[test]
    fn what_cannot_be_done_is_said_and_nothing_is_changed() {
        let gone = Edit::Remove {
            path: path("services.cache"),
        };
        assert_eq!(
            apply(PLAN, &[gone]),
            Err(EditError::Missing(path("services.cache")))
        );
        let taken = Edit::Rename {
            path: path("services.db.kind"),
            to: "version".into(),
        };
        assert_eq!(
            apply(PLAN, &[taken]),
            Err(EditError::Taken(path("services.db.version")))
        );
        assert_eq!(apply("a = ", &[]), Err(EditError::Syntax));
    }
}
