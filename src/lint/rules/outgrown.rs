//! `outgrown`: more is expected than a service can hold.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::catalog::Kind;
use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::declared_kinds::ServiceUse;
use crate::lint::defaults::help_for;
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{ByteSize, Choice, ComponentName, PlanPath, Role, SizeHint, Tier};
use crate::topology::{Component, Topology};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "outgrown",
        severity: Severity::Warn,
        summary: "more is expected than a service can hold",
        explanation: "\
What it finds: a size in `[sizes]` beyond what the services in this role can hold, write or keep by what
the catalog knows of their kinds. As a note: one that they hold, but no longer with ease. Also, in an
environment of the tier `production`, more than fits into the memory of a service that keeps everything
in memory.

Why it matters: a store that is too small works until it is full, on the day with the most users. Moving
what has been stored is slow then, and cheap only before anything is there.

When it is fine: while the size is a hope. Then the finding says what will have to change, and roughly
when. The catalog's figures are round numbers, not promises.

Instead: choose what the kind grows into, or what the default stack answers with, from the start; give a
service in memory more `memory`, and its own setting with it.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    let sizes = &context.plan.sizes;
    if sizes.is_empty() {
        return;
    }
    let mut filled: BTreeMap<Role, BTreeMap<&ComponentName, &ServiceUse>> = BTreeMap::new();
    for used in context
        .declared
        .service_uses(|role, _| sizes.contains_key(&role))
    {
        let services = filled.entry(used.role).or_default();
        services.entry(used.declared.target).or_insert(used);
    }
    for (role, services) in &filled {
        let services: Vec<&ServiceUse> = services.values().copied().collect();
        for finding in findings(context, *role, &sizes[role], &services) {
            sink.push(finding);
        }
    }
    check_memory(context, sink);
}

fn findings(
    context: &LintContext,
    role: Role,
    expected: &SizeHint,
    services: &[&ServiceUse],
) -> Vec<Finding> {
    let kinds: Vec<&Arc<Kind>> = services.iter().map(|used| &used.kind).collect();
    // Several services share what is expected; one without a limit takes what the others cannot.
    let sum = |limit: &dyn Fn(&Kind) -> Option<u64>| {
        let limits = kinds.iter().map(|kind| limit(kind));
        limits.sum::<Option<u64>>()
    };
    let holds = sum(&|kind| Some(kind.fit(role)?.holds?.0));
    let at_most = sum(&|kind| {
        let fit = kind.fit(role)?;
        Some(fit.at_most.or(fit.holds)?.0)
    });
    let writes = sum(&|kind| kind.fit(role)?.writes_per_second.map(u64::from));
    let stored = expected.stored.filter(|stored| {
        let beyond = |limit: Option<u64>| limit.is_some_and(|limit| stored.0 > limit);
        beyond(holds) || beyond(at_most)
    });
    let written = expected
        .writes_per_second
        .filter(|expected| writes.is_some_and(|limit| u64::from(*expected) > limit));
    let size = |bytes: Option<u64>| ByteSize(bytes.unwrap_or_default());
    let stored = stored.map(|stored| {
        let too_much = at_most.is_some_and(|limit| stored.0 > limit);
        let (severity, what) = match too_much {
            true => (Severity::Warn, format!("{} at most", size(at_most))),
            false => (Severity::Note, format!("about {} with ease", size(holds))),
        };
        let message = format!(
            "{stored} of {role} are expected, but {} hold{} {what}",
            said(services),
            ending(services)
        );
        (severity, "stored", message)
    });
    let written = written.map(|written| {
        let message = format!(
            "{written} writes a second are expected as {role}, but {} take{} about {}",
            said(services),
            ending(services),
            writes.unwrap_or_default()
        );
        (Severity::Warn, "writes-per-second", message)
    });
    // Where several keep it, the one that keeps it longest is enough.
    let keeps = kinds.iter().map(|kind| kind.fit(role)?.keeps_for);
    let keeps = keeps
        .collect::<Option<Vec<_>>>()
        .and_then(|keeps| keeps.into_iter().max());
    let kept = expected
        .kept_for
        .zip(keeps)
        .filter(|(kept, keeps)| kept > keeps);
    let kept = kept.map(|(kept, keeps)| {
        let message = format!(
            "{role} are expected to be kept for {kept}, but {} keep{} them for about {keeps}",
            said(services),
            ending(services)
        );
        (Severity::Warn, "kept-for", message)
    });
    let found = stored.into_iter().chain(written).chain(kept);
    found
        .map(|(severity, key, message)| {
            let finding = Finding::new(&RULE.info, Label::new(size_path(role, key), ""), message)
                .severity(severity)
                .help(help(context, role, services));
            let labels = services.iter().map(|used| Label::new(used.kind_path(), ""));
            labels.fold(finding, Finding::and)
        })
        .collect()
}

