//! Every dialect meets every kind, and every connection string gives back exactly what went into it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use backstay::analysis::{Analysis, Config, analyze};
use backstay::catalog::{Catalog, CatalogFile, CatalogFileOf, Encoding, Form, Kind};
use backstay::model::{ComponentName, Date};
use backstay::settings::{
    InTheWay, Origin, SecretValues, SettingValue, Speller, UnsayableValue, Variable, needs,
};
use backstay::template::Templates;
use backstay::topology::{Instance, Topology};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::connection_strings::{
    Parts, read_ado, read_braces, read_go_dsn, read_libpq, read_list, read_uri,
};
use crate::properties::cases;
use crate::support::TODAY;

/// A kind, used by one app for each dialect under its usual names and, a second time, under others.
fn plan_of(kind: &Kind, dialects: &[String], said: &BTreeMap<&str, String>, host: &str) -> String {
    let mut plan = "name = \"museum\"\n".to_owned();
    for dialect in dialects {
        plan.push_str(&format!(
            "[apps.{dialect}]\ndialect = \"{dialect}\"\nuses.svc = {{}}\nuses.twin = {{ env = \"TWIN\" }}\n"
        ));
    }
    for service in ["svc", "twin"] {
        plan.push_str(&format!("[services.{service}]\nkind = \"{}\"\n", kind.id));
        for (part, rule) in &kind.parts {
            let asked = rule.default.is_none() || rule.provider_chooses;
            let fallback = asked.then(|| "said".to_owned());
            if let Some(value) = said.get(part.as_str()).cloned().or(fallback) {
                plan.push_str(&format!("{part} = {}\n", toml_edit::Value::from(value)));
            }
        }
    }
    let apps: Vec<String> = dialects
        .iter()
        .map(|dialect| format!("\"{dialect}\""))
        .collect();
    let apps = apps.join(", ");
    plan.push_str(&format!(
        "[environments.local.hosts.box]\nruns = [{apps}, \"svc\", \"twin\"]\n\
         [environments.test.hosts.apps]\nruns = [{apps}]\n\
         [environments.test.hosts.there]\naddress = \"{host}\"\nruns = [\"svc\", \"twin\"]\n\
         [environments.prod.hosts.apps]\nruns = [{apps}]\n\
         [environments.prod.hosts.there]\nkind = \"managed\"\naddress = \"{host}\"\nruns = [\"svc\", \"twin\"]\n"
    ));
    plan
}

fn analysis(plan: &str, catalog: &Catalog) -> Analysis {
    let today = Date::parse(TODAY).expect("a date");
    analyze(plan, catalog, &Config { today })
}

/// Every credential that anybody in the plan needs.
fn secrets(analysis: &Analysis, value: impl Fn(&str) -> String) -> SecretValues {
    let needs = analysis.topologies.iter().flat_map(needs);
    needs
        .map(|need| (need.id.clone(), value(&need.id.name)))
        .collect()
}

fn instance(app: &str, topology: &Topology) -> Option<Instance> {
    let app = ComponentName::new(app).expect("a name");
    topology.instances_of(&app).next().cloned()
}

/// The variables of one use.
fn of_use<'v>(variables: &'v [Variable], target: &str) -> Vec<&'v Variable> {
    let is_of =
        |variable: &&Variable| matches!(&variable.origin, Origin::Use(of) if of.as_str() == target);
    variables.iter().filter(is_of).collect()
}

fn known(variable: &Variable) -> &str {
    match &variable.value {
        SettingValue::Known(text) => text,
        SettingValue::Unfilled(missing) => panic!("{} waits for {missing:?}", variable.name),
    }
}

