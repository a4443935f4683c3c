//! The one template engine: strict about unknown names, and every value encoded for where it goes.
//!
//! The encoding belongs to the template, not to the value, so no template can forget it.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior};

use crate::catalog::{Encoding, Form, Kind};

/// Why a template gave no text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TemplateError(pub String);

/// Renders templates of the catalog.
pub struct Templates {
    environment: Environment<'static>,
    /// What templates ask for, by their texts: working it out costs more than rendering does.
    names: RefCell<HashMap<String, Rc<[String]>>>,
}

impl Default for Templates {
    fn default() -> Self {
        Templates::new()
    }
}

impl Templates {
    /// An engine with the filters that catalog files may use.
    pub fn new() -> Templates {
        Templates {
            environment: strict_environment(),
            names: RefCell::default(),
        }
    }

    /// `template` with the values of `context`, each encoded as `encoding` says.
    pub fn render(
        &self,
        template: &str,
        encoding: Encoding,
        context: impl Into<Value>,
    ) -> Result<String, TemplateError> {
        if !template.contains('{') {
            return Ok(template.to_owned());
        }
        render_cached(
            &self.environment,
            encoding_name(encoding),
            template,
            context,
        )
        .map_err(|error| TemplateError(describe(&error)))
    }

    /// A connection string with the values of `context`.
    ///
    /// Fails if a value holds a character that the form has no escape for.
    pub fn render_form(
        &self,
        form: &Form,
        context: impl Into<Value>,
    ) -> Result<String, TemplateError> {
        let encoding = encoding_name(form.encoding);
        let name = match form.refuses.is_empty() {
            true => Cow::Borrowed(encoding),
            false => Cow::Owned(format!("{encoding}{ENCODING_ENDS}{}", form.refuses)),
        };
        render_cached(&self.environment, &name, &form.text, context)
            .map_err(|error| TemplateError(describe(&error)))
    }

    /// A connection string of a kind as it might be, with names in place of values; nothing of a form that these do
    /// not fill. What no machine runs is reached as its provider has it.
    pub fn example(&self, form: &Form, kind: &Kind) -> Option<String> {
        let offer = kind.endpoint.as_ref().filter(|_| !kind.runs_on_machines());
        let (port, tls) = (kind.port(), offer.is_some_and(|offer| offer.tls));
        let value = |name: &str| match name {
            "host" => Value::from("host.example"),
            "port" => Value::from(port),
            "tls" => Value::from(tls),
            "user" | "database" => Value::from("app"),
            // Credentials, and what providers choose.
            other => Value::from(other.to_uppercase()),
        };
        let names = self.names(&form.text);
        let pairs = names.iter().map(|name| (name.clone(), value(name)));
        let context: BTreeMap<String, Value> = pairs.collect();
        self.render_form(form, Value::from(context)).ok()
    }

    /// The names that `template` asks its context for; empty for a template that is not one.
    pub fn names(&self, template: &str) -> Rc<[String]> {
        if let Some(names) = self.names.borrow().get(template) {
            return names.clone();
        }
        let compiled = self.environment.template_from_str(template);
        let names: Rc<[String]> = compiled
            .map(|compiled| compiled.undeclared_variables(false).into_iter().collect())
            .unwrap_or_default();
        self.names
            .borrow_mut()
            .insert(template.to_owned(), names.clone());
        names
    }
}

/// What one text may cost before it is given up: one for an instruction, and one for 64 bytes. A compose
/// file costs about 400 a service; a template without end is stopped within a second and 200 MB.
const FUEL: u64 = 3_000_000;

/// An engine that fails on unknown names and knows Backstay's filters and encodings.
pub fn strict_environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    let syntax = SyntaxConfig::builder()
        .keep_trailing_newline(true)
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build();
    environment.set_syntax(syntax.expect("the usual delimiters are valid"));
    environment.set_loader(|name| Ok(name.split_once(NAME_ENDS).map(|(_, text)| text.to_owned())));
    environment.set_auto_escape_callback(encoding_of);
    environment.set_formatter(write_encoded);
    environment.add_filter("underscored", |text: String| underscored(&text));
    // For the one value of a string that is encoded otherwise than the others.
    environment.add_filter("percent_encoded", |text: String| {
        Value::from_safe_string(percent_encoded(&text))
    });
    environment
}

