//! Lists whose comments stay with the elements that they are about.
//!
//! The parser gives a comment that follows an element's comma to the next element. Here a list is
//! taken apart so that every element has its own comments, changed, and put together again.

use std::collections::BTreeMap;

use toml_edit::{Array, RawString, Value};

use crate::model::{PlanPath, Step};

/// Comments about one element of a list alone.
#[derive(Clone, Debug, Default)]
pub(super) struct Comments {
    /// Those in lines of their own above it.
    above: Vec<String>,
    /// The one behind it.
    behind: Option<String>,
}

impl Comments {
    fn is_empty(&self) -> bool {
        self.above.is_empty() && self.behind.is_none()
    }

    /// Puts the comments about the same element, which stood further up, above these.
    pub(super) fn put_above(&mut self, upper: Comments) {
        let both = upper.behind.is_some() && self.behind.is_some();
        let own = std::mem::replace(&mut self.above, upper.above);
        let (first, second) = match both {
            true => (upper.behind, self.behind.take()),
            false => (None, upper.behind.or(self.behind.take())),
        };
        self.above.extend(first);
        self.above.extend(own);
        self.behind = second;
    }
}

/// Comments of elements that were taken off a list, until the elements are added to one of the same name: what an
/// edit moves takes its comments along.
#[derive(Clone, Debug, Default)]
pub(super) struct Carried(BTreeMap<(Step, String), Comments>);

impl Carried {
    /// Remembers the comments of an element that was taken off `list`.
    pub(super) fn pick_up(&mut self, list: &PlanPath, element: &str, comments: Comments) {
        if let (Some((name, _)), false) = (list.split_last(), comments.is_empty()) {
            let key = (name.clone(), element.to_owned());
            self.0.entry(key).or_default().put_above(comments);
        }
    }