#[test]
fn every_dialect_spells_every_kind() {
    let catalog = Catalog::builtin();
    let templates = Templates::new();
    // All but the one that gives no app any variable.
    let dialects: Vec<String> = catalog
        .dialects()
        .map(|dialect| dialect.id.clone())
        .filter(|dialect| dialect != "own")
        .collect();
    assert!(dialects.len() >= 9, "{dialects:?}");
    for kind in catalog.kinds() {
        let plan = plan_of(&kind, &dialects, &BTreeMap::new(), "svc.example.com");
        let analysis = analysis(&plan, &catalog);
        let secrets = secrets(&analysis, |name| format!("Secret-of_{name}.1"));
        let speller = Speller::new(&catalog, &templates, "museum", &secrets);
        for dialect in &dialects {
            let mut names = BTreeSet::new();
            for topology in &analysis.topologies {
                let at = format!("{dialect} × {} in {}", kind.id, topology.environment);
                let instance = instance(dialect, topology).expect("the app is placed");
                let component = &topology.components[&instance.component];
                let in_the_way = InTheWay::of(&catalog, topology, component, &instance);
                assert_eq!(in_the_way.clashes, [], "{at}");
                let variables = speller.variables(topology, &instance);
                let variables = variables.unwrap_or_else(|error| panic!("{at}: {error:?}"));
                for target in ["svc", "twin"] {
                    let Some(component) = topology.components.get(target) else {
                        continue;
                    };
                    if topology.uses_of(&instance).is_empty() {
                        continue;
                    }
                    let own = of_use(&variables, target);
                    assert!(!own.is_empty(), "{at}: {target} gets no variable");
                    let rules = component.kind().secrets.iter();
                    for (name, _) in
                        rules.filter(|(_, rule)| rule.for_clients && rule.for_kinds.is_empty())
                    {
                        let secret = format!("Secret-of_{name}.1");
                        let arrives = own.iter().any(|variable| known(variable).contains(&secret));
                        assert!(
                            arrives,
                            "{at}: {target}'s {name} does not reach the app: {own:#?}"
                        );
                    }
                    if component
                        .service()
                        .is_some_and(|service| service.stands_in_for.is_none())
                        && target == "svc"
                    {
                        names.insert(
                            own.iter()
                                .map(|variable| variable.name.to_string())
                                .collect::<Vec<_>>(),
                        );
                    }
                }
            }
            assert!(
                names.len() <= 1,
                "{dialect} × {}: other names elsewhere: {names:#?}",
                kind.id
            );
        }
    }
}

/// The dialect, and the app, that asks for one form: one that refuses a value leaves the others to be tried.
fn probe_of(form: &str) -> String {
    format!("probe-{}", form.replace('_', "-"))
}

/// The catalog with a dialect for each form of every kind.
static PROBING: LazyLock<Catalog> = LazyLock::new(|| {
    let mut catalog = Catalog::builtin();
    let forms: BTreeSet<String> = catalog
        .kinds()
        .flat_map(|kind| kind.forms.keys().cloned().collect::<Vec<_>>())
        .collect();
    for form in forms {
        let file = CatalogFile {
            of: CatalogFileOf::Dialect,
            id: probe_of(&form),
            place: "probe.toml".to_owned(),
            text: format!(
                "title = \"Probe\"\nsummary = \"One form.\"\n[protocols.default.named]\n\
                 \"{{{{ prefix }}}}_{form}\" = \"{{{{ {form} }}}}\"\n"
            ),
        };
        catalog.add(&file).expect("the dialect is valid");
    }
    catalog
});

/// What a connection string says, read as its own readers do.
fn read(name: &str, form: &Form, text: &str) -> Result<Parts, String> {
    match form.encoding {
        Encoding::Uri => read_uri(text),
        Encoding::Ado => read_ado(text),
        Encoding::Libpq => read_libpq(text),
        Encoding::Braces => read_braces(text),
        Encoding::CommaList => read_list(text, ','),
        Encoding::Plain if name == "go_dsn" => read_go_dsn(text),
        Encoding::Plain if form.refuses.contains(';') => read_list(text, ';'),
        Encoding::Plain => Ok(Parts::default()),
    }
}

/// Whether a form says that it cannot hold one of the values.
fn may_refuse(form: &Form, values: &[&str]) -> bool {
    let refused = match form.encoding {
        Encoding::CommaList => ",",
        _ => form.refuses.as_str(),
    };
    values
        .iter()
        .any(|value| value.contains(|c| refused.contains(c)))
}

