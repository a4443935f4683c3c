//! `internal-in-production`: a backing service on the machine of the app that uses it, in production.

use std::cell::LazyCell;

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::placing::{self, Destination};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{ComponentName, Edit, HostName, ImageName, PlanPath, Role, Tier};
use crate::topology::{Component, Instance, Link, Locality, Topology};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "internal-in-production",
        severity: Severity::Warn,
        summary: "a backing service shares the machine of its app in production",
        explanation: "\
What it finds: in an environment of the tier `production`, a service that runs on the same machine as
an app that uses it. What stands between the apps and the service and is used by other apps alone, such as a pool of
connections, or only looks after it, is not taken for the app.

Why it matters: in production a backing service should be external to the app. On one machine the two
compete for memory and disk, cannot grow apart, go down together, and whoever breaks into the app is
already beside the data.

When it is fine: a small application whose owner accepts one machine, with tested backups; a cache
that holds nothing worth keeping. Say so in `[rules]` with the reason. A proxy in front of its app, and a
server of files that its app writes into its volume, are never reported.

Instead: run the service on a host of its own and let the app connect to its address.
`backstay check --fix=internal-in-production` moves it; a new host gets an `address` that keeps the place of its own.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    for topology in context
        .topologies
        .iter()
        .filter(|topology| topology.tier == Some(Tier::Production))
    {
        let apart = LazyCell::new(|| placing::host_of_its_own(topology));
        for instance in topology.instances() {
            if topology
                .links_to(instance)
                .any(|link| is_internal(topology, &link))
            {
                let mut users = topology.users_of(instance);
                users.retain(|link| is_internal(topology, link));
                sink.push(finding(topology, instance, &users, &apart));
            }
        }
    }
}

fn is_internal(topology: &Topology, link: &Link) -> bool {
    if link.connection.via.locality() == Locality::External {
        return false;
    }
    let user = link.user_component;
    let from_app = user.app().is_some() && !attends(topology, user);
    let to_service = link.target_component.service();
    let must_be_internal = |role: &Role| {
        let fit = to_service.and_then(|service| service.kind.fit(*role));
        *role == Role::Proxy || fit.is_some_and(|fit| fit.written_in.is_some())
    };
    from_app && to_service.is_some() && !link.connection.roles.iter().any(must_be_internal)
}

/// What programs are called, in parts of the names of their images, that stand before a service or look after it.
const ATTENDANTS: &[&str] = &[
    "bouncer", "pool", "pooler", "proxy", "exporter", "backup", "backups",
];

/// Whether an app is there for the services that it uses and for nothing else: it is called like what is, and uses no
/// other app.
fn attends(topology: &Topology, app: &Component) -> bool {
    let image = app.app().and_then(|app| app.image.as_deref());
    let repository = image.map(|image| ImageName::of(image).name);
    let base = repository.and_then(|name| name.rsplit('/').next());
    let words = base
        .into_iter()
        .chain([app.name.as_str()])
        .flat_map(|name| name.split(|c: char| !c.is_ascii_alphanumeric()));
    let mut words = words.map(str::to_ascii_lowercase);
    let is_called_so = words.any(|word| {
        let mut ends = ATTENDANTS.iter().map(|end| (end, word.strip_suffix(end)));
        // `pgbouncer`, but not `whirlpool`: what goes before is short for a kind of service.
        ends.any(|(_, rest)| rest.is_some_and(|rest| rest.len() <= 3))
    });
    let mut used = topology
        .instances_of(&app.name)
        .flat_map(|instance| topology.links_from(instance));
    is_called_so && used.all(|link| link.target_component.app().is_none())
}

fn finding(
    topology: &Topology,
    instance: &Instance,
    users: &[Link],
    apart: &Destination,
) -> Finding {
    let (service, host) = (&instance.component, &instance.host);
    let environment = &topology.environment;
    let path = |component: &ComponentName| {
        PlanPath::placement(environment.as_str(), host.as_str(), component.as_str())
    };
    let message = format!("`{service}` runs on the machine of the app that uses it");
    let mut finding = Finding::new(&RULE.info, Label::new(path(service), "internal"), message)
        .in_environment(environment)
        .help("in production a backing service should be external: run it on another host")
        .fix(
            format!(
                "move `{service}` to {apart}{}",
                what_is_left(topology, apart)
            ),
            moved(topology, service, host, apart),
        );
    for link in users {
        finding = finding.and(Label::new(path(&link.user.component), "used from here"));
    }
    finding
}

/// The edits that move a service, and keep the place of an address by which the apps reach it there.
fn moved(
    topology: &Topology,
    service: &ComponentName,
    host: &HostName,
    apart: &Destination,
) -> Vec<Edit> {
    let mut edits = placing::relocate(topology, service, host, apart);
    if matches!(apart, Destination::Existing(_)) && !has_address(topology, apart) {
        edits.push(placing::address(topology, apart));
    }
    edits
}

