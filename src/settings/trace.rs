//! How a variable of an app came about: which use, which dialect, which form, which values.

use crate::catalog::Dialect;
use crate::model::{Choice, VariableName};
use crate::settings::spell::{app_of, dialect_of, names, nearest, spelled};
use crate::settings::values::Values;
use crate::settings::{Origin, Speller};
use crate::topology::{Instance, Link, Topology};

/// What a variable was spelled and made from, before the plan's `settings` are laid over it.
#[derive(Debug)]
pub struct Trace<'t> {
    /// Where it comes from.
    pub origin: Origin,
    /// The dialect.
    pub dialect: String,
    /// Which of its tables: `app`, `tiers.local`, `protocols.mysql.usual`.
    pub table: String,
    /// The name there.
    pub name: String,
    /// The template of the value there.
    pub template: String,
    /// The forms of the kind that the template asks for, with their encodings.
    pub forms: Vec<Spelling>,
    /// The values that the template or its forms ask for, by name, each once.
    pub asked: Vec<String>,
    /// The values of what the use reaches; none of the app itself.
    pub values: Values,
    /// How the use reaches it.
    pub link: Option<Link<'t>>,
}

/// A form as the catalog has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spelling {
    /// Its name.
    pub form: String,
    /// Its template.
    pub text: String,
    /// How values are encoded in it.
    pub encoding: &'static str,
}

impl Speller<'_> {
    /// What the dialect of an app's instance made `variable` from; nothing if it makes no such variable.
    pub fn trace<'t>(
        &self,
        topology: &'t Topology,
        instance: &Instance,
        variable: &VariableName,
    ) -> Option<Trace<'t>> {
        let (_, app) = app_of(topology, instance)?;
        let dialect = dialect_of(self.catalog(), app)?;
        self.trace_own(topology, &dialect, variable).or_else(|| {
            let links = nearest(topology, instance);
            links
                .into_iter()
                .find_map(|link| self.trace_use(link, &dialect, variable))
        })
    }

    fn trace_own<'t>(
        &self,
        topology: &Topology,
        dialect: &Dialect,
        variable: &VariableName,
    ) -> Option<Trace<'t>> {
        let tier = topology.tier.map(Choice::as_str);
        let of_tier = tier.and_then(|tier| Some((tier, dialect.tiers.get(tier)?)));
        let by_tier = of_tier.and_then(|(tier, names)| {
            Some((format!("tiers.{tier}"), names.get(variable.as_str())?))
        });
        let own = || Some(("app".to_owned(), dialect.app.get(variable.as_str())?));
        let (table, template) = by_tier.or_else(own)?;
        Some(Trace {
            origin: Origin::App,
            dialect: dialect.id.clone(),
            table,
            name: variable.to_string(),
            template: template.clone(),
            forms: Vec::new(),
            asked: self.templates.names(template).to_vec(),
            values: Values::default(),
            link: None,
        })
    }

    fn trace_use<'t>(
        &self,
        link: Link<'t>,
        dialect: &Dialect,
        variable: &VariableName,
    ) -> Option<Trace<'t>> {
        let kind = link.target_component.kind();
        let (table, prefix) = names(&link, kind, dialect)?;
        let is_it = |name: &&String| spelled(name, &link, &prefix).as_ref() == Some(variable);
        let name = table.keys().find(is_it)?;
        let values = self.values(&link);
        let (template, _) = self.first_value(&table[name], kind, &values).ok()??;
        let asked = self.templates.names(template);
        let forms = asked.iter().filter_map(|name| {
            let form = kind.forms.get(name)?;
            Some(Spelling {
                form: name.clone(),
                text: form.text.clone(),
                encoding: crate::template::encoding_name(form.encoding),
            })
        });
        let forms: Vec<Spelling> = forms.collect();
        let mut within: Vec<String> = forms
            .iter()
            .flat_map(|form| self.templates.names(&form.text).to_vec())
            .chain(asked.iter().cloned())
            .filter(|name| !kind.forms.contains_key(name))
            .collect();
        within.sort();
        within.dedup();
        Some(Trace {
            origin: Origin::Use(link.target.component.clone()),
            dialect: dialect.id.clone(),
            table: table_name(&link, &kind.protocol, dialect),
            name: name.clone(),
            template: template.to_owned(),
            forms,
            asked: within,
            values,
            link: Some(link),
        })
    }
}

/// `protocols.mysql.usual`: the table of a dialect that spells a use.
fn table_name(link: &Link, protocol: &str, dialect: &Dialect) -> String {
    let protocol = match dialect.protocols.contains_key(protocol) {
        true => protocol,
        false => "default",
    };
    let spelling = dialect.protocols.get(protocol);
    let has_usual = spelling.is_some_and(|spelling| spelling.usual.is_some());
    let names = match link.connection.env.is_none() && has_usual {
        true => "usual",
        false => "named",
    };
    format!("protocols.{protocol}.{names}")
}