/// Checks every form of `kind` in every environment with these values.
fn check_forms(
    catalog: &Catalog,
    kind: &Kind,
    secret: &str,
    part: &str,
    host: &str,
) -> Result<usize, String> {
    let templates = Templates::new();
    let said: BTreeMap<&str, String> = ["user", "database", "vhost"]
        .map(|name| (name, part.to_owned()))
        .into();
    let probes: Vec<String> = kind.forms.keys().map(|form| probe_of(form)).collect();
    let analysis = analysis(&plan_of(kind, &probes, &said, host), catalog);
    let secrets = secrets(&analysis, |_| secret.to_owned());
    let speller = Speller::new(catalog, &templates, "museum", &secrets);
    let mut checked = 0;
    for topology in &analysis.topologies {
        let Some(component) = topology.components.get("svc") else {
            continue;
        };
        // A stand-in has forms of its own, of which the probes ask for those that both have.
        let kind = component.kind();
        for (name, form) in &kind.forms {
            let Some(instance) = instance(&probe_of(name), topology) else {
                continue;
            };
            let variables = match speller.variables(topology, &instance) {
                Ok(variables) => variables,
                Err(UnsayableValue { variable, reason }) => {
                    if may_refuse(form, &[secret, part])
                        && reason.contains("cannot stand in this connection string")
                    {
                        continue;
                    }
                    return Err(format!(
                        "{} in {}: {variable}: {reason}",
                        kind.id, topology.environment
                    ));
                }
            };
            let links = topology.uses_of(&instance);
            let Some(link) = links
                .iter()
                .find(|link| link.target.component.as_str() == "svc")
            else {
                continue;
            };
            let endpoint = &link.connection.endpoint;
            let host = endpoint.host.as_ref();
            let host = host.map_or_else(String::new, |host| host.as_str().to_owned());
            let port = endpoint.port.unwrap_or_default().to_string();
            let variable = format!("SVC_{name}");
            let own = variables
                .iter()
                .find(|found| found.name.as_str() == variable);
            let text = known(own.unwrap_or_else(|| panic!("{} has no {name}", kind.id)));
            let at = |fault: String| {
                format!(
                    "{} of {} in {}: {fault}: {text}",
                    name, kind.id, topology.environment
                )
            };
            let parts = read(name, form, text).map_err(at)?;
            if form.encoding == Encoding::Plain && parts.is_empty() {
                continue;
            }
            for asked in templates.names(&form.text).iter() {
                let expected = match asked.as_str() {
                    "host" => host.clone(),
                    // An address in the DNS says the port as well.
                    "port" if kind.id.starts_with("mongo") && endpoint.tls => continue,
                    "port" => port.clone(),
                    secret_name if kind.secrets.contains_key(secret_name) => secret.to_owned(),
                    "user" | "database" | "vhost" => part.to_owned(),
                    _ => continue,
                };
                if !parts.holds(&expected) {
                    return Err(at(format!("{asked} is not {expected:?} in {parts:?}")));
                }
                checked += 1;
            }
        }
    }
    Ok(checked)
}

/// Every printable character of ASCII, and some beyond.
fn all_printable() -> String {
    (' '..='~').chain("é ß 日本 🐘".chars()).collect()
}

#[test]
fn every_form_of_every_kind_gives_back_its_parts() {
    let catalog = &*PROBING;
    let kinds: Vec<_> = catalog.kinds().collect();
    let mut n_awkward = 0;
    for kind in kinds {
        for host in ["svc.example.com", "10.0.0.9", "fd00::9"] {
            let plain = check_forms(catalog, &kind, "Secret-1_a.B", "clerk_7", host);
            let checked = plain.unwrap_or_else(|fault| panic!("{fault}"));
            assert!(
                checked > 0
                    || kind
                        .forms
                        .values()
                        .all(|form| form.encoding == Encoding::Plain),
                "{}",
                kind.id
            );
            for awkward in [
                all_printable(),
                all_printable().replace([',', ';', ':'], ""),
            ] {
                n_awkward += check_forms(catalog, &kind, &awkward, "clerk_7", host)
                    .unwrap_or_else(|fault| panic!("{fault}"));
            }
        }
    }
    // Most forms take whatever is printable; one that refuses it does not hide the others.
    assert!(n_awkward > 1000, "{n_awkward}");
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn any_printable_credential_and_name_survives_in_any_form(
        which in any::<Index>(),
        secret in "[\\x20-\\x7eé日🐘]{1,24}",
        part in "[!-~]([\\x20-\\x7e]{0,12}[!-~])?",
    ) {
        let catalog = &*PROBING;
        let kinds: Vec<_> = catalog.kinds().collect();
        let checked = check_forms(catalog, which.get::<std::sync::Arc<Kind>>(&kinds), &secret, &part, "10.0.0.9");
        prop_assert!(checked.is_ok(), "{}", checked.unwrap_err());
    }
}

#[test]
fn a_dsn_of_go_takes_any_password_and_refuses_a_user_with_a_colon() {
    let catalog = &*PROBING;
    let kind = catalog.kind("mysql").expect("it is in the catalog");
    let templates = Templates::new();
    let rendered = |user: &str, password: &str| {
        let context = minijinja_context(user, password);
        templates.render_form(&kind.forms["go_dsn"], context)
    };
    let password = all_printable();
    assert_eq!(
        rendered("clerk", &password).as_deref(),
        Ok(format!("clerk:{password}@tcp(db:3306)/my%20shop?parseTime=true").as_str())
    );
    let error = rendered("a:b", "x").expect_err("the driver would split there");
    assert!(error.0.contains("a value with `:` cannot"), "{error}");
}

/// What the form asks for, as plain values.
fn minijinja_context(user: &str, password: &str) -> BTreeMap<String, minijinja::Value> {
    [
        ("user", user.into()),
        ("password", password.into()),
        ("host", minijinja::Value::from_safe_string("db".to_owned())),
        ("port", 3306.into()),
        ("database", "my shop".into()),
        ("tls", false.into()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}
