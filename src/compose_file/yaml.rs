//! YAML text to values with their places: anchors, merge keys and tags as Compose takes them, within bounds.

use std::collections::HashMap;

use granit_parser::{ErrorKind, Event, Options, Parser, ScalarStyle, ScanError, Span, Tag};

use crate::compose_file::fault::{Fault, Read};
use crate::compose_file::node::{Mark, Node, Place, Value};
use crate::compose_file::scalar;
use crate::compose_file::table::{MERGE, Table, no_key};
use crate::parallel::{self, Amount};

/// Most values that all files of an import may hold together, with what anchors repeat: beyond it a few lines
/// of anchors could ask for any amount of memory.
const MOST_VALUES: usize = 500_000;

/// From this many bytes on a file is parsed while values are made of what is parsed already.
const LONG: usize = 100_000;

/// How deep lists and tables may be nested.
const DEEPEST: usize = 64;

/// How many values may still be read.
#[derive(Debug)]
pub(super) struct Budget(usize);

impl Default for Budget {
    fn default() -> Budget {
        Budget(MOST_VALUES)
    }
}

impl Budget {
    /// Takes note of values that are kept; a fault at `place` if they are too many.
    pub fn spend(&mut self, values: usize, place: Place) -> Read<()> {
        self.0 = self.0.checked_sub(values).ok_or_else(|| {
            Fault::at(
                place,
                format!(
                    "the files hold more than {MOST_VALUES} values with what their anchors repeat"
                ),
            )
            .help("import fewer files at once, or repeat less through anchors")
        })?;
        Ok(())
    }
}

/// The documents of a file, in order. A file that holds nothing has none.
pub(super) fn documents(text: &str, file: u32, budget: &mut Budget) -> Read<Vec<Node>> {
    let mut options = Options::default();
    options.set_emit_comments(false);
    options.flow_nesting_limit = DEEPEST;
    options.block_nesting_limit = DEEPEST;
    let bom = text.len() - text.trim_start_matches('\u{feff}').len();
    let mut builder = Builder {
        file,
        offset: bom,
        budget,
        frames: Vec::new(),
        anchors: HashMap::new(),
        documents: Vec::new(),
        explicit: false,
    };
    let amount = match text.len() < LONG {
        true => Amount::Little,
        false => Amount::Much,
    };
    let events = Parser::new_from_str_with_options(&text[bom..], options);
    parallel::ahead(amount, events, |event| {
        let (event, span) = event.map_err(|error| {
            let at = error.marker().byte_offset().unwrap_or_default();
            syntax_fault(&error, builder.place(at..at + 1))
        })?;
        builder.take(event, &span)
    })?;
    Ok(builder.documents)
}

fn syntax_fault(error: &ScanError, place: Place) -> Box<Fault> {
    if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
        return too_deep(place);
    }
    let fault = Fault::at(place, format!("this is not YAML: {}", said(&error.info())));
    match error.kind() {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart => {
            fault.help("YAML takes no tabs there: indent with spaces")
        }
        ErrorKind::UnclosedQuotedScalar
        | ErrorKind::InvalidQuotedScalarIndent
        | ErrorKind::DocumentIndicatorInQuotedScalar => {
            fault.help("a quote is open: close it where the text ends")
        }
        ErrorKind::MappingValueNotAllowed => {
            fault.help("put a text that holds `: ` in quotes, or begin a new line for the key")
        }
        _ => fault,
    }
}

/// What the parser says, in lower case and without a full stop, with one sort of quotes.
fn said(info: &str) -> String {
    let mut said = info.trim_end_matches('.').replace('\'', "`");
    if let Some(first) = said.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    said
}

/// A list or table that is being read.
struct Frame {
    place: Place,
    anchor: usize,
    mark: Mark,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Table(Table),
}

struct Builder<'a> {
    file: u32,
    offset: usize,
    budget: &'a mut Budget,
    frames: Vec<Frame>,
    anchors: HashMap<usize, Anchored>,
    documents: Vec<Node>,
    /// Whether the document began with `---`.
    explicit: bool,
}

struct Anchored {
    node: Node,
    values: usize,
    depth: usize,
}

