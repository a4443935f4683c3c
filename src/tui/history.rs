//! What was edited, so that it can be undone and done again: without limit, also across saves.

/// The edits that were made, and those that were undone.
#[derive(Clone, Debug, Default)]
pub struct History {
    done: Vec<Patch>,
    undone: Vec<Patch>,
}

/// One edit: the part of the text that it replaced. A plan can be large and its edits are small.
#[derive(Clone, Debug)]
pub struct Patch {
    title: String,
    at: usize,
    old: String,
    new: String,
}

impl History {
    /// Notes an edit that made `after` of `before`; what was undone is forgotten.
    pub fn push(&mut self, title: &str, before: &str, after: &str) {
        self.undone.clear();
        self.done.push(Patch::between(title, before, after));
    }

    /// What would be undone next.
    pub fn undo_title(&self) -> Option<&str> {
        self.done.last().map(|patch| patch.title.as_str())
    }

    /// What would be done again next.
    pub fn redo_title(&self) -> Option<&str> {
        self.undone.last().map(|patch| patch.title.as_str())
    }

    /// `text` without the last edit.
    pub fn before(&self, text: &str) -> Option<String> {
        let patch = self.done.last()?;
        patch.applied(text, &patch.new, &patch.old)
    }

    /// `text` with the edit that was undone last.
    pub fn after(&self, text: &str) -> Option<String> {
        let patch = self.undone.last()?;
        patch.made(text)
    }

    /// Notes that the last edit was undone.
    pub fn undo(&mut self) {
        self.undone.extend(self.done.pop());
    }

    /// Notes that the edit was made again that was undone last.
    pub fn redo(&mut self) {
        self.done.extend(self.undone.pop());
    }
}

impl Patch {
    /// What made `after` of `before`.
    pub fn between(title: &str, before: &str, after: &str) -> Patch {
        let same = before
            .bytes()
            .zip(after.bytes())
            .take_while(|(a, b)| a == b);
        let mut at = same.count();
        while !(before.is_char_boundary(at) && after.is_char_boundary(at)) {
            at -= 1;
        }
        let (old, new) = (&before[at..], &after[at..]);
        let same = old
            .bytes()
            .rev()
            .zip(new.bytes().rev())
            .take_while(|(a, b)| a == b);
        let mut end = same.count();
        let is_cut = |text: &str, end: usize| text.is_char_boundary(text.len() - end);
        while !(is_cut(old, end) && is_cut(new, end)) {
            end -= 1;
        }
        Patch {
            title: title.to_owned(),
            at,
            old: old[..old.len() - end].to_owned(),
            new: new[..new.len() - end].to_owned(),
        }
    }

    /// `text` with what it changed.
    pub fn made(&self, text: &str) -> Option<String> {
        self.applied(text, &self.old, &self.new)
    }

    /// Whether another takes it back.
    pub fn is_undone_by(&self, other: &Patch) -> bool {
        self.at == other.at && self.old == other.new && self.new == other.old
    }

    /// `text` with `new` where `old` stands.
    fn applied(&self, text: &str, old: &str, new: &str) -> Option<String> {
        let (before, rest) = text.split_at_checked(self.at)?;
        let rest = rest.strip_prefix(old)?;
        Some(format!("{before}{new}{rest}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_is_undone_and_done_again_to_the_byte() {
        let texts = ["a = 1\n", "ä = 1\n", "ö = 12\n", "", "ö = 12\n# x", "a"];
        let mut history = History::default();
        for pair in texts.windows(2) {
            history.push(pair[1], pair[0], pair[1]);
        }
        let mut text = texts[5].to_owned();
        for before in texts[..5].iter().rev() {
            text = history.before(&text).expect("there is more");
            history.undo();
            assert_eq!(text, *before);
        }
        assert!(history.before(&text).is_none());
        for after in &texts[1..] {
            assert_eq!(history.redo_title(), Some(*after));
            text = history.after(&text).expect("there is more");
            history.redo();
            assert_eq!(text, *after);
        }
        history.undo();
        history.push("other", texts[4], "b");
        assert_eq!(history.redo_title(), None);
        assert_eq!(history.undo_title(), Some("other"));
    }
}