/// What the fix cannot write: the address of a host that has none yet.
fn what_is_left(topology: &Topology, apart: &Destination) -> &'static str {
    if has_address(topology, apart) {
        ""
    } else {
        "; give it its `address` then"
    }
}

fn has_address(topology: &Topology, apart: &Destination) -> bool {
    match apart {
        Destination::Existing(name) => topology.hosts[name].address.is_some(),
        Destination::NewMachine(_) | Destination::NewManaged(_) | Destination::NewCluster(_) => {
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::finding::Finding;
    use crate::lint::testing::{analysis, check, check_fix};

    const PLAN: &str = r#"
name = "shop"
[apps.web]
uses.db = { role = "database" }
[services.db]
kind = "postgres"
[environments.local.hosts.laptop]
runs = ["web", "db"]
[environments.prod.hosts.app-1]
runs = ["web", "db"] # both
             # ^^^^ `db` runs on the machine of the app that uses it
"#;

    #[test]
    fn a_database_beside_its_app_is_found_in_production_only() {
        check("internal-in-production", PLAN);
    }

    #[test]
    fn its_fix_moves_the_service_to_a_host_of_its_own() {
        let (before, _) = PLAN
            .split_once("             # ^^^^")
            .expect("the comment is there");
        let moved = before.replace("runs = [\"web\", \"db\"] # both", "runs = [\"web\"] # both");
        let after = format!(
            "{moved}\n[environments.prod.hosts.data-1]\naddress = \"192.0.2.11\"\nruns = [\"db\"]\n"
        );
        check_fix("internal-in-production", before, &after);
    }

    #[test]
    fn its_fix_says_that_the_new_host_needs_its_address() {
        let title = |plan: &str| {
            let findings = analysis(plan).findings;
            let of_rule = |finding: &&Finding| finding.rule == "internal-in-production";
            let fix = findings.iter().find(of_rule)?.fix.as_ref()?;
            Some(fix.title.clone())
        };
        let new = "move `db` to a host of its own, `data-1`; give it its `address` then";
        assert_eq!(title(PLAN).as_deref(), Some(new));
        let there =
            format!("{PLAN}[environments.prod.hosts.box]\naddress = \"10.0.1.21\"\nruns = []\n");
        assert_eq!(title(&there).as_deref(), Some("move `db` to `box`"));
    }

    #[test]
    fn a_service_on_another_machine_or_in_front_of_the_app_is_fine() {
        check(
            "internal-in-production",
            r#"
name = "shop"
[apps.web]
port = 80
uses.db = {}
[services.db]
kind = "postgres"
[services.edge]
kind = "nginx"
uses.web = {}
[environments.prod.hosts.app-1]
runs = ["web", "edge"]
[environments.prod.hosts.data-1]
runs = ["db"]
"#,
        );
    }

    #[test]
    fn what_stands_before_a_service_for_the_apps_is_not_its_app() {
        let plan = r#"
name = "shop"
[apps.web]
image = "acme/web:1"
uses.pool = {}
[apps.pool]
image = "edoburu/pgbouncer:v1"
port = 5432
uses.db = {}
[apps.api]
image = "acme/whirlpool:1"
uses.db = {}
[services.db]
kind = "postgres"
[environments.prod.hosts.app-1]
runs = ["web"]
[environments.prod.hosts.data-1]
runs = ["pool", "db"]
"#;
        check("internal-in-production", plan);
        let beside = plan.replace(
            "\"pool\", \"db\"]\n",
            "\"api\", \"db\"]\n             # ^^^^ `db` runs on the machine of the app that uses it\n",
        );
        check("internal-in-production", &beside);
    }

    #[test]
    fn only_the_app_beside_the_service_is_named_as_its_user() {
        let plan = r#"
name = "shop"
[apps.web]
uses.db = {}
[apps.worker]
uses.db = {}
[services.db]
kind = "postgres"
[environments.prod.hosts.app-1]
runs = ["web", "db"]
             # ^^^^ `db` runs on the machine of the app that uses it
[environments.prod.hosts.app-2]
runs = ["worker"]
"#;
        check("internal-in-production", plan);
        let findings = analysis(plan).findings;
        let users: Vec<String> = findings
            .iter()
            .filter(|finding| finding.rule == "internal-in-production")
            .flat_map(|finding| &finding.secondary)
            .filter_map(|label| Some(label.path.as_ref()?.to_string()))
            .collect();
        assert_eq!(users, ["environments.prod.hosts.app-1.runs[web]"]);
    }
}
