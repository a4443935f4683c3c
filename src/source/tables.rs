//! The tables of the plan file: each function reads one and, asked without one, describes it.

use std::collections::BTreeMap;

use crate::finding::{Finding, Label, did_you_mean, quoted};
use crate::model::{
    App, Aspect, Choice, Demand, Environment, Host, LevelSetting, Plan, Role, RunsAs, SecretName,
    SecretSource, Service, SizeHint, Use,
};
use crate::source::container;
use crate::source::field::{Fields, describe, listed};
use crate::source::rules;
use crate::source::shape::TableShape;
use crate::source::value::{SettingName, SettingText};

/// The form of the whole plan.
pub fn plan_shape() -> TableShape {
    describe(plan)
}

pub(super) fn plan(fields: &mut Fields) -> Plan {
    let plan = Plan {
        name: fields.value(
            "name",
            "What the application is called; names Compose projects, databases and buckets.",
        ),
        stack: fields.value(
            "stack",
            "The set of defaults that answers its needs: default, aws, azure, gcp, self-hosted, or one of your own; `default` if not said.",
        ),
        team: fields.list(
            "team",
            "Kinds that the team knows and runs already; they answer needs that they are made for.",
        ),
        apps: fields.tables("apps", "The application's own workloads, by name.", app),
        services: fields.tables(
            "services",
            "The backing services it consumes, by name.",
            service,
        ),
        environments: fields.tables(
            "environments",
            "Where the whole application runs, by name.",
            environment,
        ),
        rules: fields.tables("rules", "Levels of rules, by the rule's name.", level),
        needs: BTreeMap::new(),
        sizes: BTreeMap::new(),
        differences: BTreeMap::new(),
    };
    let needs = fields.tables::<String, _>(
        "needs",
        "What is asked of whatever answers a need, by role.",
        demand,
    );
    let sizes = fields.tables::<String, _>(
        "sizes",
        "How much each role is expected to hold, by role.",
        size,
    );
    let needs = by_role(fields, "needs", needs);
    let sizes = by_role(fields, "sizes", sizes);
    Plan {
        needs,
        sizes,
        differences: fields.tables(
            "differences",
            "Differences between environments that are meant, by the component's name, each with the reason.",
            accepted,
        ),
        ..plan
    }
}

fn app(fields: &mut Fields) -> App {
    let app = app_override(fields);
    let needs = "Roles that the app needs; one that nothing answers is a finding.";
    App {
        needs: fields.list("needs", needs),
        ..app
    }
}

fn app_override(fields: &mut Fields) -> App {
    App {
        image: fields.value(
            "image",
            "Container image with its tag. Without one, and without `build`, the app runs as a process.",
        ),
        build: container::build(fields),
        port: fields.value("port", "Port that the app listens on."),
        published: fields.value(
            "published",
            "Port of the host that leads to its container's; the same as `port` if not said.",
        ),
        dialect: fields.value(
            "dialect",
            "How its settings are spelled: plain, dotnet, spring, node, django, rails, laravel, prisma, go (`backstay catalog`).",
        ),
        env_file: fields.value(
            "env-file",
            "How the values of its env file are quoted, by what reads it; `compose` if not said.",
        ),
        needs: Vec::new(),
        uses: fields.tables("uses", "The services and apps it uses, by name.", a_use),
        settings: settings(
            fields,
            "Settings of the app's own: environment variables. Written as they stand: nothing fills in `${NAME}`. No secrets.",
        ),
        secret_settings: secret_settings(fields),
        runs_as: fields.value(
            "runs-as",
            "In a container, as a job in one, or as a process on the machine itself.",
        ),
        expose: fields.value(
            "expose",
            "How far its port can be reached from; `machine` if not said.",
        ),
        memory: fields.value("memory", "Most memory that its container may take."),
        cpus: fields.value("cpus", "Most processors that its container may take."),
        container: container::container(fields),
    }
}

fn service(fields: &mut Fields) -> Service {
    let service = said_service(fields);
    if service.runs_as != Some(RunsAs::Job) {
        return service;
    }
    let path = fields.own_path().key("runs-as");
    let message =
        format!("`{path}` makes a job of a service, which nothing could use once it has ended");
    let finding = Finding::new(&rules::INVALID_VALUE, Label::new(path, ""), message);
    fields.push(finding.help("take it away, or declare an app that does the work"));
    Service {
        runs_as: None,
        ..service
    }
}

