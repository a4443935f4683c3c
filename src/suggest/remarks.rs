//! The comments that a suggestion leaves in the plan, and those of them that an edit makes untrue.
//!
//! A comment is known by its words: only what would be written for the value of before is taken away.

use crate::catalog::Catalog;
use crate::model::{Edit, EditValue, Plan, PlanPath, Step};
use crate::source::{self, EditError};
use crate::suggest::begin::why;
use crate::suggest::{Basis, suggestions};

/// Above an address that is not known yet.
pub const OF_ADDRESS: &str =
    "Keeps the place of the real address, which is yet to be written here.";
/// Above a part of a provider's.
pub const OF_PROVIDER: &str = "Keeps the place of what the provider says.";
/// Above the port of an app that said none.
pub const OF_PORT: &str =
    "The usual port for want of another: write the one that the app listens on.";
/// Above the port that an app takes on its machine.
pub const OF_PUBLISHED: &str = "Its port on the machine: its own is taken there by another.";

/// A plan's text with edits, without the comments of Backstay's own that they make untrue.
///
/// # Errors
///
/// If the edits cannot be applied.
pub fn applied(
    (text, plan): (&str, &Plan),
    catalog: &Catalog,
    edits: &[Edit],
) -> Result<String, EditError> {
    let plain = source::apply(text, edits)?;
    let stale = stale(text, plan, catalog, edits);
    match stale.is_empty() || plain == text {
        true => Ok(plain),
        // Before the edits, which may bring comments along.
        false => source::apply(text, &[&stale, edits].concat()),
    }
}

/// The edits that take away the comments of Backstay's own that other edits make untrue.
fn stale(text: &str, plan: &Plan, catalog: &Catalog, edits: &[Edit]) -> Vec<Edit> {
    let stale = edits.iter().flat_map(|edit| {
        let Edit::Set { path, value } = edit else {
            return Vec::new();
        };
        let uncomment = |path: &PlanPath, text: &str| Edit::Uncomment {
            path: path.clone(),
            text: text.to_owned(),
        };
        match of_another_kind(plan, path, value) {
            Some(service) => {
                let header = PlanPath::service(service);
                let said = said_of(plan, catalog, service);
                said.iter().map(|text| uncomment(&header, text)).collect()
            }
            // To look whether it stands there takes long in a large plan.
            None => {
                let said = of_value(path).filter(|said| text.contains(said));
                Vec::from_iter(said.map(|said| uncomment(path, said)))
            }
        }
    });
    stale.collect()
}

/// What was written above a value that keeps the place of another.
fn of_value(path: &PlanPath) -> Option<&'static str> {
    let Some(Step::Key(key)) = path.steps().last() else {
        return None;
    };
    Some(match key.as_str() {
        "address" => OF_ADDRESS,
        "port" => OF_PORT,
        "published" => OF_PUBLISHED,
        _ => OF_PROVIDER,
    })
}

/// The service that gets another kind by writing a value.
fn of_another_kind<'p>(plan: &Plan, path: &'p PlanPath, value: &EditValue) -> Option<&'p str> {
    let [Step::Key(services), Step::Key(name), Step::Key(key)] = path.steps() else {
        return None;
    };
    let known = plan.services.iter().find(|(it, _)| it.as_str() == name)?.1;
    let is_same = |kind: &str| matches!(value, EditValue::Text(text) if text == kind);
    let is_kind = services == "services" && key == "kind";
    (is_kind && !known.kind.as_deref().is_some_and(is_same)).then_some(name)
}

/// What was written above a service when the plan was begun, if its apps and needs are those of then: a paragraph
/// for each need.
fn said_of(plan: &Plan, catalog: &Catalog, service: &str) -> Vec<String> {
    let begun = as_begun(plan);
    let Some(basis) = Basis::of_plan(&begun, catalog) else {
        return Vec::new();
    };
    let texts = why(&basis, begun.apps.len(), &suggestions(&basis));
    let text = texts.get(service).map_or("", String::as_str);
    text.lines().map(str::to_owned).collect()
}