impl Builder<'_> {
    fn place(&self, bytes: std::ops::Range<usize>) -> Place {
        let byte = |at: usize| u32::try_from(at + self.offset).unwrap_or(u32::MAX);
        Place {
            file: self.file,
            start: byte(bytes.start),
            end: byte(bytes.end),
        }
    }

    fn take(&mut self, event: Event<'_>, span: &Span) -> Read<()> {
        let place = self.place(span.byte_range().unwrap_or_default());
        match event {
            Event::DocumentStart(explicit, _) => {
                self.anchors.clear();
                self.explicit = explicit;
            }
            Event::Scalar(text, style, anchor, tag) => {
                let node = self.scalar(&text, style, tag.as_deref(), place);
                self.budget.spend(1, place)?;
                let is_plain = style == ScalarStyle::Plain && tag.is_none();
                self.finished(node, anchor, is_plain && text == MERGE)?;
            }
            Event::Alias(id) => {
                let (node, values) = self.alias(id, place)?;
                self.budget.spend(values, place)?;
                self.finished(node, 0, false)?;
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.open(Content::List(Vec::new()), anchor, tag.as_deref(), place)?;
            }
            Event::MappingStart(_, anchor, tag) => {
                let content = Content::Table(Table::default());
                self.open(content, anchor, tag.as_deref(), place)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close()?,
            _ => {}
        }
        Ok(())
    }

    fn scalar(&self, text: &str, style: ScalarStyle, tag: Option<&Tag>, place: Place) -> Node {
        let core = tag.and_then(|tag| scalar::tagged(tag.core_suffix()?, text));
        let value =
            core.unwrap_or_else(
                || match style == ScalarStyle::Plain && tag.is_none_or(is_mark) {
                    true => scalar::plain(text),
                    false => Value::Text(text.into()),
                },
            );
        Node {
            value,
            place,
            mark: tag.map_or(Mark::None, mark),
        }
    }

    fn alias(&self, id: usize, place: Place) -> Read<(Node, usize)> {
        let anchored = self.anchors.get(&id).ok_or_else(|| {
            Fault::at(place, "this anchor holds itself")
                .help("take the reference out of what the anchor is set on")
        })?;
        match anchored.depth + self.frames.len() > DEEPEST {
            true => Err(too_deep(place)),
            false => Ok((anchored.node.clone(), anchored.values)),
        }
    }

    fn open(
        &mut self,
        content: Content,
        anchor: usize,
        tag: Option<&Tag>,
        place: Place,
    ) -> Read<()> {
        if self.frames.len() >= DEEPEST {
            return Err(too_deep(place));
        }
        let mut own = place;
        if let Some(Frame {
            content: Content::Table(table),
            ..
        }) = self.frames.last()
        {
            own = table.place_of_key().ok_or_else(|| no_key(place))?;
        }
        self.budget.spend(1, place)?;
        self.frames.push(Frame {
            place: own,
            anchor,
            mark: tag.map_or(Mark::None, mark),
            content,
        });
        Ok(())
    }

    fn close(&mut self) -> Read<()> {
        let Some(frame) = self.frames.pop() else {
            return Ok(());
        };
        let value = match frame.content {
            Content::List(list) => Value::List(list),
            Content::Table(table) => Value::Map(table.finish()?),
        };
        let node = Node {
            value,
            place: frame.place,
            mark: frame.mark,
        };
        self.finished(node, frame.anchor, false)
    }

    /// Puts a value that is complete where it belongs: as a key, under a key, or into a list.
    fn finished(&mut self, node: Node, anchor: usize, is_merge_key: bool) -> Read<()> {
        if anchor != 0 {
            let (values, depth) = measure(&node);
            self.budget.spend(values, node.place)?;
            let node = node.clone();
            self.anchors.insert(
                anchor,
                Anchored {
                    node,
                    values,
                    depth,
                },
            );
        }
        let Some(frame) = self.frames.last_mut() else {
            let is_nothing = node.is_null() && !self.explicit;
            if !is_nothing {
                self.documents.push(node);
            }
            return Ok(());
        };
        match &mut frame.content {
            Content::List(list) => list.push(node),
            Content::Table(table) => {
                let first = table.take(node, is_merge_key)?;
                if let Some(place) = first.filter(|_| frame.place.start == frame.place.end) {
                    frame.place = place;
                }
            }
        }
        Ok(())
    }
}

/// How many values a value consists of, and how deep they are nested.
pub(super) fn measure(node: &Node) -> (usize, usize) {
    let add = |(values, depth): (usize, usize), inner: &Node| {
        let (more, deeper) = measure(inner);
        (values + more, depth.max(deeper + 1))
    };
    match &node.value {
        Value::List(list) => list.iter().fold((1, 1), add),
        Value::Map(map) => map.values().fold((1, 1), add),
        _ => (1, 0),
    }
}

