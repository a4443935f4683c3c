//! Lists whose comments stay with the elements that they are about.
//!
//! The parser gives a comment that follows an element's comma to the next element. Here a list is
//! taken apart so that every element has its own comments, changed, and put together again.

use toml_edit::{Array, RawString, Value};

/// A list, taken apart.
pub(super) struct Parts {
    /// A comment on the line of the opening bracket.
    lead: String,
    items: Vec<Part>,
    /// What stands before the closing bracket, from the last element's line break on.
    end: String,
    trailing_comma: bool,
}

struct Part {
    /// Line breaks, comment lines and blanks before the element.
    before: String,
    value: Value,
    /// What stands between the element and its comma.
    after: String,
    /// The comment that follows on the same line.
    tail: String,
}

impl Parts {
    /// Takes `list` apart; it is empty until it is put together again.
    pub(super) fn take(list: &mut Array) -> Parts {
        let trailing = raw(Some(list.trailing()));
        let trailing_comma = list.trailing_comma();
        let values: Vec<Value> = list.iter().cloned().collect();
        list.clear();
        let mut parts = Parts {
            lead: String::new(),
            items: Vec::with_capacity(values.len()),
            end: String::new(),
            trailing_comma,
        };
        for mut value in values {
            let gap = raw(value.decor().prefix());
            let after = raw(value.decor().suffix());
            value.decor_mut().clear();
            let before = parts.end_line(&gap);
            parts.items.push(Part {
                before,
                value,
                after,
                tail: String::new(),
            });
        }
        let mut rest = trailing;
        if let Some(last) = parts.items.last_mut().filter(|_| !trailing_comma) {
            rest.insert_str(0, &std::mem::take(&mut last.after));
        }
        parts.end = parts.end_line(&rest);
        parts
    }

    /// Gives the comment that a gap begins with to the element above; what is left of the gap.
    fn end_line(&mut self, gap: &str) -> String {
        let (line, rest) = gap.split_at(gap.find('\n').unwrap_or(gap.len()));
        if !line.contains('#') {
            return gap.to_owned();
        }
        *self.last_tail() = line.to_owned();
        rest.to_owned()
    }

    fn last_tail(&mut self) -> &mut String {
        match self.items.last_mut() {
            Some(last) => &mut last.tail,
            None => &mut self.lead,
        }
    }

    /// Takes an element away with the comments that are about it alone.
    pub(super) fn remove(&mut self, at: usize) {
        let removed = self.items.remove(at);
        let (kept, own) = removed.before.split_at(start_of_own(&removed.before));
        let own_blanks = &own[own.rfind('\n').unwrap_or(0)..];
        if at > 0 && !removed.before.contains('\n') {
            // The line is shared, and so is its comment.
            self.items[at - 1].tail.push_str(&removed.tail);
        }
        match self.items.get_mut(at) {
            Some(next) => {
                if !next.before.contains('\n') && (at == 0 || own_blanks.contains('\n')) {
                    own_blanks.clone_into(&mut next.before);
                }
                next.before.insert_str(0, kept);
            }
            None => self.end.insert_str(0, kept),
        }
        if self.items.is_empty() && !self.lead.contains('#') && !self.end.contains('#') {
            self.end.clear();
        }
    }

    /// Adds an element at the end, on a line of its own where the others have theirs.
    pub(super) fn push(&mut self, text: &str) {
        let of_others = self.items.iter().rev().find_map(|item| {
            let line_break = item.before.rfind('\n')?;
            Some(item.before[line_break..].to_owned())
        });
        let before = match of_others {
            Some(before) => before,
            None if self.last_tail().contains('#') || self.end.contains('#') => {
                let closing = self.end.rfind('\n').map_or("\n", |at| &self.end[at..]);
                format!("{closing}    ")
            }
            None if self.items.is_empty() => String::new(),
            None => " ".to_owned(),
        };
        // Comment lines above the closing bracket stay above the new element.
        let comments = self.end.rfind('#').and_then(|hash| {
            let line_break = self.end[hash..].find('\n')?;
            Some(self.end.drain(..hash + line_break).collect::<String>())
        });
        self.items.push(Part {
            before: comments.unwrap_or_default() + &before,
            value: Value::from(text),
            after: String::new(),
            tail: String::new(),
        });
    }

    /// Puts the list together again.
    pub(super) fn put(mut self, list: &mut Array) {
        if self.last_tail().contains('#') && !self.end.starts_with(['\n', '\r']) {
            self.end.insert(0, '\n');
        }
        let has_items = !self.items.is_empty();
        let mut tail = self.lead;
        for item in self.items {
            let prefix = tail + &item.before;
            list.push_formatted(item.value.decorated(prefix, item.after));
            tail = item.tail;
        }
        list.set_trailing(tail + &self.end);
        list.set_trailing_comma(self.trailing_comma && has_items);
    }
}

