//! What was read of compose files: as JSON in the form of `docker compose config`, and a fault in its text.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde_json::{Map, Number, Value as Json};

use crate::compose_file::{self, Fault, Node, Place, Source, Value};
use crate::finding::{printable, printed};
use crate::secret_shape::{Hidden, credentials_in, masked_at};
use crate::span::{Lines, Span};

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

/// Why compose files cannot be read, with the line it is about; without the credentials of the files.
pub fn fault(fault: &Fault, sources: &[Source]) -> String {
    let secrets = sources.iter().map(|source| credentials_in(&source.text));
    let secrets: Vec<Vec<Range<usize>>> = secrets.collect();
    let places = fault
        .place
        .iter()
        .chain(fault.also.iter().map(|(place, _)| place));
    let hidden = hidden(&places.copied().collect::<Vec<Place>>(), sources, &secrets);
    let said = |text: &str| printed(&hidden.out_of(text));
    let shown = |(place, label): (&Place, &str), kind| {
        let excerpt = Excerpt::of(*place, sources, &secrets)?;
        Some((excerpt, said(label), kind))
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
            .map(|help| format!("  help: {}\n", said(help)))
            .collect();
        return format!("error: {}\n{help}", said(&fault.message));
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
        .primary_title(said(&fault.message))
        .elements(snippets);
    if let Some(help) = &fault.help {
        group = group.element(Level::HELP.message(said(help)));
    }
    let renderer = Renderer::styled().decor_style(DecorStyle::Unicode);
    format!("{}\n", renderer.render(&[group]))
}

/// The credentials that what is said of these places must not repeat.
fn hidden(places: &[Place], sources: &[Source], secrets: &[Vec<Range<usize>>]) -> Hidden {
    let mut hidden = Hidden::default();
    for (file, (source, secrets)) in sources.iter().zip(secrets).enumerate() {
        let lines = Lines::new(&source.text);
        let line = |byte: usize| lines.index(byte.min(source.text.len()));
        let is_near = |secret: &Range<usize>| {
            let here = places.iter().filter(|place| place.file as usize == file);
            let mut spans =
                here.map(|place| (line(place.start as usize), line(place.end as usize)));
            spans.any(|(first, last)| line(secret.start) <= last && line(secret.end) >= first)
        };
        hidden.add(&source.text, secrets, is_near);
    }
    hidden
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

/// Most bytes of a line that are shown.
const LONGEST_LINE: usize = 400;

impl Excerpt {
    fn of(place: Place, sources: &[Source], secrets: &[Vec<Range<usize>>]) -> Option<Excerpt> {
        let file = place.file as usize;
        let (source, secrets) = sources.get(file).zip(secrets.get(file))?;
        let lines = Lines::new(&source.text);
        let first = lines.index((place.start as usize).min(source.text.len()));
        let line = lines.span(first, first, &source.text);
        let line = Span {
            end: line.end.min(line.start + LONGEST_LINE),
            ..line
        };
        let line = line.within(&source.text);
        let text = shown_line(&source.text, line, secrets);
        let start = (place.start as usize).clamp(line.start, line.end) - line.start;
        let end = (place.end as usize).clamp(line.start + start, line.end) - line.start;
        let span = Span { start, end }.within(&text);
        Some(Excerpt {
            path: printed(&source.path),
            line: first + 1,
            start: span.start,
            end: span.end,
            text,
        })
    }
}

/// A line of a text as it may be shown, with as many bytes as before, so that every place stays where it is.
fn shown_line(text: &str, line: Span, secrets: &[Range<usize>]) -> String {
    let inside = |secret: &Range<usize>| {
        let start = secret.start.max(line.start);
        let end = secret.end.min(line.end);
        (start < end).then(|| start - line.start..end - line.start)
    };
    let secrets: Vec<Range<usize>> = secrets.iter().filter_map(inside).collect();
    let masked = masked_at(&text[line.start..line.end], &secrets);
    let mut shown = String::with_capacity(masked.len());
    for c in masked.chars() {
        match c == '\t' || printable(c).eq([c]) {
            true => shown.push(c),
            false => shown.extend(std::iter::repeat_n('?', c.len_utf8())),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let whole = Span {
            start: 0,
            end: text.len(),
        };
        shown_line(text, whole, &credentials_in(text))
    }

    #[test]
    fn lines_are_shown_without_credentials() {
        for (line, wanted) in [
            ("  - DB_PASSWORD=hunter2", "  - DB_PASSWORD=*******"),
            ("  DB_PASSWORD: hunter2", "  DB_PASSWORD: *******"),
            ("  URL: redis://a:b@c", "  URL: redis://a:*@c"),
            ("  image: x\u{1b}", "  image: x?"),
        ] {
            assert_eq!(shown(line), wanted);
        }
    }
}
