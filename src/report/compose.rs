//! What was read of compose files: as JSON in the form of `docker compose config`, and a fault in its text.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde_json::{Map, Number, Value as Json};

use crate::compose_file::{self, Fault, Node, Place, Source, Value};
use crate::finding::{printable, printed};
use crate::secret_shape::looks_secret;
use crate::span::Lines;

/// A project as Compose prints it: its name, and what it says.
pub fn json(name: &str, model: &compose_file::Map) -> String {
    let mut whole = Map::new();
    whole.insert("name".to_owned(), Json::String(name.to_owned()));
    let sections = model.iter();
    whole.extend(sections.map(|(key, node)| (key.to_string(), json_of(node))));
    let mut text = serde_json::to_string_pretty(&Json::Object(whole)).unwrap_or_default();
    text.push('\n');
    text
}

fn json_of(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Flag(flag) => Json::Bool(*flag),
        Value::Whole(number) => Json::Number((*number).into()),
        Value::Decimal(number) => Number::from_f64(*number).map_or(Json::Null, Json::Number),
        Value::Text(text) => Json::String(text.to_string()),
        Value::List(list) => Json::Array(list.iter().map(json_of).collect()),
        Value::Map(map) => {
            let pairs = map.iter();
            let pairs = pairs.map(|(key, node)| (key.to_string(), json_of(node)));
            Json::Object(pairs.collect())
        }
    }
}

/// Why compose files cannot be read, with the line it is about.
pub fn fault(fault: &Fault, sources: &[Source]) -> String {
    let shown = |(place, label): (&Place, &str), kind| {
        let excerpt = Excerpt::of(*place, sources)?;
        Some((excerpt, label.to_owned(), kind))
    };
    let primary = fault
        .place
        .as_ref()
        .and_then(|place| shown((place, ""), AnnotationKind::Primary));
    let other = fault
        .also
        .as_ref()
        .and_then(|(place, label)| shown((place, label), AnnotationKind::Context));
    let excerpts: Vec<(Excerpt, String, AnnotationKind)> =
        primary.into_iter().chain(other).collect();
    if excerpts.is_empty() {
        let help = fault.help.iter();
        let help: String = help
            .map(|help| format!("  help: {}\n", printed(help)))
            .collect();
        return format!("error: {}\n{help}", printed(&fault.message));
    }
    let snippets = excerpts.iter().map(|(excerpt, label, kind)| {
        let annotation = kind.span(excerpt.start..excerpt.end);
        let annotation = match label.is_empty() {
            true => annotation,
            false => annotation.label(label.as_str()),
        };
        Snippet::source(excerpt.text.as_str())
            .line_start(excerpt.line)
            .path(excerpt.path.as_str())
            .annotation(annotation)
    });
    let mut group = Level::ERROR
        .primary_title(printed(&fault.message))
        .elements(snippets);
    if let Some(help) = &fault.help {
        group = group.element(Level::HELP.message(printed(help)));
    }
    let renderer = Renderer::styled().decor_style(DecorStyle::Unicode);
    format!("{}\n", renderer.render(&[group]))
}

/// Says places as `file:line:column`.
pub struct Places<'a> {
    sources: &'a [Source],
    lines: Vec<Lines>,
}

impl Places<'_> {
    /// Places in these files.
    pub fn of(sources: &[Source]) -> Places<'_> {
        let lines = sources.iter().map(|source| Lines::new(&source.text));
        Places {
            sources,
            lines: lines.collect(),
        }
    }

    /// A place, as a person would look it up.
    pub fn said(&self, place: Place) -> String {
        let file = place.file as usize;
        match self.sources.get(file).zip(self.lines.get(file)) {
            Some((source, lines)) => {
                let at = lines.line_column(place.start as usize, &source.text);
                format!("{}:{}:{}", printed(&source.path), at.line, at.column)
            }
            None => "?".to_owned(),
        }
    }
}

/// One line of a file, with nothing that a terminal would obey and no credential.
struct Excerpt {
    path: String,
    line: usize,
    text: String,
    start: usize,
    end: usize,
}

impl Excerpt {
    fn of(place: Place, sources: &[Source]) -> Option<Excerpt> {
        let source = sources.get(place.file as usize)?;
        let lines = Lines::new(&source.text);
        let first = lines.index((place.start as usize).min(source.text.len()));
        let span = lines.span(first, first, &source.text);
        let text = shown_line(&source.text[span.start..span.end]);
        let start = (place.start as usize).clamp(span.start, span.end) - span.start;
        let end = (place.end as usize).clamp(span.start + start, span.end) - span.start;
        Some(Excerpt {
            path: printed(&source.path),
            line: first + 1,
            start: crate::span::Span { start, end }.within(&text).start,
            end: crate::span::Span { start, end }.within(&text).end,
            text,
        })
    }
}

/// Most bytes of a line that are shown.
const LONGEST_LINE: usize = 400;

fn shown_line(line: &str) -> String {
    let length = crate::span::Span {
        start: 0,
        end: LONGEST_LINE,
    }
    .within(line)
    .end;
    let line = &line[..length];
    let secret = secret_part(line).unwrap_or(line.len());
    let mut shown = String::with_capacity(line.len());
    for (at, c) in line.char_indices() {
        match at >= secret && !c.is_whitespace() {
            true => shown.extend(std::iter::repeat_n('*', c.len_utf8())),
            false if c == '\t' || printable(c).eq([c]) => shown.push(c),
            // As many bytes as before, so that every place stays where it is.
            false => shown.extend(std::iter::repeat_n('?', c.len_utf8())),
        }
    }
    shown
}

/// Where a credential begins in a line such as `PASSWORD: x` or `- PASSWORD=x`.
fn secret_part(line: &str) -> Option<usize> {
    let at = line.find([':', '='])?;
    let trimmed = |text: &str| {
        text.trim_matches(|c: char| c.is_whitespace() || "-\"'{".contains(c))
            .to_owned()
    };
    let (key, value) = (trimmed(&line[..at]), trimmed(&line[at + 1..]));
    let whole = trimmed(line);
    let is_secret =
        looks_secret(&key, &value) || looks_secret("", &value) || looks_secret("", &whole);
    is_secret.then_some(at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_shown_without_credentials() {
        assert_eq!(
            shown_line("  - DB_PASSWORD=hunter2"),
            "  - DB_PASSWORD=*******"
        );
        assert_eq!(
            shown_line("  DB_PASSWORD: hunter2"),
            "  DB_PASSWORD: *******"
        );
        assert_eq!(shown_line("  URL: redis://a:b@c"), "  URL: *************");
        assert_eq!(shown_line("  image: x\u{1b}"), "  image: x?");
    }
}
