//! Copies of a part of the plan: what is said, without the comments about the original.

use toml_edit::{DocumentMut, Item};

use crate::model::{PlanPath, Step};
use crate::source::EditError;
use crate::source::edit::{find_table, keys_of, parent_for_writing};

/// Writes what stands at `path` once more at `to`.
pub(super) fn copy(
    document: &mut DocumentMut,
    path: &PlanPath,
    to: &PlanPath,
) -> Result<(), EditError> {
    let missing = || EditError::Missing(path.clone());
    let (Some((Step::Key(key), above)), false) = (path.split_last(), path == to) else {
        return Err(missing());
    };
    let table = find_table(document, &above).ok_or_else(missing)?;
    let mut item = table.get(key).ok_or_else(missing)?.clone();
    make_new(&mut item);
    let Some((Step::Key(new), above)) = to.split_last() else {
        return Err(missing());
    };
    if find_table(document, &above).is_some_and(|table| table.contains_key(new)) {
        return Err(EditError::Taken(to.clone()));
    }
    if item.is_table() {
        // So that tables which only lead to the copy get no header.
        parent_for_writing(document, &to.clone().key(""))?;
    }
    let (table, key) = parent_for_writing(document, to)?;
    table.insert(key, item);
    Ok(())
}

/// Takes from something that was copied its place in the text and the comments about the original.
fn make_new(item: &mut Item) {
    match item {
        Item::Value(value) => value.decor_mut().clear(),
        Item::Table(table) => {
            table.set_position(None);
            table.decor_mut().clear();
            let keys = keys_of(table);
            for key in keys {
                if let Some(mut key) = table.key_mut(&key) {
                    key.leaf_decor_mut().clear();
                }
                if let Some(item) = table.get_mut(&key) {
                    make_new(item);
                }
            }
        }
        Item::ArrayOfTables(tables) => {
            for table in tables.iter_mut() {
                table.set_position(None);
                table.decor_mut().clear();
            }
        }
        Item::None => {}
    }
}
