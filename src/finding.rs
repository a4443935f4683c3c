//! A finding: what is wrong, where, why it matters, and the edit that mends it.

use crate::model::{Edit, EditValue, EnvironmentName, Level, PlanPath, Step};
use crate::secret_shape::{masked, shaped_like_a_secret};
use crate::span::Span;

/// How much a finding matters: a level above `allow`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Advised against.
    Warn,
    /// Fails the check.
    Deny,
}

impl Severity {
    /// The word in output and in `[rules]`.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warn => "warn",
            Severity::Deny => "deny",
        }
    }

    /// The severity of a level; `None` for `allow`.
    pub fn of(level: Level) -> Option<Severity> {
        match level {
            Level::Allow => None,
            Level::Note => Some(Severity::Note),
            Level::Warn => Some(Severity::Warn),
            Level::Deny => Some(Severity::Deny),
        }
    }
}

/// What every rule says about itself, whether it reads the text or the topology.
#[derive(Debug)]
pub struct RuleInfo {
    /// Kebab-case; states the fault, so that `allow NAME` reads well.
    pub name: &'static str,
    /// Severity unless the plan sets another.
    pub severity: Severity,
    /// One sentence for lists.
    pub summary: &'static str,
    /// What it finds, why it matters, when it is fine, what to do instead.
    pub explanation: &'static str,
}

/// A place in the plan and what to say there.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// Where, as a path; empty for mistakes of the text itself.
    pub path: Option<PlanPath>,
    /// Where, as bytes; filled in from the path when the plan is analysed.
    pub span: Option<Span>,
    /// What to say there; may be empty.
    pub text: String,
}

impl Label {
    /// A label on a path.
    pub fn new(path: PlanPath, text: impl Into<String>) -> Label {
        Label {
            path: Some(path),
            span: None,
            text: text.into(),
        }
    }

    /// A label on bytes.
    pub fn at(span: Span, text: impl Into<String>) -> Label {
        Label {
            path: None,
            span: Some(span),
            text: text.into(),
        }
    }
}

/// An edit of the plan that makes a finding go away.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// What it does, as an order: "move `db` to a host of its own".
    pub title: String,
    /// The changes, applied in order.
    pub edits: Vec<Edit>,
}

/// What a rule says about one place of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The rule's name.
    pub rule: &'static str,
    /// How much it matters, after the plan's own levels.
    pub severity: Severity,
    /// One sentence, lower case, without a full stop.
    pub message: String,
    /// The environment it concerns, if it is not about the plan as a whole.
    pub environment: Option<EnvironmentName>,
    /// The place it is about.
    pub primary: Label,
    /// The other ends.
    pub secondary: Vec<Label>,
    /// How to mend it.
    pub help: Option<String>,
    /// The edit that mends it.
    pub fix: Option<Fix>,
}

impl Finding {
    /// A finding of `rule` at a place.
    pub fn new(rule: &'static RuleInfo, primary: Label, message: impl Into<String>) -> Finding {
        Finding {
            rule: rule.name,
            severity: rule.severity,
            message: message.into(),
            environment: None,
            primary,
            secondary: Vec::new(),
            help: None,
            fix: None,
        }
    }

    /// With the environment it concerns.
    pub fn in_environment(mut self, environment: &EnvironmentName) -> Finding {
        self.environment = Some(environment.clone());
        self
    }

    /// With one more place.
    pub fn and(mut self, label: Label) -> Finding {
        self.secondary.push(label);
        self
    }

    /// With a way to mend it.
    pub fn help(mut self, help: impl Into<String>) -> Finding {
        self.help = Some(help.into());
        self
    }

    /// With an edit that mends it.
    pub fn fix(mut self, title: impl Into<String>, edits: Vec<Edit>) -> Finding {
        self.fix = Some(Fix {
            title: title.into(),
            edits,
        });
        self
    }

