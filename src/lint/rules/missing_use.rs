//! `missing-use`: a service that does not use what its kind cannot do without.

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{Edit, EditValue, PlanPath};
use crate::topology::{Component, Host, Instance, Topology};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "missing-use",
        severity: Severity::Warn,
        summary: "a service does not use what its kind cannot do without",
        explanation: "\
What it finds: a service on a machine of the environment whose kind works only with another one, such as
a dashboard made for one store of logs, when it uses none of those that its kind names. A service of the
right kind that merely runs beside it does not count: nothing tells the two of each other.

Why it matters: it starts, waits for what nobody has told it of, and never gets healthy.

When it is fine: where its `settings` name something outside of the plan.

Instead: let it use a service of such a kind: `uses.NAME = {}`. `backstay check --fix` adds the use where
the environment has one.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    for topology in context.topologies {
        for component in topology.components.values() {
            let Some(service) = component.service() else {
                continue;
            };
            let needs = &service.kind.needs_use;
            if needs.is_empty() || component.owner != topology.environment {
                continue;
            }
            let on_machines = topology.instances_of(&component.name).filter(|instance| {
                let host = topology.hosts.get(&instance.host);
                host.is_some_and(Host::is_own_machine)
            });
            let is_one = |component: &Component| needs.contains(&component.kind().id);
            let lacks = |instance: &&Instance| {
                let mut links = topology.links_from(instance);
                !links.any(|link| is_one(link.target_component))
            };
            let Some(instance) = on_machines.into_iter().find(lacks) else {
                continue;
            };
            let there = topology.components.values().find(|other| is_one(other));
            sink.push(finding(context, topology, (component, instance), there));
        }
    }
}

fn finding(
    context: &LintContext,
    topology: &Topology,
    (component, instance): (&Component, &Instance),
    there: Option<&Component>,
) -> Finding {
    let kind = component.kind();
    let title = |id: &String| match context.catalog.kind(id) {
        Some(kind) => kind.title.clone(),
        None => id.clone(),
    };
    let titles: Vec<String> = kind.needs_use.iter().map(title).collect();
    let (name, titles) = (&component.name, titles.join(" or "));
    let place = PlanPath::placement(
        topology.environment.as_str(),
        instance.host.as_str(),
        name.as_str(),
    );
    let message = format!(
        "`{name}` uses no {titles}, and {} does not work without",
        kind.title
    );
    let finding = Finding::new(&RULE.info, Label::new(place, ""), message)
        .in_environment(&topology.environment)
        .help(format!(
            "let it use one: `uses.NAME = {{}}` in `[services.{name}]`"
        ));
    match there {
        Some(there) => finding.fix(
            format!("let `{name}` use `{}`", there.name),
            vec![Edit::Set {
                path: PlanPath::service(name.as_str())
                    .key("uses")
                    .key(there.name.as_str()),
                value: EditValue::EmptyTable,
            }],
        ),
        None => finding,
    }
}

#[cfg(test)]
mod tests {
    use crate::catalog::Catalog;
    use crate::lint::testing::{analysis, check, check_fix};

    const PLAN: &str = r#"name = "shop"
[apps.web]
image = "ghcr.io/acme/web:1"
uses.logs = { role = "logs" }
[services.logs]
kind = "elasticsearch"
[services.window]
kind = "kibana"
[environments.dev.hosts.box]
runs = ["web", "logs", "window"]
"#;

    #[test]
    fn what_is_not_told_of_what_it_needs_is_found() {
        let caret = "                     # ^^^^^^^^ `window` uses no Elasticsearch, and Kibana does not work without\n";
        check("missing-use", &format!("{PLAN}{caret}"));
    }

    #[test]
    fn its_fix_adds_the_use_where_there_is_one() {
        let uses = "\"kibana\"\n\n[services.window.uses]\nlogs = {}\n\n";
        let after = PLAN.replace("\"kibana\"\n", uses);
        check_fix("missing-use", PLAN, &after);
        let alone = PLAN.replace("kind = \"elasticsearch\"", "kind = \"loki\"");
        let findings = analysis(&alone).findings;
        let mut found = findings
            .iter()
            .filter(|finding| finding.rule == "missing-use");
        assert!(found.next().expect("it is found").fix.is_none());
    }

    #[test]
    fn a_use_or_a_provider_is_enough() {
        let used = PLAN.replace("\"kibana\"\n", "\"kibana\"\nuses.logs = {}\n");
        check("missing-use", &used);
        let managed = PLAN.replace(
            "\"logs\", \"window\"]",
            "\"logs\"]\n[environments.dev.hosts.cloud]\nkind = \"managed\"\nruns = [\"window\"]",
        );
        check("missing-use", &managed);
    }

    #[test]
    fn what_kinds_need_is_in_the_catalog() {
        let catalog = Catalog::builtin();
        for kind in catalog.kinds() {
            for need in &kind.needs_use {
                let found = catalog.kind(need).map(|kind| kind.id.clone());
                assert_eq!(found.as_ref(), Some(need), "{}", kind.id);
            }
        }
    }
}
