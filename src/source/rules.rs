//! Rules about the text itself: what is found while the plan is read. They cannot be allowed.

use crate::finding::{RuleInfo, Severity};

/// Every rule of this layer, in the order they are shown.
pub static RULES: &[&RuleInfo] = &[
    &INVALID_SYNTAX,
    &UNKNOWN_KEY,
    &WRONG_TYPE,
    &INVALID_VALUE,
    &INVALID_NAME,
    &MISSING_KEY,
];

/// The text is not TOML.
pub static INVALID_SYNTAX: RuleInfo = RuleInfo {
    name: "invalid-syntax",
    severity: Severity::Deny,
    summary: "the plan is not valid TOML here",
    explanation: "\
What it finds: a place where the text is not TOML, such as a missing quote, or a table or key that is
written twice; of several in one line the first, because the others follow from it.

Why it matters: what stands there cannot be read. Backstay reads the rest all the same, so that one
mistake does not hide the others: a list, table or text that is left open is read as if it ended where
the next table or key begins.

Instead: mend the place that is marked. Texts need quotes, lists need commas, and a table such as
`[services.db]` stands once with all its keys.",
};

/// A key that the table does not have.
pub static UNKNOWN_KEY: RuleInfo = RuleInfo {
    name: "unknown-key",
    severity: Severity::Deny,
    summary: "a key that means nothing where it stands",
    explanation: "\
What it finds: a key that its table does not have, with the nearest one that it has.

Why it matters: a misspelt key would be passed over in silence, and the plan would not say what its
author believes it says.

Instead: correct the key, or take it away. `backstay schema` prints every key with its meaning, for
editors that complete them.",
};

/// A value of the wrong type.
pub static WRONG_TYPE: RuleInfo = RuleInfo {
    name: "wrong-type",
    severity: Severity::Deny,
    summary: "a value of another type than the key takes",
    explanation: "\
What it finds: a number where a text belongs, a text where a list belongs, and so on. The most common
one is a version without quotes: `version = 8.4` is a number, and `8.40` would be the same number.

Why it matters: the value cannot be used, and the rest of the plan is read as if it were missing.

Instead: write the value as the message says; where only quotes are missing, `backstay check --fix`
adds them.",
};

/// A value of the right type that means nothing.
pub static INVALID_VALUE: RuleInfo = RuleInfo {
    name: "invalid-value",
    severity: Severity::Deny,
    summary: "a value that the key does not take",
    explanation: "\
What it finds: a word that is not among a key's choices, a port above 65535, a size without a unit.

Why it matters: the value cannot be used, and the rest of the plan is read as if it were missing.

Instead: write one of the values that the message names.",
};

/// A name that is not safe everywhere it goes.
pub static INVALID_NAME: RuleInfo = RuleInfo {
    name: "invalid-name",
    severity: Severity::Deny,
    summary: "a name that cannot be used for files, containers and hosts",
    explanation: "\
What it finds: names of apps, services, hosts and environments that are not 1 to 63 of the characters
`a-z`, `0-9`, `-` and `_` with a letter or digit first, and names of variables that a shell would not
take.

Why it matters: names become folders, container names, host names on a network and parts of variables.
The set is what all of these take, on every system, without quoting.

Instead: choose a plain name: `orders-db`, not `Orders DB`.",
};

/// A key that must be there and is not.
pub static MISSING_KEY: RuleInfo = RuleInfo {
    name: "missing-key",
    severity: Severity::Deny,
    summary: "a key is missing that the plan cannot do without",
    explanation: "\
What it finds: a plan without a `name`, a service without a `kind`, a rule's level without a reason, an
environment whose tier can neither be read from its name nor is said.

Why it matters: the name becomes the name of the Compose projects, the kind says everything else about
a service, and the tier decides which rules hold.

Instead: add the key that the message names.",
};