    /// Whether its fix takes away something that the user wrote, and does not write it elsewhere.
    pub fn takes_away(&self) -> bool {
        let edits = || self.fix.iter().flat_map(|fix| &fix.edits);
        let is_item = |removed: &PlanPath, text: &str| matches!(removed.steps().last(), Some(Step::Item(item)) if item == text);
        let is_written_again = |removed: &PlanPath| {
            edits().any(|edit| match edit {
                Edit::Set {
                    value: EditValue::Text(text),
                    path,
                } => path == removed || is_item(removed, text),
                Edit::Copy { path, .. } | Edit::Set { path, .. } => path == removed,
                Edit::Push { text, .. } => is_item(removed, text),
                _ => false,
            })
        };
        // A list that is taken away with the last of its items, which is written elsewhere, goes with it.
        let is_emptied = |removed: &PlanPath| {
            edits().any(|edit| {
                matches!(edit, Edit::Remove { path } if path.list().as_ref() == Some(removed) && is_written_again(path))
            })
        };
        edits().any(|edit| match edit {
            Edit::Remove { path } => !is_written_again(path) && !is_emptied(path),
            _ => false,
        })
    }

    /// Its message, with the environment it concerns.
    pub fn said(&self) -> String {
        match &self.environment {
            Some(environment) => format!("{} (in {environment})", self.message),
            None => self.message.clone(),
        }
    }

    /// With another severity than its rule's.
    pub fn severity(mut self, severity: Severity) -> Finding {
        self.severity = severity;
        self
    }
}

/// Longest piece of the user's own text that a message repeats, in characters.
const LONGEST_QUOTE: usize = 60;

/// The user's own text for a message: in backticks, shortened, with nothing a terminal would obey, and
/// nothing at all of what looks like a credential.
pub fn quoted(text: &str) -> String {
    if shaped_like_a_secret(text) {
        return "`********`".to_owned();
    }
    let may_hold_one = |byte: u8| matches!(byte, b':' | b'=' | b' ' | b'@' | b'"' | b',');
    let text = match text.bytes().any(may_hold_one) {
        true => &masked(text),
        false => text,
    };
    let mut shown: String = text
        .chars()
        .take(LONGEST_QUOTE)
        .flat_map(printable)
        .collect();
    if text.chars().nth(LONGEST_QUOTE).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// A character as a terminal may be shown it: control and invisible direction marks as escapes.
pub fn printable(c: char) -> impl Iterator<Item = char> {
    let obeyed = c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let escaped = obeyed.then(|| c.escape_unicode());
    let plain = (!obeyed).then_some(c);
    escaped.into_iter().flatten().chain(plain)
}

/// `1 host`, `3 hosts`: how many there are of what is said in the singular.
pub fn counted(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    }
}

/// `a, b, c and 4 more`: names in a list, no more than `most` of them.
pub fn few(names: &[String], most: usize) -> String {
    let more = match names.len().saturating_sub(most) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let named: Vec<String> = names.iter().take(most).map(|name| printed(name)).collect();
    named.join(", ") + &more
}

/// A text as a terminal may be shown it, on one line.
pub fn printed(text: &str) -> String {
    text.chars().flat_map(printable).collect()
}

/// As `printable`, but a line break stays one.
pub fn printable_or_break(c: char) -> Vec<char> {
    if c == '\n' {
        vec![c]
    } else {
        printable(c).collect()
    }
}

/// The closest of the names that are valid there, if one is close enough to be meant.
pub fn did_you_mean<'a>(word: &str, valid: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > 100 {
        return None;
    }
    let lower = word.to_lowercase();
    let scored = valid.into_iter().map(|name| {
        (
            strsim::damerau_levenshtein(&lower, &name.to_lowercase()),
            name,
        )
    });
    let (distance, name) = scored.min_by_key(|(distance, _)| *distance)?;
    let length = word.chars().count().max(name.chars().count());
    let close = distance <= (length / 3).max(1) && distance < length;
    close.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_nothing_a_terminal_obeys_and_stay_short() {
        assert_eq!(quoted("a\u{1b}[2Jb"), "`a\\u{1b}[2Jb`");
        assert_eq!(quoted("\u{202e}"), "`\\u{202e}`");
        assert_eq!(quoted("redis://a:hunter3@kv"), "`********`");
        assert_eq!(quoted("{DB_PASSWORD: hunter3}"), "`{DB_PASSWORD: *******}`");
        assert_eq!(
            quoted(&"x".repeat(10_000)).chars().count(),
            LONGEST_QUOTE + 3
        );
    }

    #[test]
    fn near_names_are_offered_and_far_ones_are_not() {
        assert_eq!(
            did_you_mean("postgers", ["mysql", "postgres"]),
            Some("postgres")
        );
        assert_eq!(did_you_mean("oracle", ["mysql", "postgres"]), None);
    }
}