fn too_deep(place: Place) -> Box<Fault> {
    Fault::at(
        place,
        format!("lists and tables are nested more than {DEEPEST} deep here"),
    )
}

fn is_mark(tag: &Tag) -> bool {
    mark(tag) != Mark::None
}

fn mark(tag: &Tag) -> Mark {
    match tag.original().as_str() {
        "!reset" => Mark::Reset,
        "!override" => Mark::Override,
        _ => Mark::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<String>, String> {
        let documents = documents(text, 0, &mut Budget::default());
        let documents = documents.map_err(|fault| fault.message)?;
        Ok(documents
            .iter()
            .map(|node| node.value.to_string())
            .collect())
    }

    fn one(text: &str) -> String {
        read(text).map_or_else(|fault| fault, |documents| documents.join("|"))
    }

    #[test]
    fn anchors_and_merges_are_expanded_and_own_keys_win() {
        assert_eq!(
            one("a: &a {x: 1, y: 2}\nb: {y: 3, <<: *a}\nc: {<<: [{x: 4}, *a]}"),
            "map[a:map[x:1 y:2] b:map[x:1 y:3] c:map[x:4 y:2]]"
        );
    }

    #[test]
    fn documents_follow_each_other_and_nothing_is_none() {
        assert_eq!(one("a: 1\n---\nb: 2"), "map[a:1]|map[b:2]");
        assert_eq!(read(""), Ok(vec![]));
        assert_eq!(read("# nothing\n"), Ok(vec![]));
        assert_eq!(
            one("\u{feff}a: 1\r\nb: |\r\n  x\r\n  y\r\n"),
            "map[a:1 b:x\ny\n]"
        );
    }

    #[test]
    fn what_would_take_for_ever_is_refused() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let before = level - 1;
            let ten = vec![format!("*a{before}"); 10].join(", ");
            bomb.push_str(&format!("a{level}: &a{level} [{ten}]\n"));
        }
        assert!(
            one(&bomb).contains("more than 500000 values"),
            "{}",
            one(&bomb)
        );
        let mut chain = "a0: &a0 [x]\n".to_owned();
        for level in 1..2_000 {
            chain.push_str(&format!("a{level}: &a{level} [*a{}]\n", level - 1));
        }
        assert!(one(&chain).contains("64 deep"), "{}", one(&chain));
        assert!(read(&"[".repeat(100_000)).is_err());
        assert!(read(&"- ".repeat(100_000)).is_err());
    }

    #[test]
    fn faults_are_said_in_a_sentence() {
        assert_eq!(one("a: &a [*a]"), "this anchor holds itself");
        assert_eq!(one("a: 1\nb: 2\na: 3"), "`a` is said twice");
        assert_eq!(one("1: x"), "a key must be a text");
        assert_eq!(one("[a]: x"), "a key must be a text");
        assert!(one("a: *b").contains("unknown anchor"));
    }

    #[test]
    fn what_is_no_yaml_is_said_with_a_way_to_mend_it() {
        let fault = |text: &str| {
            let fault = documents(text, 0, &mut Budget::default()).expect_err(text);
            (fault.message, fault.help.unwrap_or_default())
        };
        for (text, message, help) in [
            ("a:\n\tb: 1\n", "tabs disallowed", "indent with spaces"),
            ("a:\n  b: \"x\n  c: 1\n", "this is not YAML: ", "close it"),
            ("a: \"x", "this is not YAML: ", "close it"),
            ("a: b: c", "mapping values are not allowed", "in quotes"),
            ("a: \0", "unexpected character: `", ""),
            ("a: [1\nb: 2", "this is not YAML: ", ""),
        ] {
            let (said, mended) = fault(text);
            assert!(
                said.contains(message) && mended.contains(help),
                "{said}: {mended}"
            );
            assert!(said.len() > "this is not YAML: ".len(), "{text:?}: {said}");
        }
        let (deep, _) = fault(&format!("a: {}", "[".repeat(100)));
        assert!(deep.contains("more than 64 deep"), "{deep}");
    }

    #[test]
    fn the_program_has_the_parsers_sentences_and_not_the_tests_alone() {
        // What the tests are built with switches them on for the parser in any case.
        let own = include_str!("../../Cargo.toml").lines();
        let mut own = own.filter(|line| line.starts_with("granit-parser"));
        assert!(own.any(|line| line.contains("error_messages")));
    }
}
