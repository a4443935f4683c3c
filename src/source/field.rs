//! Reads one table of the plan key by key: notes what is wrong, or describes what could be there.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::finding::{Finding, Label, RuleInfo, did_you_mean, quoted};
use crate::model::{Edit, EditValue, NameError, PlanPath};
use crate::source::rules;
use crate::source::shape::{FieldShape, Shape, TableShape};
use crate::span::Span;

/// Something the plan may hold, read from a value.
pub(super) trait FieldValue: Sized {
    /// What the value may be.
    fn shape() -> Shape;
    /// The value, or what is wrong with it.
    fn read(value: &DeValue<'_>) -> Result<Self, Problem>;
}

/// A name that is a key of a table.
pub(super) trait Name: Ord + Sized {
    /// What it must look like, as a regular expression.
    const PATTERN: &'static str;
    /// Checks a text.
    fn check(text: &str) -> Result<Self, NameError>;
}

/// What is wrong with a value.
pub(super) struct Problem {
    pub(super) rule: &'static RuleInfo,
    pub(super) message: String,
    pub(super) help: String,
    /// What to write instead, where that is sure, and what doing so is called.
    pub(super) instead: Option<(String, EditValue)>,
}

/// What a reading function works on: one table, or nothing when the function is asked to describe itself.
pub(super) struct Fields<'a> {
    table: Option<&'a DeTable<'a>>,
    trail: Trail<'a>,
    known: Vec<FieldShape>,
    seen: usize,
    findings: &'a mut Vec<Finding>,
}

/// The keys from the root to a table, borrowed; a path is made of them only when something is wrong.
#[derive(Clone, Copy)]
pub(super) struct Trail<'a> {
    key: &'a str,
    above: Option<&'a Trail<'a>>,
}

impl Trail<'_> {
    /// The plan itself.
    pub const ROOT: Trail<'static> = Trail {
        key: "",
        above: None,
    };

    fn path(&self) -> PlanPath {
        self.above
            .map_or_else(PlanPath::root, |above| above.path().key(self.key))
    }
}

/// Reads `table` with `reader` and reports the keys that it does not know.
pub(super) fn read_table<T>(
    table: &DeTable<'_>,
    trail: Trail<'_>,
    findings: &mut Vec<Finding>,
    reader: fn(&mut Fields) -> T,
) -> T {
    let mut fields = Fields {
        table: Some(table),
        trail,
        known: Vec::new(),
        seen: 0,
        findings,
    };
    let value = reader(&mut fields);
    if fields.seen < table.len() {
        report_unknown_keys(table, trail, &describe(reader), findings);
    }
    value
}

/// What `reader` reads.
pub(super) fn describe<T>(reader: fn(&mut Fields) -> T) -> TableShape {
    let mut fields = Fields {
        table: None,
        trail: Trail::ROOT,
        known: Vec::new(),
        seen: 0,
        findings: &mut Vec::new(),
    };
    reader(&mut fields);
    TableShape {
        fields: fields.known,
    }
}

impl<'a> Fields<'a> {
    /// A value.
    pub fn value<T: FieldValue>(&mut self, key: &'static str, doc: &'static str) -> Option<T> {
        let value = self.entry(key, doc, T::shape)?;
        match T::read(value.get_ref()) {
            Ok(read) => Some(read),
            Err(problem) => {
                self.report(value.span().into(), key, problem);
                None
            }
        }
    }

    /// A list; elements that are wrong are reported and left out.
    pub fn list<T: FieldValue>(&mut self, key: &'static str, doc: &'static str) -> Vec<T> {
        self.said_list(key, doc).unwrap_or_default()
    }

    /// A list where an empty one says something else than none.
    pub fn said_list<T: FieldValue>(
        &mut self,
        key: &'static str,
        doc: &'static str,
    ) -> Option<Vec<T>> {
        let value = self.entry(key, doc, || Shape::List(Box::new(T::shape())))?;
        let Some(elements) = value.get_ref().as_array() else {
            self.report(
                value.span().into(),
                key,
                wrong_type(value.get_ref(), "a list", list_of(value.get_ref())),
            );
            return None;
        };
        let mut read = Vec::with_capacity(elements.len());
        for element in elements.iter() {
            match T::read(element.get_ref()) {
                Ok(value) => read.push(value),
                Err(problem) => self.report_at(element.span().into(), None, problem),
            }
        }
        Some(read)
    }

