//! `no-backup`: data of production that nothing keeps a copy of.

use crate::catalog::Fit;
use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::declared::use_path;
use crate::lint::defaults::default_answer;
use crate::lint::listing::named;
use crate::lint::placing::{self, Destination};
use crate::lint::protection::{Kept, kept};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{
    Choice, ComponentName, Edit, EditValue, EnvironmentName, HostName, Plan, PlanPath, Role, Tier,
};
use crate::topology::{Component, Instance, Topology};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "no-backup",
        severity: Severity::Warn,
        summary: "nothing keeps a copy of data in production",
        explanation: "\
What it finds: in an environment of the tier `production`, a service on a machine or in a cluster that
holds what cannot be made again (a database, documents, files, accounts, credentials), when neither the
service nor an app that uses it uses anything in the role `backup`; and an app with a volume or a folder of the host
that uses nothing in that role. What such an app uses in that role counts for its own data alone. Volumes and folders
that are called caches or logs hold nothing to keep, and of what several apps of a host mount the first is named. What
a provider runs is not reported: copies are part of its offer, once they are switched on.

Why it matters: disks die, people delete the wrong table, and intruders encrypt what they find. Whoever
has no copy elsewhere then has no application any more.

When it is fine: where something outside of the plan keeps copies, such as snapshots of the machine that
somebody has restored from. Say so in `[rules]` with the reason.

Instead: say where the copies go, as a use of the service: `uses.backups = { role = \"backup\" }`. An
object store elsewhere is the usual place. `backstay check --fix` adds the use, with the default store
where the plan has none. Making the copies, and restoring one from time to time, remains your work.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    let productions = context
        .topologies
        .iter()
        .filter(|topology| topology.tier == Some(Tier::Production));
    for topology in productions {
        let mut target = None;
        for kept in kept(topology) {
            if kept.backups.is_empty() {
                let target = target.get_or_insert_with(|| Target::of(context, topology));
                sink.push(finding(context.plan, topology, &kept, target.as_ref()));
            }
        }
    }
}

/// Where a fix lets copies go.
struct Target {
    name: String,
    /// The edits that bring it into the environment; none if it is there.
    edits: Vec<Edit>,
    /// The hosts that it runs on.
    hosts: Vec<HostName>,
    /// What to say of it.
    title: String,
}

impl Target {
    /// A service of the environment that fills the role well, or else what the default stack answers with.
    fn of(context: &LintContext, topology: &Topology) -> Option<Target> {
        let there = topology.components.values().find(|component| {
            let service = component.service();
            let fit = service.and_then(|service| service.kind.fit(Role::Backup));
            fit.is_some_and(|fit| fit.fit >= Fit::Fair)
        });
        if let Some(component) = there {
            return Some(Target {
                name: component.name.to_string(),
                edits: Vec::new(),
                hosts: topology.hosts_of(&component.name).to_vec(),
                title: format!("`{}`", component.name),
            });
        }
        let (kind, _) = default_answer(context, Role::Backup)?;
        let name = free_name(context);
        let declare = Edit::set_text(
            PlanPath::service(name.as_str()).key("kind"),
            kind.id.clone(),
        );
        let destination = match !kind.runs_on_machines() {
            true => placing::home_of(topology, &kind),
            false => Destination::NewMachine(placing::free_name(topology, "backup", 1)),
        };
        let mut edits = vec![declare];
        edits.extend(placing::place(topology, &name, &destination));
        Some(Target {
            title: format!("`{name}`, a service of {} on {destination}", kind.title),
            name: name.to_string(),
            edits,
            hosts: Vec::new(),
        })
    }
}

fn free_name(context: &LintContext) -> ComponentName {
    let numbered = (2..).map(|number| format!("backups-{number}"));
    std::iter::once("backups".to_owned())
        .chain(numbered)
        .filter(|name| !context.plan.declares(name.as_str()))
        .find_map(|name| ComponentName::new(&name).ok())
        .expect("there are more numbers than components")
}

fn finding(plan: &Plan, topology: &Topology, kept: &Kept, target: Option<&Target>) -> Finding {
    let (environment, name) = (&topology.environment, &kept.component.name);
    let message = format!("nothing keeps a copy of `{name}`");
    let place = Label::new(placement(environment, kept.instances[0]), "");
    let finding = Finding::new(&RULE.info, place, message)
        .in_environment(environment)
        .help(format!(
            "say where its backups go: `uses.NAME = {{ role = \"{}\" }}` in `[environments.{environment}.{}.{name}]`",
            Role::Backup,
            section(kept.component)
        ));
    let finding = kept.others.iter().fold(finding, |finding, other| {
        let hosts = topology.hosts_of(&other.name).iter();
        let place = hosts.map(|host| {
            PlanPath::placement(environment.as_str(), host.as_str(), other.name.as_str())
        });
        place.take(1).fold(finding, |finding, place| {
            finding.and(Label::new(place, "mounts some of the same"))
        })
    });
    // A copy beside the data would only earn the next finding.
    let is_beside = |target: &&Target| {
        let mut instances = kept.instances.iter();
        instances.any(|instance| target.hosts.contains(&instance.host))
    };
    match target.filter(|target| !is_beside(target)) {
        Some(target) => {
            let mut edits = target.edits.clone();
            let bare = || std::iter::once(kept.component).chain(kept.others.iter().copied());
            edits.extend(bare().flat_map(|of| use_as_backup(plan, topology, of, &target.name)));
            let names = named(bare().map(|component| &component.name));
            finding.fix(format!("back {names} up to {}", target.title), edits)
        }
        None => finding,
    }
}

