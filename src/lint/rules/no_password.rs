//! `no-password`: a service that runs as an import or the user says, and lets in whoever reaches it.

use crate::catalog::WeakSetting;
use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::declared::{service_path, setting_path};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{HostName, PlanPath, VariableName};
use crate::topology::{Component, Reach, Topology};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "no-password",
        severity: Severity::Warn,
        summary: "a service lets in whoever reaches it",
        explanation: "\
What it finds: a container with `from-catalog = false`, as imports make them, that asks nobody for a password: its
image asks for none by itself and nothing that the plan says makes it ask, or a setting or an option lets everybody
in, as the catalog knows them of its kind. Where its ports can be reached from beyond its host, it is a warning; where
only the host itself or the containers beside it can, a note, one for an environment.

Why it matters: whoever comes as far as the port can read everything, change it and delete it. Open databases and
caches on public addresses are found within hours; some give away the whole machine.

When it is fine: in an environment that only its developer reaches. Say so in `[rules]` with the reason.

Instead: make it ask, with an option or a setting of its image, and name the credential in `secret-settings` or as
`{{ secret('NAME') }}` in its command. Or take `from-catalog = false` away, and with it the command, healthcheck and
credentials that stand there: Backstay draws a password then, and gives it to those who use the service.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    for topology in context.topologies {
        let (far, near): (Vec<Open>, Vec<Open>) =
            open(topology).partition(|open| open.reach > Some(Reach::Machine));
        if !far.is_empty() {
            sink.push(finding(context, topology, &far));
        }
        if !near.is_empty() {
            sink.push(finding(context, topology, &near).severity(Severity::Note));
        }
    }
}

/// A service that asks for no password on a host.
struct Open<'t> {
    component: &'t Component,
    host: &'t HostName,
    /// The setting that lets everybody in, if it is one.
    weak: Option<&'t WeakSetting>,
    /// How far a port of it reaches; none is reached by the containers beside it alone.
    reach: Option<Reach>,
    /// Those of its ports that reach so far.
    ports: Vec<String>,
}

fn open(topology: &Topology) -> impl Iterator<Item = Open<'_>> {
    let instances = topology.instances();
    instances.filter_map(|instance| {
        let component = topology.components.get(&instance.component)?;
        let host = topology.hosts.get(&instance.host)?;
        if !topology.writes_container(component, host) {
            return None;
        }
        let weak = component.open_door()?.weak;
        let publications = topology.publications_of(instance);
        let reach = publications.iter().map(|open| open.reach).max();
        let as_far = publications.iter().filter(|open| Some(open.reach) == reach);
        Some(Open {
            component,
            host: &instance.host,
            weak,
            reach,
            ports: as_far.map(|open| open.said_ports()).collect(),
        })
    })
}