fn size_path(role: Role, key: &str) -> PlanPath {
    PlanPath::keys(["sizes", role.as_str(), key])
}

/// The services by name and kind: `uploads` (NGINX).
fn said(services: &[&ServiceUse]) -> String {
    let names: Vec<String> = services
        .iter()
        .map(|used| format!("`{}` ({})", used.declared.target, used.kind.title))
        .collect();
    names.join(" and ")
}

fn ending(services: &[&ServiceUse]) -> &'static str {
    if services.len() == 1 { "s" } else { "" }
}

/// What the first kind that grows grows into, or else the default.
fn help(context: &LintContext, role: Role, services: &[&ServiceUse]) -> String {
    let mut growths = services.iter().flat_map(|used| &used.kind.grows_into);
    let known = growths.find_map(|growth| {
        let kind = context.catalog.kind(&growth.kind)?;
        kind.fit(role)?;
        Some(format!("it grows into {}: {}", kind.title, growth.when))
    });
    known.unwrap_or_else(|| help_for(context, role))
}

/// Services that keep everything in memory, against all that is expected of the roles they fill.
fn check_memory(context: &LintContext, sink: &mut Sink) {
    let productions = context
        .topologies
        .iter()
        .filter(|topology| topology.tier == Some(Tier::Production));
    for topology in productions {
        for component in topology.components.values() {
            if let Some(room) = room(topology, component) {
                let roles = roles_of(topology, component);
                if let Some(finding) = memory_finding(context, topology, component, room, &roles) {
                    sink.push(finding);
                }
            }
        }
    }
}

/// How much a service that keeps everything in memory has room for, on a machine of the environment.
fn room(topology: &Topology, component: &Component) -> Option<ByteSize> {
    let memory = &component.service()?.kind.container.as_ref()?.memory;
    let hosts = topology.hosts_of(&component.name);
    let own = hosts
        .iter()
        .all(|host| topology.hosts[host].is_own_machine());
    let limit = component.memory.unwrap_or(memory.limit);
    let part = memory.for_data.filter(|_| own)?;
    Some(ByteSize(
        (limit.0 as f64 * part * hosts.len() as f64) as u64,
    ))
}

fn roles_of(topology: &Topology, component: &Component) -> BTreeSet<Role> {
    let instances = topology.instances_of(&component.name);
    let links = instances.flat_map(|instance| topology.users_of(instance));
    links
        .flat_map(|link| link.connection.roles.iter().copied())
        .collect()
}

