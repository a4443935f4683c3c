//! Joins what was edited here with what was changed elsewhere meanwhile.

/// Both changes of `base` in one text; `None` where they touch the same lines.
pub fn merge(base: &str, mine: &str, theirs: &str) -> Option<String> {
    match () {
        () if mine == theirs || base == theirs => Some(mine.to_owned()),
        () if base == mine => Some(theirs.to_owned()),
        () => diffy::merge(base, mine, theirs).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_apart_are_joined_and_others_are_not() {
        let base = "a = 1\n\n# between\n\nb = 1\n";
        let (mine, theirs) = (
            base.replace("a = 1", "a = 2"),
            base.replace("b = 1", "b = 2"),
        );
        let both = mine.replace("b = 1", "b = 2");
        assert_eq!(merge(base, &mine, &theirs), Some(both));
        assert_eq!(merge(base, &mine, &base.replace("a = 1", "a = 3")), None);
        assert_eq!(merge(base, base, &theirs), Some(theirs.clone()));
        assert_eq!(merge(base, &mine, base), Some(mine));
    }
}
