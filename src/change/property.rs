//! What a table of the plan says, key by key, and other values for it.
//!
//! The keys, their meaning and what they may hold come from the shape of the plan, which its reader describes;
//! values are judged by that same reader.

use std::collections::BTreeSet;

use crate::change::{Change, ChangeError, Named};
use crate::model::{Edit, EditValue, EnvironmentName, Plan, PlanPath, Step, VariableName};
use crate::source::{self, FieldShape, Places, Shape, TableShape, rules};

/// Whether something holds in every environment or in one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extent {
    /// In every environment that does not say otherwise.
    Everywhere,
    /// In this one.
    Only(EnvironmentName),
}

/// One key of a table, with what the plan says of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Property {
    /// The key: `version`, or `settings.LOG_LEVEL`.
    pub key: String,
    /// What it means.
    pub doc: &'static str,
    /// What it may hold.
    pub shape: Shape,
    /// Where it stands.
    pub path: PlanPath,
    /// Where an environment says it differently.
    pub override_path: Option<PlanPath>,
    /// What stands there, as a user would type it.
    pub value: Option<String>,
    /// What stands in the environment.
    pub override_value: Option<String>,
}

/// What may be said of something, in the order of the plan's form, and what is.
pub fn properties(
    plan: &Plan,
    places: &Places,
    what: &Named,
    environment: Option<&EnvironmentName>,
) -> Vec<Property> {
    let path = what.path(plan);
    let Some(table) = shape_of(&path) else {
        return Vec::new();
    };
    let over = match what {
        Named::Component(name) => environment.map(|environment| {
            let sort = match plan.apps.contains_key(name) {
                true => "apps",
                false => "services",
            };
            let table = PlanPath::environment(environment.as_str());
            table.key(sort).key(name.as_str())
        }),
        Named::Host(..) | Named::Environment(_) => None,
    };
    let of_key = |key: &str, field: &FieldShape, shape: &Shape| {
        let at = |table: &PlanPath| {
            key.split('.')
                .fold(table.clone(), |path, word| path.key(word))
        };
        let (own, other) = (at(&path), over.as_ref().map(at));
        Property {
            key: key.to_owned(),
            doc: field.doc,
            shape: shape.clone(),
            value: places.typed(&own),
            override_value: other.as_ref().and_then(|other| places.typed(other)),
            path: own,
            override_path: other,
        }
    };
    let mut found = Vec::new();
    for field in &table.fields {
        match &field.shape {
            // Few of them say more than a few of their keys, so that the others are not listed.
            Shape::Table(inner) => {
                let names = |key: &str| names_in(places, key, &path, over.as_ref());
                add_said(field.key, inner, &of_key, &names, &mut found);
            }
            Shape::Map(_, inner) if ["settings", "uses"].contains(&field.key) => {
                for name in names_in(places, field.key, &path, over.as_ref()) {
                    let key = format!("{}.{name}", field.key);
                    match &**inner {
                        Shape::Table(inner) => found.extend(inner.fields.iter().map(|inner| {
                            of_key(&format!("{key}.{}", inner.key), inner, &inner.shape)
                        })),
                        inner => found.push(of_key(&key, field, inner)),
                    }
                }
                // Names of settings are the user's own, so there is room for one more.
                if field.key == "settings" {
                    found.push(of_key(field.key, field, &field.shape));
                }
            }
            Shape::Map(..) => {}
            // Where a component runs is changed by moving it.
            Shape::List(_) if field.key == "runs" => {}
            shape => found.push(of_key(field.key, field, shape)),
        }
    }
    found
}

/// Keys of words that may hold commas, which a list that is typed cannot.
const COMMANDS: [&str; 3] = ["entrypoint", "command", "test"];