fn finding(context: &LintContext, topology: &Topology, open: &[Open]) -> Finding {
    let message = match open {
        [one] => format!(
            "`{}` asks for no password: {} is let in",
            one.component.name,
            who(one)
        ),
        several => {
            let mut names: Vec<String> = Vec::new();
            for one in several {
                let name = format!("`{}`", one.component.name);
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            let who = match several[0].reach > Some(Reach::Machine) {
                true => "whoever reaches their ports",
                false => "everything beside them on their hosts",
            };
            let ask = if names.len() == 1 { "asks" } else { "ask" };
            format!(
                "{} {ask} for no password: {who} is let in",
                names.join(", ")
            )
        }
    };
    let labels = open
        .iter()
        .map(|one| label(context, topology, one, open.len()));
    let mut labels = labels.collect::<Vec<_>>().into_iter();
    let first = labels.next().expect("there is a first one");
    let finding = Finding::new(&RULE.info, first, message)
        .in_environment(&topology.environment)
        .help("make it ask for one, or take `from-catalog = false` away, with its command, healthcheck and credentials, for one of Backstay's");
    labels.fold(finding, Finding::and)
}

/// The place that lets everybody in, and who that is, where there are several.
fn label(context: &LintContext, topology: &Topology, open: &Open, count: usize) -> Label {
    let name = &open.component.name;
    let path = match open.weak {
        Some(weak) => VariableName::new(&weak.name)
            .ok()
            .map(|name| setting_path(context.plan, &topology.environment, open.component, &name)),
        None => None,
    };
    let path: PlanPath = path.unwrap_or_else(|| service_path(None, name));
    let why = open.weak.map(|weak| weak.reason.clone());
    let who = (count > 1).then(|| format!("lets in {}", who(open)));
    let said = why.into_iter().chain(who);
    Label::new(path, said.collect::<Vec<_>>().join("; "))
}

/// Who is let in.
fn who(open: &Open) -> String {
    let (host, ports) = (open.host, open.ports.join(", "));
    match open.reach {
        Some(Reach::World) => format!("whoever reaches any address of `{host}` on port {ports}"),
        Some(Reach::Network) => {
            format!("whoever reaches `{host}` over its network on port {ports}")
        }
        Some(Reach::Machine) => format!("every program on `{host}`, on port {ports}"),
        None => format!("every container beside it on `{host}`"),
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{analysis, check};

    #[test]
    fn whoever_reaches_a_service_without_a_password_is_said() {
        check(
            "no-password",
            r#"
name = "shop"
[services.cache]
        # ^^^^^ `cache` asks for no password: whoever reaches any address of `box` on port 6379 is let in
kind = "redis"
expose = "world"
container = { from-catalog = false, command = ["redis-server", "--save", "60"] }
[services.docs]
kind = "mongodb"
container.from-catalog = false
[services.db]
kind = "postgres"
container.from-catalog = false
settings.POSTGRES_HOST_AUTH_METHOD = "trust"
                                   # ^^^^^^^ `db`, `docs` ask for no password: everything beside them on their hosts is let in
[environments.local.hosts.box]
runs = ["cache", "docs", "db"]
"#,
        );
    }

    #[test]
    fn what_asks_or_may_ask_is_passed_over() {
        check(
            "no-password",
            r#"
name = "shop"
[services.a]
# <- `a` asks for no password: every program on `box`, on port 6379 is let in
kind = "redis"
secret-settings = ["REDIS_PASSWORD"]
expose = "machine"
container.from-catalog = false
[services.b]
kind = "redis"
container = { from-catalog = false, command = ["redis-server", "--requirepass", "{{ secret('PASS') }}"] }
[services.c]
kind = "redis"
image = "bitnami/redis:7"
secret-settings = ["REDIS_PASSWORD"]
container.from-catalog = false
[services.d]
kind = "mongodb"
secret-settings = ["MONGO_INITDB_ROOT_PASSWORD"]
container.from-catalog = false
[services.e]
kind = "mysql"
secret-settings = ["MYSQL_ROOT_PASSWORD"]
settings.MYSQL_ALLOW_EMPTY_PASSWORD = "yes"
container.from-catalog = false
[services.f]
kind = "redis"
[services.g]
kind = "redis"
container.from-catalog = false
container.volumes.own = { from = "./redis.conf", path = "/etc/redis.conf" }
[services.h]
kind = "postgres"
container.from-catalog = false
[environments.local.hosts.box]
runs = ["a", "b", "c", "d", "e", "f", "g", "h"]
"#,
        );
    }

    #[test]
    fn each_label_says_who_is_let_in() {
        let plan = r#"
name = "shop"
[services.a]
kind = "cockroachdb"
container = { from-catalog = false, command = ["start-single-node", "--insecure"] }
[services.b]
kind = "elasticsearch"
settings."xpack.security.enabled" = "false"
container.from-catalog = false
expose = "machine"
[environments.dev.hosts.box]
runs = ["a", "b"]
"#;
        let analysis = analysis(plan);
        let found = analysis.findings.iter();
        let found: Vec<_> = found.filter(|it| it.rule == "no-password").collect();
        let [found] = found[..] else {
            panic!("one for the environment: {found:?}");
        };
        let labels = [&found.primary].into_iter().chain(&found.secondary);
        let said: Vec<&str> = labels.map(|label| label.text.as_str()).collect();
        assert_eq!(
            said,
            [
                "lets in every container beside it on `box`",
                "switches passwords and TLS off; lets in every program on `box`, on port 9200",
            ]
        );
    }
}
