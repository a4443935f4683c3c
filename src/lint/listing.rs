//! Lists in messages: short enough to be read, whatever the size of the plan.

/// The most that a message names.
pub(super) const MOST_NAMED: usize = 6;

/// `a, b, c`, or the first few `and 40 more`.
pub(super) fn listed(texts: impl IntoIterator<Item = String>) -> String {
    let mut texts: Vec<String> = texts.into_iter().collect();
    let n_more = texts.len().saturating_sub(MOST_NAMED);
    texts.truncate(MOST_NAMED);
    match n_more {
        0 => texts.join(", "),
        n => format!("{} and {n} more", texts.join(", ")),
    }
}

/// Names in backticks, as a list.
pub(super) fn named<T: std::fmt::Display>(names: impl IntoIterator<Item = T>) -> String {
    listed(names.into_iter().map(|name| format!("`{name}`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_says_how_many_more_there_are() {
        assert_eq!(named(["a", "b"]), "`a`, `b`");
        assert_eq!(
            named(["a", "b", "c", "d", "e", "f", "g", "h"]),
            "`a`, `b`, `c`, `d`, `e`, `f` and 2 more"
        );
    }
}