    /// One table, read by `reader`.
    pub fn nested<T>(
        &mut self,
        key: &'static str,
        doc: &'static str,
        reader: fn(&mut Fields) -> T,
    ) -> Option<T> {
        let table = self.table(key, doc, || Shape::Table(describe(reader)))?;
        let trail = Trail {
            key,
            above: Some(&self.trail),
        };
        Some(read_table(table, trail, self.findings, reader))
    }

    /// A table of values by name.
    pub fn values<K: Name, T: FieldValue>(
        &mut self,
        key: &'static str,
        doc: &'static str,
    ) -> BTreeMap<K, T> {
        let Some(table) = self.table(key, doc, || Shape::Map(K::PATTERN, Box::new(T::shape())))
        else {
            return BTreeMap::new();
        };
        let mut read = BTreeMap::new();
        for (name, value) in table.iter() {
            let Some(checked) = self.name::<K>(name, key) else {
                continue;
            };
            match T::read(value.get_ref()) {
                Ok(value) => {
                    read.insert(checked, value);
                }
                Err(problem) => {
                    let path = self.trail.path().key(key).key(name.get_ref());
                    self.report_at(value.span().into(), Some(path), problem);
                }
            }
        }
        read
    }

    /// A table of tables by name, each read by `reader`.
    pub fn tables<K: Name, T>(
        &mut self,
        key: &'static str,
        doc: &'static str,
        reader: fn(&mut Fields) -> T,
    ) -> BTreeMap<K, T> {
        let shape = || Shape::Map(K::PATTERN, Box::new(Shape::Table(describe(reader))));
        let Some(table) = self.table(key, doc, shape) else {
            return BTreeMap::new();
        };
        let above = Trail {
            key,
            above: Some(&self.trail),
        };
        let mut read = BTreeMap::new();
        let mut misnamed = Vec::new();
        for (name, value) in table.iter() {
            let checked = K::check(name.get_ref()).map_err(|error| misnamed.push((name, error)));
            let trail = Trail {
                key: name.get_ref(),
                above: Some(&above),
            };
            match value.get_ref().as_table() {
                Some(inner) => {
                    let inner = read_table(inner, trail, self.findings, reader);
                    if let Ok(checked) = checked {
                        read.insert(checked, inner);
                    }
                }
                None => {
                    let problem = wrong_type(value.get_ref(), "a table", None);
                    self.findings
                        .push(problem.finding(value.span().into(), Some(trail.path())));
                }
            }
        }
        for (name, error) in misnamed {
            self.report_name(name, key, error);
        }
        read
    }

    /// The name of the key that a reader stands at, for messages; empty at the root.
    pub fn own_path(&self) -> PlanPath {
        self.trail.path()
    }

    /// Whether the reader is reading, not describing itself.
    pub fn is_reading(&self) -> bool {
        self.table.is_some()
    }

    /// Whether the table has a key, whatever its value.
    pub fn has(&self, key: &str) -> bool {
        self.table.is_some_and(|table| table.contains_key(key))
    }

    /// Adds a finding of the reader's own.
    pub fn push(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    fn table(
        &mut self,
        key: &'static str,
        doc: &'static str,
        shape: impl FnOnce() -> Shape,
    ) -> Option<&'a DeTable<'a>> {
        let value = self.entry(key, doc, shape)?;
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.report(
                value.span().into(),
                key,
                wrong_type(value.get_ref(), "a table", None),
            );
        }
        table
    }

    fn entry(
        &mut self,
        key: &'static str,
        doc: &'static str,
        shape: impl FnOnce() -> Shape,
    ) -> Option<&'a Spanned<DeValue<'a>>> {
        let Some(table) = self.table else {
            self.known.push(FieldShape {
                key,
                doc,
                shape: shape(),
            });
            return None;
        };
        // Most tables hold few of the keys they could, so the rest need not be looked for.
        if self.seen == table.len() {
            return None;
        }
        let value = table.get(key)?;
        self.seen += 1;
        Some(value)
    }

    fn name<K: Name>(&mut self, name: &Spanned<std::borrow::Cow<'_, str>>, key: &str) -> Option<K> {
        K::check(name.get_ref())
            .map_err(|error| self.report_name(name, key, error))
            .ok()
    }