/// `template` rendered by an engine of `strict_environment`, which compiles each template once.
pub fn render_cached(
    environment: &Environment<'static>,
    encoding: &str,
    template: &str,
    context: impl Into<Value>,
) -> Result<String, Error> {
    let name = format!("{encoding}{NAME_ENDS}{template}");
    environment.get_template(&name)?.render(context)
}

/// Parts a template's name: its encoding before, its text after. So the loader needs no files, and the
/// engine's own cache serves templates that come as text.
const NAME_ENDS: char = '\0';

/// Parts an encoding from the characters that an encoded value may not hold.
const ENCODING_ENDS: char = '\u{1}';

/// What went wrong, in one line.
pub fn describe(error: &Error) -> String {
    if error.kind() == ErrorKind::OutOfFuel {
        return "it runs without end, or makes a text that is too large".to_owned();
    }
    let detail = error
        .detail()
        .map(|detail| format!(": {detail}"))
        .unwrap_or_default();
    let line = error
        .line()
        .map(|line| format!(" in line {line}"))
        .unwrap_or_default();
    format!("{}{detail}{line}", error.kind())
}

/// `text` with everything but letters and digits as `_`.
fn underscored(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect()
}

/// What catalog files call an encoding.
pub fn encoding_name(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Plain => "plain",
        Encoding::Uri => "uri",
        Encoding::Ado => "ado",
        Encoding::Libpq => "libpq",
        Encoding::Braces => "braces",
        Encoding::CommaList => "comma-list",
    }
}

/// The encoding of a template follows from its name.
fn encoding_of(name: &str) -> AutoEscape {
    match name.split_once(NAME_ENDS) {
        Some(("plain", _)) | None => AutoEscape::None,
        Some((encoding, _)) => AutoEscape::Custom(Cow::Owned(encoding.to_owned())),
    }
}

fn write_encoded(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    if value.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    if value.kind() != ValueKind::String {
        return write!(out, "{value}").map_err(Error::from);
    }
    let text = value.as_str().unwrap_or_default();
    if value.is_safe() {
        return out.write_str(text).map_err(Error::from);
    }
    let name = match state.auto_escape() {
        AutoEscape::Custom(name) => name.as_ref(),
        _ => "plain",
    };
    let (encoding, refused) = name.split_once(ENCODING_ENDS).unwrap_or((name, ""));
    let encoded = match encoding {
        "uri" => percent_encoded(text),
        "ado" => ado_value(text),
        "libpq" => libpq_value(text),
        "braces" => braced_value(text),
        "comma-list" if text.contains(',') => {
            let message = "a value with a comma cannot stand in this connection string";
            return Err(Error::new(ErrorKind::InvalidOperation, message));
        }
        _ => text.to_owned(),
    };
    if let Some(c) = encoded.chars().find(|c| refused.contains(*c)) {
        let message = format!("a value with `{c}` cannot stand in this connection string");
        return Err(Error::new(ErrorKind::InvalidOperation, message));
    }
    out.write_str(&encoded).map_err(Error::from)
}

/// Everything outside RFC 3986's unreserved characters as `%XX`.
pub fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// An ADO.NET value: quoted where a reader would otherwise split or trim it.
fn ado_value(text: &str) -> String {
    let special = |c: char| matches!(c, ';' | '\'' | '"' | '=' | '{' | '}') || c.is_control();
    let blank_ends = text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace);
    if !text.is_empty() && !blank_ends && !text.contains(special) {
        return text.to_owned();
    }
    match text.contains('"') && !text.contains('\'') {
        true => format!("'{text}'"),
        false => format!("\"{}\"", text.replace('"', "\"\"")),
    }
}