fn said_service(fields: &mut Fields) -> Service {
    Service {
        kind: fields.value(
            "kind",
            "What it is an instance of: a kind that `backstay catalog` lists.",
        ),
        version: fields.value(
            "version",
            "Line or exact version; the catalog's default if not said.",
        ),
        image: fields.value(
            "image",
            "A container image with its tag, instead of the catalog's.",
        ),
        build: container::build(fields),
        address: fields.value(
            "address",
            "Where it is reached, if not at its host's address: a provider's endpoint.",
        ),
        port: fields.value(
            "port",
            "Port that others connect to; the kind's own if not said.",
        ),
        database: fields.value("database", "Name of the database."),
        user: fields.value("user", "User that apps connect as."),
        bucket: fields.value("bucket", "Name of the bucket."),
        region: fields.value("region", "Region of the provider."),
        vhost: fields.value("vhost", "Virtual host of the message broker."),
        uses: fields.tables(
            "uses",
            "The services and apps it uses itself, by name.",
            a_use,
        ),
        settings: settings(
            fields,
            "Further variables that its image reads. Written as they stand: nothing fills in `${NAME}`. No secrets.",
        ),
        secret_settings: secret_settings(fields),
        secrets: BTreeMap::new(),
        runs_as: fields.value(
            "runs-as",
            "In a container, or as a process that is installed on the machine.",
        ),
        expose: fields.value(
            "expose",
            "How far its port can be reached from; only where it is needed if not said.",
        ),
        memory: fields.value("memory", "Most memory that its container may take."),
        cpus: fields.value("cpus", "Most processors that its container may take."),
        container: container::container(fields),
    }
}

fn settings(
    fields: &mut Fields,
    doc: &'static str,
) -> BTreeMap<crate::model::VariableName, String> {
    let texts = fields.values::<SettingName, SettingText>("settings", doc);
    texts
        .into_iter()
        .map(|(SettingName(name), SettingText(text))| (name, text))
        .collect()
}

fn secret_settings(fields: &mut Fields) -> Vec<crate::model::VariableName> {
    setting_names(
        fields,
        "secret-settings",
        "Further variables whose values are credentials: kept in the environment's secrets file.",
    )
}

/// Names of settings, which may be any that a container takes.
fn setting_names(
    fields: &mut Fields,
    key: &'static str,
    doc: &'static str,
) -> Vec<crate::model::VariableName> {
    let names = fields.list::<SettingName>(key, doc);
    names.into_iter().map(|SettingName(name)| name).collect()
}

fn a_use(fields: &mut Fields) -> Use {
    Use {
        role: fields.value(
            "role",
            "In which role; the usual role of the service's kind if not said.",
        ),
        also: fields.list(
            "also",
            "In which other roles, if one service fills several.",
        ),
        env: fields.value(
            "env",
            "Prefix of the variables for this use, instead of the dialect's usual names.",
        ),
        wait: fields.value(
            "wait",
            "What to wait for before the start, on one host; its health or its end, where they can be told, if not said.",
        ),
        named_in: setting_names(
            fields,
            "named-in",
            "Settings of the user in which its name and the port inside its container stand; where it runs elsewhere, its address takes their place.",
        ),
    }
}

fn environment(fields: &mut Fields) -> Environment {
    Environment {
        tier: fields.value(
            "tier",
            "What it is for. Inferred from usual names: local, dev, test, staging, prod.",
        ),
        hosts: fields.tables("hosts", "Where its components run, by name.", host),
        apps: fields.tables("apps", "What differs here about apps.", app_override),
        services: fields.tables(
            "services",
            "What differs here about services.",
            service_override,
        ),
    }
}

fn service_override(fields: &mut Fields) -> Service {
    let service = service(fields);
    let sources = fields.tables::<SecretName, _>(
        "secrets",
        "Credentials that are taken from a variable or a file when files are generated, by name.",
        secret_source,
    );
    let said = |(name, source): (SecretName, Option<SecretSource>)| Some((name, source?));
    Service {
        secrets: sources.into_iter().filter_map(said).collect(),
        ..service
    }
}