fn placement(environment: &EnvironmentName, instance: &Instance) -> PlanPath {
    PlanPath::placement(
        environment.as_str(),
        instance.host.as_str(),
        instance.component.as_str(),
    )
}

fn section(component: &Component) -> &'static str {
    match component.app() {
        Some(_) => "apps",
        None => "services",
    }
}

fn use_as_backup(
    plan: &Plan,
    topology: &Topology,
    component: &Component,
    target: &str,
) -> Vec<Edit> {
    let environment = &topology.environment;
    let mut links = topology
        .instances_of(&component.name)
        .flat_map(|instance| topology.links_from(instance));
    // What is used already gets one more role: another use of it would take the place of the first.
    if let Some(link) = links.find(|link| link.target.component.as_str() == target) {
        let path = use_path(plan, environment, &component.name, &link.target.component);
        return vec![Edit::Push {
            path: path.key("also"),
            text: Role::Backup.to_string(),
        }];
    }
    let path = PlanPath::environment(environment.as_str())
        .key(section(component))
        .key(component.name.as_str())
        .key("uses")
        .key(target);
    let table = Edit::Set {
        path: path.clone(),
        value: EditValue::EmptyTable,
    };
    let role = Edit::set_text(path.key("role"), Role::Backup.as_str());
    vec![table, role]
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{analysis, check, check_fix};

    const PLAN: &str = r#"name = "shop"
[apps.web]
uses.db = {}
uses.cache = {}
[services.db]
kind = "postgres"
[services.cache]
kind = "redis"
[environments.dev.hosts.box]
runs = ["web", "db", "cache"]
[environments.prod.hosts.app-1]
address = "10.0.1.11"
runs = ["web"]
[environments.prod.hosts.data-1]
address = "10.0.1.21"
runs = ["db", "cache"]
      # ^^^^ nothing keeps a copy of `db`
"#;

    #[test]
    fn a_database_without_a_copy_is_found_in_production_and_a_cache_is_not() {
        check("no-backup", PLAN);
    }

    #[test]
    fn folders_of_the_host_are_data_too_and_what_apps_share_is_there_once() {
        check(
            "no-backup",
            r#"
name = "shop"
[apps.web]
image = "acme/web:1"
container.volumes.media = { shared = "media", path = "/media" }
[apps.worker]
image = "acme/web:1"
container.volumes.media = { shared = "media", path = "/media" }
[apps.files]
image = "acme/files:1"
container.volumes.data = { from = "./data", path = "/data" }
[apps.tool]
image = "acme/tool:1"
container.volumes.socket = { from = "/var/run/docker.sock", path = "/var/run/docker.sock" }
container.volumes.conf = { from = "./conf", path = "/conf", read-only = true }
container.volumes.more = { from = "./tool.yaml", path = "/tool.yaml" }
[environments.prod.hosts.app-1]
runs = ["web", "worker", "tool"]
      # ^^^^^ nothing keeps a copy of `web`
[environments.prod.hosts.app-2]
runs = ["files"]
      # ^^^^^^^ nothing keeps a copy of `files`
"#,
        );
    }

    #[test]
    fn caches_and_logs_are_no_data_and_what_is_shared_in_part_is_found_once() {
        check(
            "no-backup",
            r#"
name = "shop"
[apps.model]
image = "acme/model:1"
container.volumes.model-cache = { path = "/models" }
container.volumes.out = { path = "/var/log/model" }
[apps.server]
image = "acme/server:1"
container.volumes.data = { from = "./data", path = "/data" }
container.volumes.templates = { from = "./templates", path = "/templates" }
[apps.worker]
image = "acme/server:1"
container.volumes.data = { from = "./data", path = "/data" }
container.volumes.certs = { from = "./certs", path = "/certs" }
[environments.prod.hosts.app-1]
runs = ["model", "server", "worker"]
               # ^^^^^^^^ nothing keeps a copy of `server`
"#,
        );
    }

    #[test]
    fn an_app_with_data_of_its_own_keeps_no_copy_of_its_database() {
        check(
            "no-backup",
            r#"
name = "shop"
[apps.web]
image = "acme/web:1"
uses.db = {}
uses.lake = { role = "backup" }
container.volumes.media = { path = "/media" }
[services.db]
kind = "postgres"
[services.lake]
kind = "s3"
[environments.prod.hosts.app-1]
address = "10.0.1.11"
runs = ["web"]
[environments.prod.hosts.data-1]
address = "10.0.1.21"
runs = ["db"]
      # ^^^^ nothing keeps a copy of `db`
[environments.prod.hosts.aws]
kind = "managed"
runs = ["lake"]
"#,
        );
    }

    #[test]
    fn its_fix_adds_the_default_store_and_the_use() {
        let (plan, _) = PLAN.split_once("      # ^^^^").expect("it is there");
        let after = format!(
            "{}\n[environments.prod.hosts.wasabi]\nkind = \"managed\"\nruns = [\"backups\"]\n\n\
             [environments.prod.services.db.uses]\nbackups = {{ role = \"backup\" }}\n",
            plan.replace(
                "kind = \"redis\"\n",
                "kind = \"redis\"\n\n[services.backups]\nkind = \"wasabi\"\n\n"
            )
        );
        check_fix("no-backup", plan, &after);
    }

    #[test]
    fn what_is_used_already_gets_one_more_role() {
        let plan = "name = \"shop\"\n[apps.web]\nimage = \"acme/web:1\"\nuses.objects = { role = \"files\", env = \"STORE\" }\n\
            container.volumes.data = { path = \"/data\" }\n[services.objects]\nkind = \"s3\"\n\
            [environments.prod.hosts.app-1]\nruns = [\"web\"]\n\
            [environments.prod.hosts.aws]\nkind = \"managed\"\nruns = [\"objects\"]\n";
        let after = plan.replace("\"STORE\" }", "\"STORE\", also = [\"backup\"] }");
        check_fix("no-backup", plan, &after);
    }

    #[test]
    fn a_store_that_is_there_is_used_unless_it_is_beside_the_data() {
        let fix = |host: &str| {
            let plan = format!(
                "{}[services.objects]\nkind = \"seaweedfs\"\n[environments.prod.hosts.{host}]\nruns = [\"objects\"]\n",
                PLAN.replace("runs = [\"db\", \"cache\"]", "runs = [\"cache\"]")
                    + "[environments.prod.hosts.data-2]\nruns = [\"db\"]\n"
            );
            let plan = match host {
                "data-2" => plan.replace("[\"db\"]", "[\"db\", \"objects\"]"),
                _ => plan,
            };
            let findings = analysis(&plan).findings;
            let finding = findings.iter().find(|finding| finding.rule == "no-backup");
            let fix = finding.expect("it is found").fix.as_ref();
            fix.map(|fix| fix.title.clone())
        };
        assert_eq!(fix("store-1").as_deref(), Some("back `db` up to `objects`"));
        assert_eq!(fix("data-2"), None);
    }

    #[test]
    fn of_a_service_that_keeps_its_data_in_another_only_the_other_is_named() {
        check(
            "no-backup",
            r#"
name = "shop"
[apps.web]
uses.login = {}
[services.login]
kind = "keycloak"
uses.users = { role = "database" }
[services.users]
kind = "postgres"
[environments.prod.hosts.app-1]
runs = ["web"]
[environments.prod.hosts.data-1]
runs = ["login", "users"]
               # ^^^^^^^ nothing keeps a copy of `users`
"#,
        );
    }

    #[test]
    fn a_backup_of_the_service_or_of_its_app_and_a_provider_s_database_are_fine() {
        for (more, placed) in [
            ("[services.db.uses]\nlake = { role = \"backup\" }", "data-1"),
            ("[apps.web.uses.lake]\nrole = \"backup\"", "data-1"),
            (
                "[apps.web.uses.lake]\nrole = \"files\"\nalso = [\"backup\"]",
                "data-1",
            ),
            ("[environments.prod.hosts.rds]\nkind = \"managed\"", "rds"),
        ] {
            let plan = format!(
                r#"name = "shop"
[apps.web.uses.db]
role = "database"
[services.db]
kind = "postgres"
[services.lake]
kind = "s3"
{more}
[environments.prod.hosts]
app-1.runs = ["web"]
{placed}.runs = ["db"]
aws = {{ kind = "managed", runs = ["lake"] }}
"#
            );
            let plan = match placed {
                "rds" => plan
                    .replace("[environments.prod.hosts.rds]\nkind = \"managed\"\n", "")
                    .replace(
                        "rds.runs = [\"db\"]",
                        "rds = { kind = \"managed\", runs = [\"db\"] }",
                    ),
                _ => plan,
            };
            check("no-backup", &plan);
        }
    }
}