/// A libpq keyword's value: in single quotes where it is empty or holds blanks, quotes or backslashes.
fn libpq_value(text: &str) -> String {
    let special = |c: char| c.is_whitespace() || matches!(c, '\'' | '\\');
    if !text.is_empty() && !text.contains(special) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// A value of ODBC and of SQL Server's JDBC driver: in braces unless every character is harmless.
fn braced_value(text: &str) -> String {
    let harmless = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !text.is_empty() && text.chars().all(harmless) {
        return text.to_owned();
    }
    format!("{{{}}}", text.replace('}', "}}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(encoding: Encoding, value: &str) -> Result<String, TemplateError> {
        Templates::new().render(
            "<{{ value }}>",
            encoding,
            minijinja::context! { value => value },
        )
    }

    #[test]
    fn values_are_encoded_for_the_string_they_enter() {
        let awkward = "p@s;s'w\"o r/d%";
        assert_eq!(
            rendered(Encoding::Uri, awkward).as_deref(),
            Ok("<p%40s%3Bs%27w%22o%20r%2Fd%25>")
        );
        assert_eq!(
            rendered(Encoding::Ado, awkward).as_deref(),
            Ok("<\"p@s;s'w\"\"o r/d%\">")
        );
        assert_eq!(rendered(Encoding::Ado, "a\"b").as_deref(), Ok("<'a\"b'>"));
        assert_eq!(
            rendered(Encoding::Libpq, "it's a \\").as_deref(),
            Ok("<'it\\'s a \\\\'>")
        );
        assert_eq!(
            rendered(Encoding::Plain, awkward).as_deref(),
            Ok("<p@s;s'w\"o r/d%>")
        );
        assert_eq!(
            rendered(Encoding::Braces, "p;{w}d").as_deref(),
            Ok("<{p;{w}}d}>")
        );
        assert_eq!(
            rendered(Encoding::Braces, "Ab-1_.").as_deref(),
            Ok("<Ab-1_.>")
        );
        assert!(rendered(Encoding::CommaList, "a,b").is_err());
    }

    #[test]
    fn a_form_without_an_escape_refuses_what_would_need_one() {
        let form = |encoding, refuses: &str| Form {
            text: "k={{ value }};".into(),
            encoding,
            refuses: refuses.into(),
        };
        let rendered = |form: Form, value: &str| {
            let context = minijinja::context! { value => value };
            Templates::new().render_form(&form, context)
        };
        assert_eq!(
            rendered(form(Encoding::Plain, ";"), "a+b/c==").as_deref(),
            Ok("k=a+b/c==;")
        );
        let error = rendered(form(Encoding::Plain, ":;"), "a;b").expect_err("it has no escape");
        assert!(error.0.contains("a value with `;` cannot"), "{error}");
        // What is encoded away is no fault.
        assert_eq!(
            rendered(form(Encoding::Uri, ";"), "a;b").as_deref(),
            Ok("k=a%3Bb;")
        );
    }

    #[test]
    fn an_unknown_name_is_an_error_and_never_an_empty_text() {
        let error = Templates::new()
            .render("{{ nowhere }}", Encoding::Plain, minijinja::context! {})
            .expect_err("the name is unknown");
        assert!(error.0.contains("undefined"), "{error}");
    }

    #[test]
    fn a_template_without_end_is_stopped_whether_it_runs_or_grows() {
        let loops =
            "{% for a in range(9999) %}{% for b in range(9999) %}{{ b }}{% endfor %}{% endfor %}";
        let recursion = "{% macro again() %}{{ again() }}{{ again() }}{% endmacro %}{{ again() }}";
        let doubled = "{% set x = x ~ x %}".repeat(60);
        let grows = format!("{{% set x = 'x' %}}{doubled}{{{{ x }}}}");
        for endless in [loops, recursion, &grows, "{{ 'x' * 9999999999 }}"] {
            let rendered =
                Templates::new().render(endless, Encoding::Plain, minijinja::context! {});
            assert!(rendered.is_err(), "{endless}");
        }
    }

    #[test]
    fn a_template_says_what_it_asks_for() {
        let templates = Templates::new();
        let names = templates.names("{% if tls %}{{ host }}{% endif %}:{{ port }}");
        let mut names = names.to_vec();
        names.sort();
        assert_eq!(names, ["host", "port", "tls"]);
    }
}
