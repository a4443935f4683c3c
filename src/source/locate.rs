//! Where things stand in the text: a path through the plan to the bytes a finding underlines.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::model::{EditValue, PlanPath, Step};
use crate::source::field::in_quotes;
use crate::span::Span;

/// The places of everything in one text.
pub struct Places<'a> {
    /// The parts of the text, each with where it begins; no two have a value in common.
    parts: Vec<(usize, Spanned<DeTable<'a>>)>,
}

impl<'a> Places<'a> {
    pub(super) fn new(table: Spanned<DeTable<'a>>) -> Self {
        Places::of_parts(vec![(0, table)])
    }

    pub(super) fn of_parts(parts: Vec<(usize, Spanned<DeTable<'a>>)>) -> Self {
        Places { parts }
    }

    /// Whether the text says nothing at all.
    pub(super) fn is_empty(&self) -> bool {
        self.parts
            .iter()
            .all(|(_, table)| table.get_ref().is_empty())
    }

    /// The bytes of what stands at `path`: a value, or the name of a table. Where the last steps lead
    /// nowhere, the nearest thing above; the start of the text if nothing does.
    pub fn find(&self, path: &PlanPath) -> Span {
        self.walk(path).0
    }

    /// The bytes of what stands at `path`, if the text says it.
    pub fn find_said(&self, path: &PlanPath) -> Option<Span> {
        let (span, steps) = self.walk(path);
        (steps == path.steps().len()).then_some(span)
    }

    /// What stands at `path`, as a user would type it into a form: a text without quotes, a list with commas.
    pub fn typed(&self, path: &PlanPath) -> Option<String> {
        self.values_at(path).find_map(typed)
    }

    /// The names in the table at `path`.
    pub fn keys(&self, path: &PlanPath) -> Vec<&str> {
        let tables = self.values_at(path).filter_map(DeValue::as_table);
        let keys = tables.flat_map(|table| table.keys());
        keys.map(|key| key.get_ref().as_ref()).collect()
    }

    fn values_at(&self, path: &PlanPath) -> impl Iterator<Item = &DeValue<'a>> {
        self.parts.iter().filter_map(|(_, table)| {
            let mut steps = path.steps().iter().map(|step| match step {
                Step::Key(key) | Step::Item(key) => key.as_str(),
            });
            let first = table.get_ref().get(steps.next()?)?;
            let found = steps.try_fold(first, |value, step| value.get_ref().as_table()?.get(step));
            found.map(Spanned::get_ref)
        })
    }

    /// The place of the nearest thing on the way to `path`, and how many steps lead there.
    fn walk(&self, path: &PlanPath) -> (Span, usize) {
        let mut nearest = (Span::default(), 0);
        for (start, table) in &self.parts {
            let (span, steps) = walk(table.get_ref(), path);
            if steps > nearest.1 {
                nearest = (span.moved_by(*start), steps);
            }
        }
        nearest
    }

    /// The paths and bytes of the texts and numbers for which `wanted` holds, given the key and the text, and of
    /// those elements of lists that `among` finds, given the key and all texts of the list.
    pub fn texts_where(
        &self,
        wanted: impl Fn(&str, &str) -> bool,
        among: impl Fn(&str, &[&str]) -> Vec<usize>,
    ) -> Vec<(PlanPath, Span)> {
        let judges = Judges {
            wanted: &wanted,
            among: &among,
        };
        let mut found = Vec::new();
        for (start, table) in &self.parts {
            let earlier = found.len();
            collect_texts(table.get_ref(), &mut Vec::new(), &judges, &mut found);
            for (_, span) in &mut found[earlier..] {
                *span = span.moved_by(*start);
            }
        }
        found
    }
}

/// What `Places::walk` finds in one part of the text.
fn walk(table: &DeTable<'_>, path: &PlanPath) -> (Span, usize) {
    let mut nearest = Span::default();
    let mut steps = 0;
    let mut inside = Inside::Table(table);
    for step in path.steps() {
        let found = match (step, inside) {
            (Step::Key(key), Inside::Table(table)) => {
                table.get_key_value(key.as_str()).map(|(key, value)| {
                    let place = if value.get_ref().is_table() {
                        key.span()
                    } else {
                        value.span()
                    };
                    (place, value)
                })
            }
            (Step::Item(text), Inside::Value(value)) => value
                .as_array()
                .and_then(|list| {
                    list.iter()
                        .find(|item| item.get_ref().as_str() == Some(text))
                })
                .map(|item| (item.span(), item)),
            _ => None,
        };
        let Some((place, value)) = found else { break };
        nearest = place.into();
        steps += 1;
        inside = match value.get_ref() {
            DeValue::Table(table) => Inside::Table(table),
            value => Inside::Value(value),
        };
    }
    (nearest, steps)
}

fn typed(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Array(items) => {
            let words = items.iter().filter_map(|item| typed(item.get_ref()));
            Some(words.collect::<Vec<_>>().join(", "))
        }
        DeValue::Table(_) => None,
        value => in_quotes(value).and_then(|value| match value {
            EditValue::Text(text) => Some(text),
            _ => None,
        }),
    }
}

#[derive(Clone, Copy)]
enum Inside<'a> {
    Table(&'a DeTable<'a>),
    Value(&'a DeValue<'a>),
}

/// What chooses among texts: one by one, and those of a list together.
struct Judges<'j> {
    wanted: &'j dyn Fn(&str, &str) -> bool,
    among: &'j dyn Fn(&str, &[&str]) -> Vec<usize>,
}

fn collect_texts<'t>(
    table: &'t DeTable<'_>,
    above: &mut Vec<&'t str>,
    judges: &Judges<'_>,
    found: &mut Vec<(PlanPath, Span)>,
) {
    let wanted = judges.wanted;
    for (key, value) in table.iter() {
        above.push(key.get_ref());
        let path = || PlanPath::keys(above.iter().copied());
        match value.get_ref() {
            DeValue::Table(inner) => collect_texts(inner, above, judges, found),
            DeValue::String(text) if wanted(key.get_ref(), text) => {
                found.push((path(), value.span().into()))
            }
            // A credential may be written without quotes too, which is another finding.
            DeValue::Integer(number) if wanted(key.get_ref(), number.as_str()) => {
                found.push((path(), value.span().into()));
            }
            DeValue::Float(number) if wanted(key.get_ref(), number.as_str()) => {
                found.push((path(), value.span().into()));
            }
            DeValue::Array(items) => {
                let text = |item: &'t Spanned<DeValue<'_>>| item.get_ref().as_str();
                let texts: Vec<&str> = items
                    .iter()
                    .map(|item| text(item).unwrap_or_default())
                    .collect();
                for at in (judges.among)(key.get_ref(), &texts) {
                    let span = items[at].span().into();
                    found.push((path().item(texts[at]), span));
                }
            }
            _ => {}
        }
        above.pop();
    }
}
