//! The variables of a service's container: which the kind gives, which the plan.

use serde::Serialize;

use crate::model::PlanPath;
use crate::report::json::print;
use crate::report::origin::Said;
use crate::report::table::aligned;
use crate::report::variable::Inputs;
use crate::secret_shape::looks_secret;
use crate::settings::MASK;
use crate::span::Lines;
use crate::topology::{Component, Topology};

/// A variable of a service's container.
#[derive(Debug, Serialize)]
pub struct Row {
    variable: String,
    /// The plan's text, or the template that the kind fills in.
    value: String,
    by: String,
    place: Option<String>,
}

impl Row {
    /// The variable's name.
    pub fn name(&self) -> &str {
        &self.variable
    }
}

/// The variables of a service's container, by name; none where Backstay writes no container for its kind.
pub fn list(inputs: &Inputs, topology: &Topology, component: &Component) -> Vec<Row> {
    if topology.container_hosts(component).next().is_none() {
        return Vec::new();
    }
    let said = Said {
        text: inputs.text,
        lines: Lines::new(inputs.text),
        places: inputs.places,
        file: inputs.file,
    };
    let kind = component.kind();
    let of_kind = kind
        .container
        .iter()
        .flat_map(|container| &container.environment);
    let of_kind = of_kind
        .filter(|(name, _)| {
            !component
                .settings
                .keys()
                .any(|own| own.as_str() == name.as_str())
        })
        .map(|(name, template)| Row {
            variable: name.clone(),
            value: template.clone(),
            by: format!("the kind {}, filled in when files are generated", kind.id),
            place: None,
        });
    let own = component.settings.iter().map(|(name, text)| {
        let (service, owner) = (component.name.as_str(), component.owner.as_str());
        let under = |path: PlanPath| path.key("settings").key(name.as_str());
        let over = said.at(&under(
            PlanPath::environment(owner).key("services").key(service),
        ));
        let by = match over {
            Some(_) => format!("settings of the plan, an override of {owner}"),
            None => "settings of the plan".to_owned(),
        };
        let shown = match looks_secret(name.as_str(), text) {
            true => MASK.to_owned(),
            false => text.chars().flat_map(crate::finding::printable).collect(),
        };
        Row {
            variable: name.to_string(),
            value: shown,
            by,
            place: over.or_else(|| said.at(&under(PlanPath::service(service)))),
        }
    });
    let mut rows: Vec<Row> = of_kind.chain(own).collect();
    rows.sort_by(|a, b| a.variable.cmp(&b.variable));
    rows
}

/// Variables for people.
pub fn text(rows: &[&Row]) -> String {
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let place = row.place.as_ref().map(|place| format!(" ({place})"));
            let by = format!("{}{}", row.by, place.unwrap_or_default());
            vec![row.variable.clone(), row.value.clone(), by]
        })
        .collect();
    aligned(&rows, "")
}

/// Variables for scripts.
pub fn json(rows: &[&Row]) -> String {
    print(&rows)
}