/// Adds what is said in a table inside of a table, and in those inside of it.
fn add_said(
    key: &str,
    table: &TableShape,
    of_key: &dyn Fn(&str, &FieldShape, &Shape) -> Property,
    names: &dyn Fn(&str) -> BTreeSet<String>,
    found: &mut Vec<Property>,
) {
    for field in &table.fields {
        let key = format!("{key}.{}", field.key);
        match &field.shape {
            Shape::Table(inner) => add_said(&key, inner, of_key, names, found),
            Shape::Map(_, inner) => {
                if let Shape::Table(inner) = &**inner {
                    for name in names(&key) {
                        add_said(&format!("{key}.{name}"), inner, of_key, names, found);
                    }
                }
            }
            Shape::List(_) if COMMANDS.contains(&field.key) => {}
            shape => {
                let property = of_key(&key, field, shape);
                let is_said = property.value.is_some() || property.override_value.is_some();
                found.extend(is_said.then_some(property));
            }
        }
    }
}

/// The property of one name in a table of settings.
pub fn named(table: &Property, name: &str) -> Result<Property, ChangeError> {
    let wrong = |error| {
        let help = "use letters, digits and `_`, and no digit first";
        ChangeError::Value(format!("the name {error}; {help}"))
    };
    let name = VariableName::new(name).map_err(wrong)?;
    let shape = match &table.shape {
        Shape::Map(_, inner) => (**inner).clone(),
        shape => shape.clone(),
    };
    let at = |path: &PlanPath| path.clone().key(name.as_str());
    Ok(Property {
        key: format!("{}.{name}", table.key),
        path: at(&table.path),
        override_path: table.override_path.as_ref().map(at),
        shape,
        value: None,
        override_value: None,
        doc: table.doc,
    })
}

/// Writes a value as a user typed it.
pub fn set(property: &Property, extent: &Extent, typed: &str) -> Result<Change, ChangeError> {
    let said = match extent {
        Extent::Everywhere => &property.value,
        Extent::Only(_) => &property.override_value,
    };
    if said.as_deref() == Some(typed) {
        return Err(ChangeError::Nothing("it says so already".to_owned()));
    }
    // In a setting blanks may be meant.
    let is_setting = property.key.starts_with("settings.");
    let typed = if is_setting { typed } else { typed.trim() };
    if typed.is_empty() {
        return reset(property, extent);
    }
    let path = path_in(property, extent)?;
    let edit = Edit::Set {
        path: path.clone(),
        value: value(&property.shape, typed)?,
    };
    judge(&path, &edit)?;
    Ok(Change {
        title: match is_setting {
            // It may be a credential, which is a finding, and not to be shown.
            true => format!("set {} of {}", property.key, owner(property)),
            false => format!("set {} of {} to {typed}", property.key, owner(property)),
        },
        edits: vec![edit],
    })
}

/// Takes away what is said, so that what holds otherwise holds again.
pub fn reset(property: &Property, extent: &Extent) -> Result<Change, ChangeError> {
    let path = path_in(property, extent)?;
    let said = match extent {
        Extent::Everywhere => &property.value,
        Extent::Only(_) => &property.override_value,
    };
    match said {
        Some(_) => Ok(Change {
            title: format!("reset {} of {}", property.key, owner(property)),
            edits: vec![Edit::Remove { path }],
        }),
        None => Err(ChangeError::Nothing(format!(
            "nothing is said of `{}`",
            property.key
        ))),
    }
}

fn path_in(property: &Property, extent: &Extent) -> Result<PlanPath, ChangeError> {
    match extent {
        Extent::Everywhere => Ok(property.path.clone()),
        Extent::Only(environment) => property
            .override_path
            .clone()
            .ok_or_else(|| ChangeError::Nothing(format!("it belongs to `{environment}` already"))),
    }
}

/// The name of what a property is of.
fn owner(property: &Property) -> String {
    let depth = property.key.split('.').count();
    let steps = property.path.steps();
    match steps.get(steps.len().saturating_sub(depth + 1)) {
        Some(Step::Key(name) | Step::Item(name)) => name.clone(),
        None => "the plan".to_owned(),
    }
}