/// Where the comments begin that are about the element alone: below the last blank line, if there are
/// comments above that; what is above a blank line is about more than one element.
fn start_of_own(before: &str) -> usize {
    let mut at = before.len();
    while let Some(line_break) = before[..at].rfind('\n') {
        let above = before[..line_break].rfind('\n').map_or(0, |at| at + 1);
        let is_blank = line_break > 0 && before[above..line_break].trim().is_empty() && above > 0;
        if is_blank && before[..above].contains('#') {
            return line_break;
        }
        at = line_break;
    }
    0
}

fn raw(text: Option<&RawString>) -> String {
    text.and_then(RawString::as_str)
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use crate::model::{Edit, PlanPath};
    use crate::source::apply;

    fn list() -> PlanPath {
        PlanPath::keys(["runs"])
    }

    #[track_caller]
    fn removes(text: &str, before: &str, after: &str) {
        let path = list().item(text);
        let mended = apply(before, &[Edit::Remove { path }]).expect("it applies");
        assert_eq!(mended, after);
        mended
            .parse::<toml_edit::DocumentMut>()
            .expect("still TOML");
    }

    #[track_caller]
    fn pushes(before: &str, after: &str) {
        let push = Edit::Push {
            path: list(),
            text: "new".into(),
        };
        assert_eq!(apply(before, &[push]).expect("it applies"), after);
    }

    #[test]
    fn an_element_goes_with_its_own_comments() {
        removes(
            "db",
            "runs = [\n  # the app\n  \"web\", # the app itself\n  # the database\n  \"db\",   # big one\n  \"kv\", # small\n]\n",
            "runs = [\n  # the app\n  \"web\", # the app itself\n  \"kv\", # small\n]\n",
        );
        removes(
            "web",
            "runs = [ # all\n  \"web\", # the app\n  # the database\n  \"db\", # big\n]\n",
            "runs = [ # all\n  # the database\n  \"db\", # big\n]\n",
        );
        removes(
            "db",
            "runs = [\n  \"web\", # the app\n  \"db\" # big\n]\n",
            "runs = [\n  \"web\" # the app\n]\n",
        );
        removes(
            "db",
            "runs = [\n  \"web\", # the app\n  \"db\"]\n",
            "runs = [\n  \"web\" # the app\n]\n",
        );
    }

    #[test]
    fn comments_about_more_than_one_element_stay() {
        removes(
            "db",
            "runs = [\n  \"web\",\n\n  # Stores.\n\n  # the database\n  \"db\", # big\n  \"kv\",\n]\n",
            "runs = [\n  \"web\",\n\n  # Stores.\n\n  \"kv\",\n]\n",
        );
        removes(
            "db",
            "runs = [\n  \"web\", \"db\", # both\n  \"kv\",\n]\n",
            "runs = [\n  \"web\", # both\n  \"kv\",\n]\n",
        );
    }

    #[test]
    fn lists_on_one_line_stay_on_it() {
        removes("web", "runs = [\"web\", \"db\"]\n", "runs = [\"db\"]\n");
        removes("db", "runs = [ \"web\", \"db\" ]\n", "runs = [ \"web\" ]\n");
        removes("db", "runs = [\n  \"db\",\n]\n", "runs = []\n");
        pushes("runs = [\"web\"] # x\n", "runs = [\"web\", \"new\"] # x\n");
        pushes("runs = []\n", "runs = [\"new\"]\n");
    }

    #[test]
    fn a_new_element_has_its_own_line_and_the_comment_above_stays() {
        pushes(
            "runs = [\n    \"web\", # the app itself\n]\n",
            "runs = [\n    \"web\", # the app itself\n    \"new\",\n]\n",
        );
        pushes(
            "runs = [\n    \"web\" # the app itself\n]\n",
            "runs = [\n    \"web\", # the app itself\n    \"new\"\n]\n",
        );
        pushes(
            "runs = [\n    \"web\",\n    # the end\n]\n",
            "runs = [\n    \"web\",\n    # the end\n    \"new\",\n]\n",
        );
        pushes(
            "runs = [\"web\", # the app\n]\n",
            "runs = [\"web\", # the app\n    \"new\",\n]\n",
        );
    }

    #[test]
    fn lists_in_inline_tables_keep_their_lines() {
        let before =
            "hosts = { a = { runs = [\n  \"web\", # app\n  \"db\", # store\n] }, b = 1 }\n";
        let path = PlanPath::keys(["hosts", "a", "runs"]);
        let push = Edit::Push {
            path: path.clone(),
            text: "new".into(),
        };
        let after = before.replace("# store\n", "# store\n  \"new\",\n");
        assert_eq!(apply(before, &[push]).as_deref(), Ok(after.as_str()));
        let remove = Edit::Remove {
            path: path.item("db"),
        };
        let after = before.replace("  \"db\", # store\n", "");
        assert_eq!(apply(before, &[remove]).as_deref(), Ok(after.as_str()));
        let rename = Edit::Rename {
            path: PlanPath::keys(["hosts", "a"]),
            to: "c".into(),
        };
        let after = before.replace("{ a =", "{ c =");
        assert_eq!(apply(before, &[rename]).as_deref(), Ok(after.as_str()));
    }
}