/// Nothing if the table does not say one source, which is a finding.
fn secret_source(fields: &mut Fields) -> Option<SecretSource> {
    let variable = fields.value(
        "from-env",
        "A variable of whoever runs `backstay generate`.",
    );
    let file = fields.value("from-file", "A file, by its path from the plan's folder.");
    let path = fields.own_path();
    let wrong = |rule, fault: &str| {
        let message = format!("`{path}` {fault}");
        Finding::new(rule, Label::new(path.clone(), ""), message)
            .help("write from-env = \"VARIABLE\" or from-file = \"PATH\"")
    };
    match (fields.has("from-env"), fields.has("from-file")) {
        (true, true) => {
            fields.push(wrong(&rules::INVALID_VALUE, "says two sources"));
            return None;
        }
        (false, false) if fields.is_reading() => {
            fields.push(wrong(&rules::MISSING_KEY, "does not say its source"));
        }
        _ => {}
    }
    match (variable, file) {
        (Some(variable), _) => Some(SecretSource::Variable(variable)),
        (None, file) => file.map(SecretSource::File),
    }
}

fn host(fields: &mut Fields) -> Host {
    Host {
        kind: fields.value(
            "kind",
            "A machine of your own, a provider's managed service, or a cluster.",
        ),
        address: fields.value(
            "address",
            "IP address or name by which other hosts reach it.",
        ),
        borrow: fields.value(
            "borrow",
            "The environment that this host belongs to, if this one only connects to it.",
        ),
        runs: fields.list("runs", "The apps and services that run on it."),
        cpus: fields.value("cpus", "Processors it has; no container may take the last of them unless the plan says how many."),
        memory: fields.value("memory", "Memory it has; apps without a `memory` of their own share what services leave of it."),
    }
}

fn level(fields: &mut Fields) -> LevelSetting {
    let setting = LevelSetting {
        level: fields.value("level", "How much the rule's findings matter."),
        reason: fields.value(
            "reason",
            "Why; shown with the plan to whoever reads it next.",
        ),
    };
    if fields.is_reading() {
        let path = fields.own_path();
        let missing = |key: &str, help: &str| {
            Finding::new(
                &rules::MISSING_KEY,
                Label::new(path.clone(), ""),
                format!("`{path}` has no `{key}`"),
            )
            .help(help)
        };
        if setting.level.is_none() {
            fields.push(missing(
                "level",
                "write level = \"allow\", \"note\", \"warn\" or \"deny\"",
            ));
        }
        if setting.reason.is_none() {
            fields.push(missing("reason", "say why in a few words: reason = \"…\""));
        }
    }
    setting
}

fn accepted(fields: &mut Fields) -> BTreeMap<Aspect, String> {
    let mut reasons = BTreeMap::new();
    for aspect in Aspect::ALL {
        if let Some(reason) = fields.value(aspect.as_str(), aspect.meaning()) {
            reasons.insert(*aspect, reason);
        }
    }
    reasons
}

fn demand(fields: &mut Fields) -> Demand {
    Demand {
        requires: fields.list("requires", "What it must do by itself."),
    }
}

fn size(fields: &mut Fields) -> SizeHint {
    SizeHint {
        stored: fields.value("stored", "How much is stored."),
        writes_per_second: fields.value("writes-per-second", "How many writes a second."),
        kept_for: fields.value("kept-for", "How long what is stored is kept."),
    }
}

fn by_role<T>(
    fields: &mut Fields,
    table: &'static str,
    hints: BTreeMap<String, T>,
) -> BTreeMap<Role, T> {
    let mut by_role = BTreeMap::new();
    for (word, hint) in hints {
        let Some(role) = Role::find(&word) else {
            let words = || Role::ALL.iter().map(|role| role.as_str());
            let help = match did_you_mean(&word, words()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the roles are {}", listed(words())),
            };
            let place = Label::new(fields.own_path().key(table).key(&word), "");
            let message = format!("{} is not a role", quoted(&word));
            fields.push(Finding::new(&rules::INVALID_VALUE, place, message).help(help));
            continue;
        };
        by_role.insert(role, hint);
    }
    by_role
}