fn memory_finding(
    context: &LintContext,
    topology: &Topology,
    component: &Component,
    room: ByteSize,
    roles: &BTreeSet<Role>,
) -> Option<Finding> {
    let stored = |role: &Role| {
        let stored = context.plan.sizes.get(role)?.stored?;
        Some((*role, stored))
    };
    let expected: Vec<(Role, ByteSize)> = roles.iter().filter_map(stored).collect();
    let sum: ByteSize = expected.iter().map(|(_, size)| *size).sum();
    let (name, environment) = (&component.name, &topology.environment);
    let message = format!(
        "`{name}` ({}) keeps everything in memory and has room for about {room} in `{environment}`, but {sum} are expected",
        component.kind().title
    );
    let (first, _) = expected.first().filter(|_| sum > room)?;
    let place = Label::new(size_path(*first, "stored"), "");
    let host = topology.hosts_of(name).first()?;
    let placement = PlanPath::placement(environment.as_str(), host.as_str(), name.as_str());
    let finding = Finding::new(&RULE.info, place, message)
        .in_environment(environment)
        .and(Label::new(placement, "runs here"))
        .help(format!(
            "give `{name}` more `memory` in `{environment}`, and its own setting of how much it may keep, or choose a kind that keeps its data on disk"
        ));
    let others = expected[1..].iter();
    let labels = others.map(|(role, _)| Label::new(size_path(*role, "stored"), "and this"));
    Some(labels.fold(finding, Finding::and))
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{analysis, check};

    fn files(kind: &str, stored: &str) -> String {
        format!(
            r#"
name = "shop"
[apps.web]
uses.uploads = {{ role = "files" }}
[services.uploads]
kind = "{kind}"
[sizes.files]
stored = "{stored}"
"#
        )
    }

    /// What is said of so many files in a service of `kind`, with its level.
    fn found(kind: &str, stored: &str) -> Vec<(&'static str, String)> {
        let findings = analysis(&files(kind, stored)).findings.into_iter();
        findings
            .filter(|finding| finding.rule == "outgrown")
            .map(|finding| (finding.severity.as_str(), finding.message))
            .collect()
    }

    #[test]
    fn files_outgrow_a_web_server_and_then_any_server() {
        assert_eq!(found("nginx", "20 GiB"), []);
        let said = |level, stored, what: &str| {
            let message =
                format!("{stored} of files are expected, but `uploads` (NGINX) holds {what}");
            vec![(level, message)]
        };
        let with_ease = said("note", "21 GiB", "about 20 GiB with ease");
        assert_eq!(found("nginx", "21 GiB"), with_ease);
        assert_eq!(
            found("nginx", "2 TiB"),
            said("warn", "2 TiB", "1 TiB at most")
        );
        assert_eq!(found("wasabi", "900 TiB"), []);
    }

    #[test]
    fn what_is_to_be_kept_for_longer_than_a_kind_keeps_it_is_found() {
        check(
            "outgrown",
            r#"
name = "shop"
[apps.web]
uses.measures = { role = "metrics" }
[services.measures]
kind = "prometheus"
[sizes.metrics]
kept-for = "2 years"
         # ^^^^^^^^^ metrics are expected to be kept for 2 years, but `measures` (Prometheus) keeps them for about 1 month
"#,
        );
    }

    #[test]
    fn a_service_without_a_limit_takes_what_another_cannot() {
        let plan = files("nginx", "2 TiB").replace(
            "[services.up",
            "uses.lake = { role = \"files\" }\n[services.lake]\nkind = \"s3\"\n[services.up",
        );
        check("outgrown", &plan);
    }

    #[test]
    fn amounts_beyond_all_numbers_are_as_much_as_can_be_said() {
        check(
            "outgrown",
            r#"
name = "shop"
[apps.web]
uses.cache = { role = "cache", also = ["queue"] }
[services.cache]
kind = "redis"
[sizes]
cache = { stored = "16000000 TiB" }
# <- `cache` (Redis) keeps everything in memory and has room for about 256 MiB in `prod`, but 16777216 TiB are expected
queue = { stored = "16000000 TiB" }
[environments.prod.hosts.app-1]
runs = ["web"]
[environments.prod.hosts.data-1]
runs = ["cache"]
"#,
        );
    }

    #[test]
    fn what_is_kept_in_memory_must_fit_there_in_production() {
        check(
            "outgrown",
            r#"
name = "shop"
[apps.web]
uses.cache = { role = "cache", also = ["queue", "search"] }
[services.cache]
kind = "redis"
[sizes]
cache = { stored = "200 MiB" }
# <- `cache` (Redis) keeps everything in memory and has room for about 256 MiB in `prod`, but 300 MiB are expected
queue = { stored = "100 MiB" }
[environments.local.hosts.laptop]
runs = ["web", "cache"]
[environments.prod.hosts.app-1]
runs = ["web"]
[environments.prod.hosts.data-1]
runs = ["cache"]
"#,
        );
    }
}
