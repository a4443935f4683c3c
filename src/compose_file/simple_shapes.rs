//! The simple shapes that the tables of a compose file are made of.

use crate::compose_file::shape::{
    ANYTHING, FLAG, NULL, NUMBER, Others, Shape, TEXT, Table, WHOLE, list, scalar, table,
};

pub(super) const ANY: Shape = scalar(ANYTHING);
pub(super) const TEXT_ONLY: Shape = scalar(TEXT);
pub(super) const FLAG_ONLY: Shape = scalar(FLAG);
pub(super) const FLAG_OR_TEXT: Shape = scalar(FLAG | TEXT);
pub(super) const WHOLE_OR_TEXT: Shape = scalar(WHOLE | TEXT);
pub(super) const NUMBER_OR_TEXT: Shape = scalar(NUMBER | TEXT);
pub(super) const TEXTS: Shape = list(&TEXT_ONLY);
pub(super) const UNIQUE_TEXTS: Shape = TEXTS.unique();
pub(super) const TEXT_OR_TEXTS: Shape = UNIQUE_TEXTS.or(TEXT);
pub(super) const COMMAND: Shape = TEXTS.or(TEXT | NULL);

pub(super) const EXTENSIONS: Others = Others::Extensions;

/// A table in which nothing is required.
pub(super) const fn keys(of: &'static str, keys: &'static [(&'static str, Shape)]) -> Table {
    Table {
        of,
        keys,
        required: &[],
        others: EXTENSIONS,
    }
}

/// A table with keys of the user's own.
pub(super) const fn names(of: &'static str, each: Shape) -> Table {
    Table {
        of,
        keys: &[],
        required: &[],
        others: Others::Names(each),
    }
}

/// A table with any keys.
pub(super) const fn pairs(of: &'static str, each: Shape) -> Table {
    Table {
        of,
        keys: &[],
        required: &[],
        others: Others::Any(each),
    }
}

pub(super) const PAIRS: Shape = table(&pairs("a variable", scalar(TEXT | NUMBER | FLAG | NULL)))
    .or_list(&TEXT_ONLY)
    .unique();
pub(super) const OPTIONS: Shape = table(&pairs("an option", NUMBER_OR_TEXT));
pub(super) const EXTRA_HOSTS: Shape = table(&pairs("a host", TEXTS.or(TEXT)))
    .or_list(&TEXT_ONLY)
    .unique();