    /// The comments of an element that is added to `list`; they are given once.
    pub(super) fn put_down(&mut self, list: &PlanPath, element: &str) -> Comments {
        let name = list.split_last().map(|(name, _)| name.clone());
        let found = name.and_then(|name| self.0.remove(&(name, element.to_owned())));
        found.unwrap_or_default()
    }
}

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

    /// Takes an element away with the comments that are about it alone, which are returned.
    pub(super) fn remove(&mut self, at: usize) -> Comments {
        let mut removed = self.items.remove(at);
        let mut comments = Comments::default();
        if at > 0 && !removed.before.contains('\n') {
            // The line is shared, and so is its comment.
            let tail = std::mem::take(&mut removed.tail);
            self.items[at - 1].tail.push_str(&tail);
        }
        let shares_line = |next: &&mut Part| !next.before.contains('\n');
        if let Some(next) = self.items.get_mut(at).filter(shares_line)
            && removed.before.contains('#')
        {
            // What stands above the line is about the next one too.
            next.before = std::mem::take(&mut removed.before);
        }
        let (kept, own) = removed.before.split_at(start_of_own(&removed.before));
        let own_blanks = &own[own.rfind('\n').unwrap_or(0)..];
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
        comments.above.extend(comments_in(own));
        let mut behind: Vec<String> = comments_in(&removed.after).collect();
        behind.extend(comments_in(&removed.tail));
        comments.behind = behind.pop();
        comments.above.extend(behind);
        comments
    }

    /// Adds an element at the end, on a line of its own where the others have theirs or comments come with it.
    pub(super) fn push(&mut self, text: &str, with: Comments) {
        if !with.is_empty() {
            self.break_lines();
        }
        let of_others = self.items.iter().rev().find_map(|item| {
            let line_break = item.before.rfind('\n')?;
            Some(item.before[line_break..].to_owned())
        });
        let has_comment = self.last_tail().contains('#') || self.end.contains('#');
        let before = match of_others {
            Some(before) => before,
            None if has_comment || !with.is_empty() => {
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
        let mut above = comments.unwrap_or_default();
        for comment in &with.above {
            above.push_str(&before);
            above.push_str(comment);
        }
        let tail = with.behind.map(|comment| format!(" {comment}"));
        self.items.push(Part {
            before: above + &before,
            value: Value::from(text),
            after: String::new(),
            tail: tail.unwrap_or_default(),
        });
    }

    /// Gives every element of a list on one line a line of its own.
    fn break_lines(&mut self) {
        let is_broken = self.end.contains('\n')
            || self.lead.contains('#')
            || self
                .items
                .iter()
                .any(|item| (item.before.clone() + &item.after).contains('\n'));
        if is_broken {
            return;
        }
        for item in &mut self.items {
            "\n    ".clone_into(&mut item.before);
            item.after.clear();
        }
        "\n".clone_into(&mut self.end);
        self.trailing_comma = true;
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

/// The comments in what stands between elements.
fn comments_in(gap: &str) -> impl Iterator<Item = String> + '_ {
    let comments = gap
        .lines()
        .filter_map(|line| line.find('#').map(|at| &line[at..]));
    comments.map(|comment| comment.trim_end().to_owned())
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

    const MOVE_TO: &str = "[b]\nruns = [\"kv\"] # theirs\n";

    fn moved(from: &str, to: &str, element: &str) -> String {
        let list = |table: &str| PlanPath::keys([table, "runs"]);
        let path = list("a").item(element);
        let text = element.to_owned();
        let push = Edit::Push {
            path: list("b"),
            text,
        };
        let before = format!("[a]\n{from}{to}");
        let after = apply(&before, &[Edit::Remove { path }, push]).expect("it applies");
        after.parse::<toml_edit::DocumentMut>().expect("still TOML");
        after
    }

    #[test]
    fn an_element_that_moves_takes_its_comments_along() {
        let from = "runs = [\n  \"web\", # licence bound\n  # the store\n  \"db\", # big disk\n]\n";
        assert_eq!(
            moved(from, MOVE_TO, "db"),
            "[a]\nruns = [\n  \"web\", # licence bound\n]\n[b]\nruns = [\n    \"kv\",\n    # the store\n    \"db\", # big disk\n] # theirs\n"
        );
        assert_eq!(
            moved(from, "[b]\nruns = []\n", "web"),
            "[a]\nruns = [\n  # the store\n  \"db\", # big disk\n]\n[b]\nruns = [\n    \"web\", # licence bound\n]\n"
        );
        let to = "[b]\nruns = [\n  \"kv\" # small\n  # the end\n]\n";
        assert_eq!(
            moved(from, to, "db"),
            "[a]\nruns = [\n  \"web\", # licence bound\n]\n[b]\nruns = [\n  \"kv\", # small\n  # the end\n  # the store\n  \"db\" # big disk\n]\n"
        );
        assert_eq!(
            moved("runs = [\"web\", \"db\"] # both\n", MOVE_TO, "db"),
            "[a]\nruns = [\"web\"] # both\n[b]\nruns = [\"kv\", \"db\"] # theirs\n"
        );
    }

    #[test]
    fn a_part_of_a_long_text_takes_its_comments_along_too() {
        let filler = format!("[c]\nfill = \"{}\"\n", "x".repeat(60_000));
        let host =
            |host: &str, runs: &str| format!("[environments.prod.hosts.{host}]\nruns = [{runs}]\n");
        let before = host("a", "\n  \"web\",\n  \"db\", # big\n") + &host("b", "") + &filler;
        let before = format!("name = \"shop\"\n{before}");
        let after = host("a", "\n  \"web\",\n") + &host("b", "\n    \"db\", # big\n") + &filler;
        let push = Edit::Push {
            path: PlanPath::host("prod", "b").key("runs"),
            text: "db".to_owned(),
        };
        let path = PlanPath::placement("prod", "a", "db");
        let edits = [Edit::Remove { path }, push];
        assert_eq!(
            apply(&before, &edits),
            Ok(format!("name = \"shop\"\n{after}"))
        );
    }

    #[test]
    fn no_comment_is_lost_by_moving_wherever_it_stands() {
        let lists = [
            "[ # c0\n  # c1\n  \"a\", # c2\n  # c3\n  \"b\", # c4\n\n  # c5\n\n  # c6\n  \"c\", # c7\n  # c8\n]",
            "[\n  \"a\" # c0\n  , \"b\" # c1\n  # c2\n  , \"c\" # c3\n]",
            "[ # c0\n  # c1\n  \"a\", \"b\", # c2\n  # c3\n  \"c\"\n  # c4\n]",
            "[\"a\", # c0\n\"b\", \"c\" # c1\n]",
            "[\"a\", \"b\", \"c\"] # c0",
            "[\n  # c0\n  \"a\",\n  # c1\n  \"b\", \"c\", # c2\n]",
        ];
        for list in lists {
            for element in ["a", "b", "c"] {
                let from = format!("runs = {list}\n");
                for to in ["\"x\"", "", "\n \"x\", # x\n # y\n"] {
                    let to = format!("[b]\nruns = [{to}]\n");
                    let after = moved(&from, &to, element);
                    let comments = list.matches('#').count();
                    for nth in 0..comments {
                        let comment = format!("# c{nth}");
                        assert_eq!(after.matches(&comment).count(), 1, "{comment} of {after}");
                    }
                    assert_eq!(
                        after.matches('#').count(),
                        comments + to.matches('#').count()
                    );
                }
            }
        }
    }
}
