//! The edits that are not saved, one by one, so that the lines of one are kept or given up together.

use crate::source::{Side, merge, merge_for};
use crate::tui::history::Patch;

/// How the text that the plan's file holds became the one that is edited.
#[derive(Clone, Debug, Default)]
pub struct Unsaved {
    steps: Vec<Step>,
}

#[derive(Clone, Debug)]
struct Step {
    patch: Patch,
    of: Of,
}

/// What a step is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// One edit, which is made as a whole or not at all.
    OneEdit,
    /// Edits that nobody can tell apart any more: each of their lines is one.
    Several,
}

impl Unsaved {
    /// A single step.
    pub fn of(of: Of, before: &str, after: &str) -> Unsaved {
        let mut unsaved = Unsaved::default();
        unsaved.push(of, before, after);
        unsaved
    }

    /// Notes another step; one that takes the last back leaves neither.
    pub fn push(&mut self, of: Of, before: &str, after: &str) {
        let patch = Patch::between("", before, after);
        match self.steps.last() {
            _ if before == after => {}
            Some(last) if last.patch.is_undone_by(&patch) => drop(self.steps.pop()),
            _ => self.steps.push(Step { patch, of }),
        }
    }

    /// Forgets all: they are saved, or given up.
    pub fn clear(&mut self) {
        self.steps.clear();
    }

    /// The same edits of `theirs` instead of `base`, of which they made `mine`, and the text that they give. Where
    /// an edit touches lines that were changed there too, it holds with all its lines or with none.
    pub fn onto(&self, side: Side, base: &str, mine: &str, theirs: &str) -> (Unsaved, String) {
        let (mut unsaved, mut text) = (Unsaved::default(), theirs.to_owned());
        let mut before = base.to_owned();
        for step in &self.steps {
            // What does not fit is made with all that follows it, below.
            let Some(after) = step.patch.made(&before) else {
                break;
            };
            text = unsaved.join(side, step.of, (&before, &after), &text);
            before = after;
        }
        // Whatever the steps do not account for is an edit all the same: it is seen, and must not get lost.
        text = unsaved.join(side, Of::Several, (&before, mine), &text);
        (unsaved, text)
    }

    /// Notes the step from `before` to `after` as one of `text`, and gives what it makes of it.
    fn join(&mut self, side: Side, of: Of, (before, after): (&str, &str), text: &str) -> String {
        let joined = match (merge(before, after, text), side, of) {
            (Some(joined), ..) => joined,
            (None, Side::Theirs, Of::OneEdit) => text.to_owned(),
            (None, ..) => merge_for(side, before, after, text),
        };
        self.push(of, text, &joined);
        joined
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "a = [1]\n\n#\n\nb = []\n\n#\n\nc = 1\n";
    const MINE: &str = "a = []\n\n#\n\nb = [1]\n\n#\n\nc = 2\n";

    /// `BASE` with 1 moved from `a` to `b`, then with another `c`.
    fn edits(of: Of) -> Unsaved {
        let moved = BASE.replace("[1]", "[]").replace("b = []", "b = [1]");
        let mut unsaved = Unsaved::of(of, BASE, &moved);
        unsaved.push(Of::OneEdit, &moved, &moved.replace("c = 1", "c = 2"));
        unsaved
    }

    #[test]
    fn an_edit_that_clashes_in_one_line_is_given_up_or_kept_in_all() {
        let theirs = BASE.replace("a = [1]", "a = [1, 2]");
        let onto = |of, side| edits(of).onto(side, BASE, MINE, &theirs).1;
        let c = theirs.replace("c = 1", "c = 2");
        assert_eq!(onto(Of::OneEdit, Side::Theirs), c);
        let moved = c.replace("b = []", "b = [1]");
        assert_eq!(onto(Of::Several, Side::Theirs), moved);
        let mine = moved.replace("[1, 2]", "[]");
        assert_eq!(onto(Of::OneEdit, Side::Mine), mine);
    }

    #[test]
    fn edits_stay_apart_when_the_file_changes_again_and_again() {
        let first = BASE.replacen('#', "# first", 1);
        let (unsaved, text) = edits(Of::OneEdit).onto(Side::Theirs, BASE, MINE, &first);
        assert!(text.contains("b = [1]") && text.contains("# first"));
        let second = first.replace("b = []", "b = [3]");
        let (_, text) = unsaved.onto(Side::Theirs, &first, &text, &second);
        assert_eq!(text, second.replace("c = 1", "c = 2"));
    }

    #[test]
    fn what_was_undone_is_no_edit() {
        let mut unsaved = edits(Of::OneEdit);
        let (_, text) = unsaved.onto(Side::Mine, BASE, MINE, BASE);
        unsaved.push(Of::OneEdit, &text, &text.replace("c = 2", "c = 1"));
        assert_eq!(unsaved.steps.len(), 1);
    }

    #[test]
    fn no_edit_gets_lost_where_one_before_it_does_not_fit() {
        let mut unsaved = edits(Of::OneEdit);
        // A step that none of these texts lets anybody make.
        unsaved
            .steps
            .insert(1, Unsaved::of(Of::OneEdit, "x", "y").steps.remove(0));
        let theirs = BASE.replacen('#', "# theirs", 1);
        for side in [Side::Mine, Side::Theirs] {
            let (again, text) = unsaved.onto(side, BASE, MINE, &theirs);
            assert_eq!(text, MINE.replacen('#', "# theirs", 1));
            // Nor when the file changes once more.
            let (_, text) = again.onto(side, &theirs, &text, BASE);
            assert_eq!(text, MINE);
        }
        let (_, text) = Unsaved::default().onto(Side::Mine, BASE, MINE, &theirs);
        assert_eq!(text, MINE.replacen('#', "# theirs", 1));
    }
}
