//! Changes of plans as texts: random ones, comments everywhere, tables in another order.

use std::collections::BTreeMap;

use backstay::model::Edit;
use proptest::prelude::*;
use proptest::sample::Index;

/// A plan in which many rules find something that a fix can mend.
pub fn fixable() -> &'static str {
    include_str!("fixable.toml")
}

/// A change of a text.
#[derive(Clone, Debug)]
pub enum Mutation {
    /// A line goes.
    DeleteLine(Index),
    /// A line stands twice.
    DuplicateLine(Index),
    /// Two lines change places.
    SwapLines(Index, Index),
    /// A line gives way to one of another plan.
    ReplaceLine(Index, Index),
    /// A word gives way to one of another plan.
    ReplaceWord(Index, Index),
    /// A text is put in somewhere.
    Insert(Index, String),
    /// The text ends early.
    Truncate(Index),
}

impl Arbitrary for Mutation {
    type Parameters = ();
    type Strategy = BoxedStrategy<Mutation>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        let index = any::<Index>;
        let pieces = prop_oneof![
            Just("[".to_owned()),
            Just("]]\n".to_owned()),
            Just("\"".to_owned()),
            Just("\"\"\"".to_owned()),
            Just(" = ".to_owned()),
            Just("\n".to_owned()),
            Just(" # comment\n".to_owned()),
            Just("{ x = [".to_owned()),
            "[ -~]{0,6}",
            any::<String>(),
        ];
        prop_oneof![
            3 => index().prop_map(Mutation::DeleteLine),
            2 => index().prop_map(Mutation::DuplicateLine),
            2 => (index(), index()).prop_map(|(a, b)| Mutation::SwapLines(a, b)),
            3 => (index(), index()).prop_map(|(a, b)| Mutation::ReplaceLine(a, b)),
            6 => (index(), index()).prop_map(|(a, b)| Mutation::ReplaceWord(a, b)),
            1 => (index(), pieces).prop_map(|(at, text)| Mutation::Insert(at, text)),
            1 => index().prop_map(Mutation::Truncate),
        ]
        .boxed()
    }
}

/// `text` with the changes, whose new lines and words come from `source`.
pub fn changed(text: &str, source: &str, changes: &[Mutation]) -> String {
    let mut text = text.to_owned();
    for change in changes {
        let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
        if lines.is_empty() {
            break;
        }
        let count = lines.len();
        text = match change {
            Mutation::DeleteLine(at) => {
                lines.remove(at.index(count));
                lines.concat()
            }
            Mutation::DuplicateLine(at) => {
                lines.insert(at.index(count), lines[at.index(count)]);
                lines.concat()
            }
            Mutation::SwapLines(a, b) => {
                lines.swap(a.index(count), b.index(count));
                lines.concat()
            }
            Mutation::ReplaceLine(at, by) => {
                let others: Vec<&str> = source.split_inclusive('\n').collect();
                lines[at.index(count)] = by.get::<&str>(&others);
                lines.concat()
            }
            Mutation::ReplaceWord(at, by) => {
                let (own, others) = (words(&text), words(source));
                match own.is_empty() {
                    true => text.clone(),
                    false => {
                        let (start, end) = *at.get(&own);
                        let (from, to) = *by.get(&others);
                        format!("{}{}{}", &text[..start], &source[from..to], &text[end..])
                    }
                }
            }
            Mutation::Insert(at, piece) => {
                let at = boundary(&text, at.index(text.len() + 1));
                format!("{}{piece}{}", &text[..at], &text[at..])
            }
            Mutation::Truncate(at) => text[..boundary(&text, at.index(text.len() + 1))].to_owned(),
        };
    }
    text
}

/// Where words are: what stands between blanks and marks.
fn words(text: &str) -> Vec<(usize, usize)> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (c.is_alphanumeric() || "-_.:/".contains(c), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                words.push((from, at));
                start = None;
            }
            _ => {}
        }
    }
    words
}

fn boundary(text: &str, at: usize) -> usize {
    (0..=at)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0)
}

/// `text` with its tables in another order; what stands before the first stays there.
pub fn shuffled(text: &str, order: &[u32]) -> String {
    let mut tables: Vec<String> = vec![String::new()];
    for line in text.split_inclusive('\n') {
        if line.starts_with('[') {
            tables.push(String::new());
        }
        let last = tables.last_mut().expect("there is one at least");
        last.push_str(line);
    }
    let first = tables.remove(0);
    let mut ranked: Vec<(u32, String)> = tables
        .into_iter()
        .enumerate()
        .map(|(index, table)| (order[index % order.len()], table))
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    let tables: String = ranked.into_iter().map(|(_, table)| table).collect();
    format!("{first}{tables}")
}

/// `text` with a comment of its own at the end of every line and above it.
pub fn marked(text: &str) -> String {
    let mut in_text = false;
    let mut marked = String::new();
    for (number, line) in text.lines().enumerate() {
        let was_in_text = in_text;
        in_text ^= line.matches("\"\"\"").count() % 2 == 1;
        if !was_in_text {
            marked.push_str(&format!("# above {number}.\n"));
        }
        marked.push_str(line);
        if !in_text {
            marked.push_str(&format!(" # beside {number}."));
        }
        marked.push('\n');
    }
    marked
}

/// Comments of `before` that `after` has lost although what they belong to is still there.
pub fn lost_comments(before: &str, after: &str, edits: &[Edit]) -> Vec<String> {
    let removes = edits
        .iter()
        .any(|edit| matches!(edit, Edit::Remove { .. } | Edit::RemoveRepeats { .. }));
    let kept = code_lines(after);
    let old = code_lines(before);
    let gone = |code: &str| kept.get(code).unwrap_or(&0) < old.get(code).unwrap_or(&0);
    let lines: Vec<(&str, &str)> = before.lines().map(split_comment).collect();
    let mut lost = Vec::new();
    for (index, (code, comment)) in lines.iter().enumerate() {
        if comment.is_empty() || after.contains(comment) {
            continue;
        }
        // A comment above a line belongs to that line.
        let owner = match code.is_empty() {
            true => lines[index..]
                .iter()
                .map(|(code, _)| *code)
                .find(|code| !code.is_empty()),
            false => Some(*code),
        };
        if !(removes && owner.is_some_and(gone)) {
            lost.push((*comment).to_owned());
        }
    }
    lost
}

/// How often each line without its comment stands in a text.
fn code_lines(text: &str) -> BTreeMap<&str, usize> {
    let mut count = BTreeMap::new();
    for (code, _) in text.lines().map(split_comment) {
        *count.entry(code).or_insert(0) += 1;
    }
    count
}

/// A line's code and its last comment; `#` inside quotes is code.
fn split_comment(line: &str) -> (&str, &str) {
    let mut quote = None;
    for (at, c) in line.char_indices() {
        match (c, quote) {
            ('#', None) => return (line[..at].trim(), &line[at..]),
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            _ => {}
        }
    }
    (line.trim(), "")
}
