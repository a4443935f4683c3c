//! A dialect: how a framework spells the settings of what an app uses.

use std::collections::BTreeMap;

use serde::Deserialize;

/// How a framework spells settings, as its file in `templates/dialects/` describes it.
///
/// Names and values are templates. Names see `use` (the component's name), `prefix` (the use's `env`,
/// else the component's name in capitals). Values see the parts, secrets and forms of the service.
/// A variable whose value asks for something that the service does not have is left out, unless another
/// value stands behind it in a list.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Dialect {
    /// The name in the catalog: the file's name without `.toml`.
    #[serde(skip)]
    pub id: String,
    /// The framework's own name.
    pub title: String,
    /// One sentence for a list.
    pub summary: String,
    /// Where apps answer with their measurements, if not at `/metrics`.
    pub metrics_path: Option<String>,
    /// Variables of the app itself; values see `port`, `environment` and `plan`.
    #[serde(default)]
    pub app: BTreeMap<String, String>,
    /// Variables of the app itself by the environment's tier.
    #[serde(default)]
    pub tiers: BTreeMap<String, BTreeMap<String, String>>,
    /// Variables of a use by the service's protocol; `default` for all others.
    pub protocols: BTreeMap<String, Spelling>,
}

/// The variables that one use of a service gets.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Spelling {
    /// The names that the framework looks for by itself; `named` if there are none.
    pub usual: Option<BTreeMap<String, Alternatives>>,
    /// The names when the use says `env`.
    pub named: BTreeMap<String, Alternatives>,
}

/// Templates of one value: a text, or a list of which the first is taken that the service has everything for.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "OneOrSeveral")]
pub struct Alternatives(Vec<String>);

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrSeveral {
    One(String),
    Several(Vec<String>),
}

impl From<OneOrSeveral> for Alternatives {
    fn from(templates: OneOrSeveral) -> Alternatives {
        match templates {
            OneOrSeveral::One(template) => Alternatives(vec![template]),
            OneOrSeveral::Several(templates) => Alternatives(templates),
        }
    }
}

impl Alternatives {
    /// The templates, the one to prefer first.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl Dialect {
    /// The spelling for services that speak `protocol`.
    pub fn spelling(&self, protocol: &str) -> Option<&Spelling> {
        self.protocols
            .get(protocol)
            .or_else(|| self.protocols.get("default"))
    }
}