    fn report_name(
        &mut self,
        name: &Spanned<std::borrow::Cow<'_, str>>,
        key: &str,
        error: NameError,
    ) {
        let message = format!("the name {} {error}", quoted(name.get_ref()));
        let finding = Finding::new(
            &rules::INVALID_NAME,
            Label::at(name.span().into(), ""),
            message,
        );
        self.findings.push(finding.help(name_help(key)));
    }

    fn report(&mut self, span: Span, key: &str, problem: Problem) {
        let path = self.trail.path().key(key);
        self.report_at(span, Some(path), problem);
    }

    fn report_at(&mut self, span: Span, path: Option<PlanPath>, problem: Problem) {
        self.findings.push(problem.finding(span, path));
    }
}

impl Problem {
    pub(super) fn new(
        rule: &'static RuleInfo,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Problem {
        Problem {
            rule,
            message: message.into(),
            help: help.into(),
            instead: None,
        }
    }

    fn finding(self, span: Span, path: Option<PlanPath>) -> Finding {
        let mut label = Label::at(span, "");
        label.path = path.clone();
        let finding = Finding::new(self.rule, label, self.message).help(self.help);
        match (self.instead, path) {
            (Some((title, value)), Some(path)) => {
                finding.fix(title, vec![Edit::Set { path, value }])
            }
            _ => finding,
        }
    }
}

fn report_unknown_keys(
    table: &DeTable<'_>,
    trail: Trail<'_>,
    shape: &TableShape,
    findings: &mut Vec<Finding>,
) {
    for (key, _) in table.iter() {
        if shape.keys().any(|known| known == key.get_ref()) {
            continue;
        }
        let path = trail.path();
        let place = if path.steps().is_empty() {
            "the plan".to_owned()
        } else {
            format!("`{path}`")
        };
        let message = format!("{place} has no key {}", quoted(key.get_ref()));
        let mut label = Label::at(key.span().into(), "");
        label.path = Some(path.clone().key(key.get_ref()));
        let finding = Finding::new(&rules::UNKNOWN_KEY, label, message);
        findings.push(match did_you_mean(key.get_ref(), shape.keys()) {
            Some(near) if !table.contains_key(near) => {
                finding.help(format!("did you mean `{near}`?")).fix(
                    format!("rename it to `{near}`"),
                    vec![Edit::Rename {
                        path: path.key(key.get_ref()),
                        to: near.to_owned(),
                    }],
                )
            }
            _ => finding.help(format!("its keys are {}", listed(shape.keys()))),
        });
    }
}

pub(super) fn wrong_type(
    value: &DeValue<'_>,
    expected: &str,
    instead: Option<EditValue>,
) -> Problem {
    let found = match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    // The value itself is not repeated: it may be a credential.
    let help = match &instead {
        Some(EditValue::Text(_)) => "put it in quotes".to_owned(),
        Some(EditValue::List(_)) => "make it a list, in brackets".to_owned(),
        Some(EditValue::Integer(_)) => "take the quotes away".to_owned(),
        _ => format!("write {expected} here"),
    };
    Problem {
        instead: instead.map(|value| (help.clone(), value)),
        ..Problem::new(
            &rules::WRONG_TYPE,
            format!("expected {expected}, found {found}"),
            help,
        )
    }
}

/// A list with the one text that stands where a list belongs.
fn list_of(value: &DeValue<'_>) -> Option<EditValue> {
    value
        .as_str()
        .map(|text| EditValue::List(vec![text.to_owned()]))
}

/// A text as it would be in quotes, for numbers, dates and truth values written without.
pub(super) fn in_quotes(value: &DeValue<'_>) -> Option<EditValue> {
    let text = match value {
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Datetime(date) => date.to_string(),
        DeValue::Boolean(truth) => truth.to_string(),
        _ => return None,
    };
    Some(EditValue::Text(text))
}

pub(super) fn name_help(key: &str) -> String {
    match key {
        "settings" => "use letters, digits, `_`, `.` and `-`, and no digit first".to_owned(),
        "args" => "use letters, digits and `_`, and no digit first".to_owned(),
        "labels" => "use letters, digits and signs, no blanks and no `=`".to_owned(),
        "extra-hosts" => "use letters, digits, `-` and `_`, with dots between".to_owned(),
        _ => "use 1 to 63 of `a-z`, `0-9`, `-` and `_`, a letter or digit first".to_owned(),
    }
}

/// Names as a sentence lists them.
pub(super) fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}