/// A plan as it was before its needs were answered.
fn as_begun(plan: &Plan) -> Plan {
    let mut begun = plan.clone();
    begun.services.clear();
    for app in begun.apps.values_mut() {
        app.uses.clear();
    }
    for environment in begun.environments.values_mut() {
        environment.services.clear();
        for host in environment.hosts.values_mut() {
            host.runs.retain(|name| plan.apps.contains_key(name));
        }
    }
    begun
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Choice, Role};
    use crate::suggest::{NewApp, NewPlan, WantedNeed, new_plan};

    fn begun(roles: &[Role], stack: &str) -> String {
        let app = |name: &str, port| NewApp {
            name: name.to_owned(),
            image: Some("a/b:1".to_owned()),
            port: Some(port),
        };
        let need = |role: &Role| WantedNeed::parse(role.as_str()).expect("a role");
        let new = NewPlan {
            name: "shop".to_owned(),
            stack: Some(stack.to_owned()),
            apps: vec![app("web", 8080), app("worker", 8080)],
            needs: roles.iter().map(need).collect(),
            environments: ["local", "test", "prod"]
                .map(|name| (name.to_owned(), None))
                .into(),
            ..NewPlan::default()
        };
        new_plan(&new, &Catalog::builtin())
            .expect("it can be begun")
            .text
    }

    fn with(text: &str, path: PlanPath, value: &str) -> String {
        let value = EditValue::Text(value.to_owned());
        let edits = [Edit::Set { path, value }];
        let plan = source::read(text).plan;
        applied((text, &plan), &Catalog::builtin(), &edits).expect("it applies")
    }

    /// The comments right above a header.
    fn above<'t>(text: &'t str, header: &str) -> Vec<&'t str> {
        let lines: Vec<&str> = text.lines().collect();
        let at = lines.iter().position(|line| *line == header).expect(header);
        let mut above: Vec<&str> = lines[..at]
            .iter()
            .rev()
            .take_while(|line| line.starts_with('#'))
            .copied()
            .collect();
        above.reverse();
        above
    }

    #[test]
    fn what_is_said_of_a_kind_goes_with_the_kind() {
        let of_others =
            |text: &str, header: &str| text.replace(&above(text, header).join("\n"), "");
        for stack in ["default", "aws", "self-hosted"] {
            for roles in [
                Role::ALL.to_vec(),
                vec![Role::Database, Role::Cache, Role::Queue],
            ] {
                let text = begun(&roles, stack);
                for name in source::read(&text).plan.services.keys() {
                    let header = format!("[services.{name}]");
                    assert!(!above(&text, &header).is_empty(), "{text}");
                    let path = PlanPath::service(name.as_str()).key("kind");
                    let after = with(&text, path, "another");
                    assert_eq!(above(&after, &header), [""; 0], "{stack} {name}: {text}");
                    // Nothing else went.
                    let before = of_others(&text, &header);
                    let n_comments =
                        |text: &str| text.lines().filter(|it| it.starts_with('#')).count();
                    assert_eq!(n_comments(&after), n_comments(&before));
                }
            }
        }
    }

    #[test]
    fn a_comment_of_the_users_stays_and_one_that_keeps_a_place_goes_when_it_is_filled() {
        let text = begun(&[Role::Database], "default");
        let header = "[services.database]";
        let mine = text.replace(header, &format!("# Mine.\n{header}"));
        let path = || PlanPath::keys(["services", "database", "kind"]);
        let after = with(&mine, path(), "mysql");
        assert_eq!(above(&after, header), ["# Mine."]);
        // Words of the user's in it make it the user's.
        let mine = text.replace("# For database: the sane", "# For database: the most sane");
        assert_ne!(mine, text);
        let after = with(&mine, path(), "mysql");
        assert_eq!(above(&after, header), above(&mine, header));
        // The same kind once more changes nothing.
        assert_eq!(with(&text, path(), "postgres"), text);
        let address = PlanPath::host("prod", "data-1").key("address");
        let after = with(&text, address, "10.0.0.9");
        let places = |text: &str| text.matches(OF_ADDRESS).count();
        assert_eq!(places(&after) + 1, places(&text));
        assert!(after.contains("[environments.prod.hosts.data-1]\naddress = \"10.0.0.9\""));
    }
}
