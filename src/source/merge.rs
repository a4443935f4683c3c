//! Joins what was edited here with what was changed elsewhere meanwhile.

use diffy::{ConflictStyle, MergeOptions};

/// Whose lines hold where both changed the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Those that were edited here.
    Mine,
    /// Those that were changed elsewhere.
    Theirs,
}

/// Both changes of `base` in one text; `None` where they touch the same lines.
pub fn merge(base: &str, mine: &str, theirs: &str) -> Option<String> {
    match () {
        () if mine == theirs || base == theirs => Some(mine.to_owned()),
        () if base == mine => Some(theirs.to_owned()),
        () => diffy::merge(base, mine, theirs).ok(),
    }
}

/// Both changes of `base` in one text; where they touch the same lines, those of one side.
pub fn merge_for(side: Side, base: &str, mine: &str, theirs: &str) -> String {
    // The mark of a conflict begins a line, which the last one may leave open.
    let [base, mine, theirs] = [base, mine, theirs].map(|text| match text.ends_with('\n') {
        true => text.to_owned(),
        false => format!("{text}\n"),
    });
    // Marks that are longer than whatever in the texts looks like one.
    let runs = [&base, &mine, &theirs].map(|text| text.lines().map(longest_run).max());
    let length = runs.into_iter().flatten().max().unwrap_or_default() + 7;
    let mut options = MergeOptions::new();
    options
        .set_conflict_marker_length(length)
        .set_conflict_style(ConflictStyle::Merge);
    let marked = match options.merge(&base, &mine, &theirs) {
        Ok(merged) => return merged,
        Err(marked) => marked,
    };
    let [begin, middle, end] = ['<', '=', '>'].map(|mark| mark.to_string().repeat(length));
    let mut of = None;
    let lines = marked.split_inclusive('\n').filter(|line| {
        let mark = [
            (&begin, Some(Side::Mine)),
            (&middle, Some(Side::Theirs)),
            (&end, None),
        ];
        let mark = mark.iter().find(|(mark, _)| line.starts_with(*mark));
        if let Some((_, next)) = mark {
            of = *next;
        }
        mark.is_none() && of.is_none_or(|of| of == side)
    });
    lines.collect()
}

/// How often the character that a line begins with is repeated there.
fn longest_run(line: &str) -> usize {
    let first = line.chars().next();
    line.chars().take_while(|c| Some(*c) == first).count()
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

    #[test]
    fn what_does_not_clash_is_taken_from_both_whoever_wins() {
        let base = "a = 1\n\n# =======\n\nb = 1\n\n#\n\nc = 1";
        let mine = base.replace("a = 1", "a = 2").replace("c = 1", "c = 2");
        let theirs = base
            .replace("a = 1", "<<<<<<< = 3")
            .replace("b = 1", "b = 3");
        let (joined, c) = (base.replace("b = 1", "b = 3"), ("c = 1", "c = 2\n"));
        let joined = joined.replace(c.0, c.1);
        let both = |side| merge_for(side, base, &mine, &theirs);
        assert_eq!(both(Side::Mine), joined.replace("a = 1", "a = 2"));
        assert_eq!(both(Side::Theirs), joined.replace("a = 1", "<<<<<<< = 3"));
        assert_eq!(
            merge_for(Side::Mine, base, base, &theirs),
            theirs.clone() + "\n"
        );
    }
}