/// What was typed as the value that its key holds.
fn value(shape: &Shape, typed: &str) -> Result<EditValue, ChangeError> {
    match shape {
        Shape::Integer(low, high) => {
            let number = typed.parse::<i64>().ok();
            let number = number.filter(|number| (*low..=*high).contains(number));
            let wrong =
                || ChangeError::Value(format!("a whole number from {low} to {high} belongs here"));
            number.map(EditValue::Integer).ok_or_else(wrong)
        }
        Shape::Number => {
            let number = typed
                .parse::<f64>()
                .ok()
                .filter(|number| number.is_finite());
            let wrong = || ChangeError::Value("a number above zero belongs here".to_owned());
            number
                .filter(|number| *number > 0.0)
                .map(|_| EditValue::Number(typed.to_owned()))
                .ok_or_else(wrong)
        }
        Shape::Truth => match typed {
            "true" => Ok(EditValue::Truth(true)),
            "false" => Ok(EditValue::Truth(false)),
            _ => Err(ChangeError::Value("true or false belongs here".to_owned())),
        },
        Shape::List(_) => {
            let words = typed
                .split(',')
                .map(str::trim)
                .filter(|word| !word.is_empty());
            Ok(EditValue::List(words.map(str::to_owned).collect()))
        }
        _ => Ok(EditValue::Text(typed.to_owned())),
    }
}

/// Lets the reader of plans judge a value, in a plan that says nothing else.
fn judge(path: &PlanPath, edit: &Edit) -> Result<(), ChangeError> {
    let unsayable = |error: source::EditError| ChangeError::Value(error.to_string());
    let text = source::apply("", std::slice::from_ref(edit)).map_err(unsayable)?;
    let findings = source::read(&text).findings.into_iter();
    let mut faults = findings.filter(|finding| finding.rule != rules::MISSING_KEY.name);
    let of_it = |said: &PlanPath| said.steps().starts_with(path.steps());
    let fault = faults.find(|finding| finding.primary.path.as_ref().is_none_or(of_it));
    fault.map_or(Ok(()), |finding| {
        let help = finding.help.map(|help| format!("; {help}"));
        Err(ChangeError::Value(
            finding.message + &help.unwrap_or_default(),
        ))
    })
}

/// The shape of the table at a path.
fn shape_of(path: &PlanPath) -> Option<TableShape> {
    let mut shape = Shape::Table(source::plan_shape());
    for step in path.steps() {
        let Step::Key(key) = step else { return None };
        shape = match shape {
            Shape::Table(table) => {
                table
                    .fields
                    .into_iter()
                    .find(|field| field.key == key)?
                    .shape
            }
            Shape::Map(_, inner) => *inner,
            _ => return None,
        };
    }
    match shape {
        Shape::Table(table) => Some(table),
        _ => None,
    }
}

/// The names that stand in a table of a component or in the one that overrides it.
fn names_in(
    places: &Places,
    table: &str,
    path: &PlanPath,
    over: Option<&PlanPath>,
) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for above in std::iter::once(path).chain(over) {
        let words = table.split('.');
        let said = places.keys(&words.fold(above.clone(), |path, word| path.key(word)));
        names.extend(said.into_iter().map(str::to_owned));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::testing::{PLAN, changed, difference, plan};
    use crate::model::ComponentName;

    fn property(key: &str) -> Property {
        let db = Named::Component(ComponentName::new("db").expect("a name"));
        let local = EnvironmentName::new("local").expect("a name");
        let all = properties(&plan(PLAN), &source::read(PLAN).places, &db, Some(&local));
        let found = all.into_iter().find(|property| property.key == key);
        found.expect("it has that key")
    }

    fn local() -> Extent {
        Extent::Only(EnvironmentName::new("local").expect("a name"))
    }

    #[test]
    fn what_is_said_is_shown_with_what_an_environment_says_instead() {
        let version = property("version");
        assert_eq!(version.value.as_deref(), Some("17"));
        assert_eq!(version.override_value.as_deref(), Some("16"));
        assert_eq!(property("port").value, None);
    }

    #[test]
    fn a_value_is_written_where_it_holds_and_reset() {
        let after = changed(set(&property("version"), &Extent::Everywhere, "18"));
        assert_eq!(difference(&after), "-version = \"17\"\n+version = \"18\"\n");
        let after = changed(reset(&property("version"), &local()));
        assert!(!after.contains("version = \"16\""), "{after}");
        let after = changed(set(&property("port"), &local(), "5433"));
        assert!(
            after.contains("as long as the driver is old\nport = 5433\n"),
            "{after}"
        );
        let after = changed(set(&property("cpus"), &Extent::Everywhere, "0.5"));
        assert!(after.contains("\ncpus = 0.5\n"), "{after}");
        assert!(reset(&property("port"), &local()).is_err());
    }

    #[test]
    fn settings_get_new_names_and_uses_their_roles() {
        let after = changed(
            named(&property("settings"), "LOG_LEVEL").and_then(|property| {
                assert_eq!(property.value, None);
                set(&property, &local(), "debug")
            }),
        );
        assert!(
            after.contains("[environments.local.services.db.settings]\nLOG_LEVEL = \"debug\"\n"),
            "{after}"
        );
        assert!(named(&property("settings"), "1 2").is_err());
        let web = Named::Component(ComponentName::new("web").expect("a name"));
        let all = properties(&plan(PLAN), &source::read(PLAN).places, &web, None);
        let role = all
            .iter()
            .find(|property| property.key == "uses.db.role")
            .expect("it is there");
        assert_eq!(role.value.as_deref(), Some("database"));
        let role = all
            .iter()
            .find(|property| property.key == "uses.cache.role")
            .expect("it is there");
        let after = changed(set(role, &Extent::Everywhere, "session"));
        assert_eq!(
            difference(&after),
            "-cache = {}\n+cache = { role = \"session\" }\n"
        );
        assert!(set(role, &Extent::Everywhere, "nothing").is_err());
    }

    #[test]
    fn what_may_not_stand_there_is_said_as_it_is_typed() {
        for (key, typed, said) in [
            ("port", "70000", "from 1 to 65535"),
            ("memory", "lots", "not a size"),
            ("runs-as", "pod", "container"),
            ("address", "a b", "address"),
            ("cpus", "-1", "above zero"),
        ] {
            let fault = set(&property(key), &Extent::Everywhere, typed).expect_err("it is wrong");
            assert!(fault.to_string().contains(said), "{key}: {fault}");
        }
    }

    #[test]
    fn what_is_said_of_containers_can_be_changed() {
        let text = "name = \"shop\"\n[apps.web]\nimage = \"a/b:1\"\n[apps.web.container]\ninit = false\n\
                    command = [\"a, b\"]\nvolumes.data = { path = \"/data\" }\n";
        let web = Named::Component(ComponentName::new("web").expect("a name"));
        let all = properties(&plan(text), &source::read(text).places, &web, None);
        let said = all.iter().filter(|one| one.key.starts_with("container."));
        let said: Vec<&str> = said.map(|one| one.key.as_str()).collect();
        assert_eq!(said, ["container.init", "container.volumes.data.path"]);
        let init = all.iter().find(|one| one.key == said[0]).expect("it is");
        assert_eq!(init.value.as_deref(), Some("false"));
        let change = set(init, &Extent::Everywhere, "true").expect("it can be");
        let after = source::apply(text, &change.edits).expect("it applies");
        assert!(after.contains("\ninit = true\n"), "{after}");
        assert!(set(init, &Extent::Everywhere, "yes").is_err());
    }
}
