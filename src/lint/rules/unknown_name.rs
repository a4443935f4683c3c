//! `unknown-name`: a name that nothing in the plan or the catalog has.

use crate::finding::{Finding, Label, RuleInfo, Severity, did_you_mean, quoted};
use crate::lint::listing::named;
use crate::lint::{LintContext, Rule, Sink, all_rules};
use crate::model::{
    ComponentName, Edit, EnvironmentName, HostName, Plan, PlanPath, SecretName, Step,
};
use crate::topology::Topology;

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "unknown-name",
        severity: Severity::Deny,
        summary: "a name that nothing in the plan or the catalog has",
        explanation: "\
What it finds: a component in `runs` or `uses` that is neither an app nor a service, an override of
something that is not declared, a host or environment to borrow from that does not exist or does
not run what is named there, a kind,
dialect or stack that the catalog does not have, a credential that the kind does not have, a level for a rule that there is not.

Why it matters: what is named is left out of the picture and of every file, so the plan does not say
what its author believes it says.

Instead: correct the name. Where one is close enough, the finding offers it and
`backstay check --fix` writes it. A kind of your own goes into `.backstay/services/NAME.toml`.",
    },
    check,
};

/// How many unknown names get a search for what was meant: each looks at every name that is valid there.
const MOST_SEARCHES: usize = 100;

fn check(context: &LintContext, sink: &mut Sink) {
    let mut own = Sink::default();
    check_plan(context, &mut own);
    sink.extend(own);
}

fn check_plan(context: &LintContext, sink: &mut Sink) {
    let plan = context.plan;
    for (name, app) in &plan.apps {
        let at = || PlanPath::app(name.as_str());
        check_uses(plan, at, app.uses.keys(), sink);
        check_dialect(context, at, app.dialect.as_deref(), sink);
    }
    for (name, service) in &plan.services {
        let at = || PlanPath::service(name.as_str());
        check_uses(plan, at, service.uses.keys(), sink);
        check_kind(context, at, service.kind.as_deref(), sink);
    }
    for name in plan.environments.keys() {
        check_environment(context, name, sink);
    }
    for component in plan.differences.keys() {
        if !plan.declares(component) {
            let at = PlanPath::keys(["differences", component.as_str()]);
            let fault = "is neither an app nor a service";
            sink.push(unknown(
                sink,
                at,
                component.as_str(),
                fault,
                components(plan),
            ));
        }
    }
    for rule in plan.rules.keys() {
        check_rule(rule, sink);
    }
    check_defaults(context, sink);
}

/// The stack and what the team knows.
fn check_defaults(context: &LintContext, sink: &mut Sink) {
    let (plan, catalog) = (context.plan, context.catalog);
    if let Some(id) = plan
        .stack
        .as_deref()
        .filter(|id| catalog.stack(id).is_none())
    {
        let known: Vec<String> = catalog.stacks().map(|stack| stack.id.clone()).collect();
        let (at, known) = (PlanPath::keys(["stack"]), known.iter().map(String::as_str));
        sink.push(unknown(sink, at, id, "is not a set of defaults", known));
    }
    for name in plan.team.iter().filter(|it| catalog.kind(it).is_none()) {
        let (at, known) = (PlanPath::keys(["team"]).item(name), catalog.kind_names());
        let (fault, known) = ("is not a kind of the catalog", known.iter());
        sink.push(unknown(sink, at, name, fault, known.map(String::as_str)));
    }
}

/// Sources of credentials that the service's kind, or its stand-in there, does not have.
fn check_secrets(context: &LintContext, name: &EnvironmentName, sink: &mut Sink) {
    let environment = PlanPath::environment(name.as_str());
    let of_this = |topology: &&Topology| topology.environment == *name;
    let components = context.topologies.iter().find(of_this);
    for component in components
        .iter()
        .flat_map(|topology| topology.components.values())
    {
        let Some(service) = component.service().filter(|_| component.owner == *name) else {
            continue;
        };
        let known = || service.kind.secrets.keys().map(String::as_str);
        for secret in service.secrets.keys().map(SecretName::as_str) {
            if known().all(|known| known != secret) {
                let at = environment
                    .clone()
                    .key("services")
                    .key(component.name.as_str());
                let at = at.key("secrets").key(secret);
                let fault = format!("is not a credential of {}", service.kind.title);
                sink.push(unknown(sink, at, secret, &fault, known()));
            }
        }
    }
}

fn check_environment(context: &LintContext, name: &EnvironmentName, sink: &mut Sink) {
    let plan = context.plan;
    let environment = &plan.environments[name];
    let path = PlanPath::environment(name.as_str());
    for (component, app) in &environment.apps {
        let at = || path.clone().key("apps").key(component.as_str());
        if !plan.apps.contains_key(component) {
            let known = plan.apps.keys().map(ComponentName::as_str);
            sink.push(unknown(
                sink,
                at(),
                component.as_str(),
                "is not an app of this plan",
                known,
            ));
        }
        check_uses(plan, at, app.uses.keys(), sink);
        check_dialect(context, at, app.dialect.as_deref(), sink);
    }
    for (component, service) in &environment.services {
        let at = || path.clone().key("services").key(component.as_str());
        if !plan.services.contains_key(component) {
            let known = plan.services.keys().map(ComponentName::as_str);
            sink.push(unknown(
                sink,
                at(),
                component.as_str(),
                "is not a service of this plan",
                known,
            ));
        }
        check_uses(plan, at, service.uses.keys(), sink);
        check_kind(context, at, service.kind.as_deref(), sink);
    }
    check_secrets(context, name, sink);
    for (host_name, host) in &environment.hosts {
        let host_path = PlanPath::host(name.as_str(), host_name.as_str());
        for component in host
            .runs
            .iter()
            .filter(|component| !plan.declares(*component))
        {
            let at = host_path.clone().key("runs").item(component.as_str());
            sink.push(unknown(
                sink,
                at,
                component.as_str(),
                "is neither an app nor a service",
                components(plan),
            ));
        }
        if let Some(lender) = &host.borrow {
            check_borrow(plan, host_path.key("borrow"), name, lender, host_name, sink);
            check_lent(plan, (name, host_name), lender, sink);
        }
    }
}

fn check_uses<'a>(
    plan: &Plan,
    owner: impl Fn() -> PlanPath,
    uses: impl Iterator<Item = &'a ComponentName>,
    sink: &mut Sink,
) {
    for target in uses.filter(|target| !plan.declares(*target)) {
        let at = owner().key("uses").key(target.as_str());
        sink.push(unknown(
            sink,
            at,
            target.as_str(),
            "is neither an app nor a service",
            components(plan),
        ));
    }
}

fn check_kind(
    context: &LintContext,
    owner: impl Fn() -> PlanPath,
    kind: Option<&str>,
    sink: &mut Sink,
) {
    let Some(kind) = kind.filter(|kind| context.catalog.kind(kind).is_none()) else {
        return;
    };
    let names = context.catalog.kind_names();
    let finding = unknown(
        sink,
        owner().key("kind"),
        kind,
        "is not a kind of the catalog",
        names.iter().map(String::as_str),
    );
    sink.push(match &finding.fix {
        Some(_) => finding,
        None => finding
            .help("`backstay catalog` lists the kinds; your own go into `.backstay/services/`"),
    });
}

fn check_dialect(
    context: &LintContext,
    owner: impl Fn() -> PlanPath,
    dialect: Option<&str>,
    sink: &mut Sink,
) {
    let Some(dialect) = dialect.filter(|dialect| context.catalog.dialect(dialect).is_none()) else {
        return;
    };
    let known: Vec<String> = context
        .catalog
        .dialects()
        .map(|dialect| dialect.id.clone())
        .collect();
    sink.push(unknown(
        sink,
        owner().key("dialect"),
        dialect,
        "is not a dialect",
        known.iter().map(String::as_str),
    ));
}

fn check_borrow(
    plan: &Plan,
    at: PlanPath,
    environment: &EnvironmentName,
    lender: &EnvironmentName,
    host: &HostName,
    sink: &mut Sink,
) {
    let others = plan
        .environments
        .keys()
        .filter(|name| *name != environment)
        .map(EnvironmentName::as_str);
    if lender == environment || !plan.environments.contains_key(lender) {
        let fault = if lender == environment {
            "is the borrowing environment itself"
        } else {
            "is not an environment"
        };
        sink.push(unknown(sink, at, lender.as_str(), fault, others));
        return;
    }
    let lent = &plan.environments[lender].hosts;
    if !lent.contains_key(host) {
        let label = Label::new(at, format!("`{lender}` has no host `{host}`"));
        let message = format!("`{host}` cannot be borrowed: `{lender}` has no host of that name");
        sink.push(
            Finding::new(&RULE.info, label, message)
                .and(Label::new(
                    PlanPath::environment(lender.as_str()),
                    format!("its hosts are {}", named(lent.keys())),
                ))
                .help("call the host as the environment that it belongs to calls it"),
        );
    }
}

/// What a borrowed host is said to run, and whose it is, compared with the environment that lends it.
fn check_lent(
    plan: &Plan,
    (environment, name): (&EnvironmentName, &HostName),
    lender: &EnvironmentName,
    sink: &mut Sink,
) {
    let lent = plan
        .environments
        .get(lender)
        .filter(|_| lender != environment);
    let Some(lent) = lent.and_then(|lent| lent.hosts.get(name)) else {
        return;
    };
    let host = &plan.environments[environment].hosts[name];
    let path = PlanPath::host(environment.as_str(), name.as_str());
    let theirs = PlanPath::host(lender.as_str(), name.as_str());
    if let Some(owner) = lent.borrow.as_ref().filter(|owner| *owner != lender) {
        let finding = borrowed_twice(path, theirs, (name, lender, owner));
        sink.push(finding.in_environment(environment));
        return;
    }
    let missing =
        |component: &&ComponentName| plan.declares(*component) && !lent.runs.contains(component);
    for component in host.runs.iter().filter(missing) {
        let place = path.clone().key("runs").item(component.as_str());
        let message = format!("`{name}` of `{lender}` does not run `{component}`");
        sink.push(
            Finding::new(&RULE.info, Label::new(place, ""), message)
                .in_environment(environment)
                .and(Label::new(theirs.clone(), "borrowed from here"))
                .help(format!(
                    "add `{component}` to what `{name}` runs in `{lender}`, or run it on a host of `{environment}`"
                )),
        );
    }
}

fn borrowed_twice(
    path: PlanPath,
    theirs: PlanPath,
    (name, lender, owner): (&HostName, &EnvironmentName, &EnvironmentName),
) -> Finding {
    let message = format!("`{name}` cannot be borrowed from `{lender}`, which borrows it itself");
    let finding = Finding::new(&RULE.info, Label::new(path.key("borrow"), ""), message)
        .and(Label::new(theirs.key("borrow"), "borrowed here"));
    finding.help(format!("borrow it from its owner, `{owner}`"))
}

fn check_rule(rule: &str, sink: &mut Sink) {
    if !all_rules().any(|known| known.name == rule) {
        let at = PlanPath::keys(["rules", rule]);
        let names = all_rules().map(|rule| rule.name);
        let finding = unknown(sink, at, rule, "is not a rule", names);
        sink.push(match &finding.fix {
            Some(_) => finding,
            None => finding.help("`backstay explain` lists the rules"),
        });
    } else if crate::source::rules::RULES
        .iter()
        .any(|known| known.name == rule)
    {
        let label = Label::new(PlanPath::keys(["rules", rule]), "");
        let finding = Finding::new(
            &RULE.info,
            label,
            format!("`{rule}` has no level: it is about the text itself"),
        );
        sink.push(finding.help("take the line away"));
    }
}

fn components(plan: &Plan) -> impl Iterator<Item = &str> {
    plan.apps
        .keys()
        .chain(plan.services.keys())
        .map(ComponentName::as_str)
}

fn unknown<'a>(
    found: &Sink,
    at: PlanPath,
    name: &str,
    fault: &str,
    known: impl Iterator<Item = &'a str>,
) -> Finding {
    let finding = Finding::new(
        &RULE.info,
        Label::new(at.clone(), ""),
        format!("{} {fault}", quoted(name)),
    );
    if found.len() >= MOST_SEARCHES {
        return finding.help("the findings above say what other unknown names may have meant");
    }
    let known: Vec<&str> = known.collect();
    match did_you_mean(name, known.iter().copied()) {
        Some(near) => {
            let near = near.to_owned();
            finding
                .help(format!("did you mean `{near}`?"))
                .fix(format!("write `{near}`"), vec![replacement(at, near)])
        }
        None if known.is_empty() => finding.help("nothing of that sort is declared yet"),
        None if known.len() > 12 => finding.help("`backstay show` lists what the plan declares"),
        None => finding.help(format!("there is `{}`", known.join("`, `"))),
    }
}

/// The edit that writes `near` where an unknown name stands: as a value, or as a key or list element.
fn replacement(at: PlanPath, near: String) -> Edit {
    let is_value = matches!(at.steps().last(), Some(Step::Key(key)) if ["kind", "dialect", "borrow"].contains(&key.as_str()));
    match is_value {
        true => Edit::set_text(at, near),
        false => Edit::Rename { path: at, to: near },
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{analysis, check, check_fix};

    #[test]
    fn every_place_that_names_something_is_checked() {
        check(
            "unknown-name",
            r#"
name = "shop"
[apps.web]
dialect = "dotnett"
        # ^^^^^^^^^ `dotnett` is not a dialect
uses.dbb = {}
   # ^^^ `dbb` is neither an app nor a service
[services.db]
kind = "postgers"
     # ^^^^^^^^^^ `postgers` is not a kind of the catalog
[environments.dev.hosts.box]
borrow = "prod"
       # ^^^^^^ `box` cannot be borrowed: `prod` has no host of that name
runs = ["web", "cache"]
             # ^^^^^^^ `cache` is neither an app nor a service
[environments.dev.services.bd]
                         # ^^ `bd` is not a service of this plan
version = "8"
[environments.prod.hosts.app-1]
borrow = "prod"
       # ^^^^^^ `prod` is the borrowing environment itself
[rules.port-clashes]
     # ^^^^^^^^^^^^ `port-clashes` is not a rule
level = "note"
reason = "r"
"#,
        );
    }

    #[test]
    fn its_fix_writes_the_name_that_was_meant() {
        let plan = "name = \"shop\"\n[services.db]\nkind = \"postgers\" # the store\n";
        check_fix("unknown-name", plan, &plan.replace("postgers", "postgres"));
    }

    #[test]
    fn what_the_lender_does_not_run_or_own_is_found() {
        check(
            "unknown-name",
            r#"
name = "shop"
[services.db]
kind = "postgres"
[services.cache]
kind = "redis"
[environments.dev.hosts.shared]
borrow = "test"
       # ^^^^^^ `shared` cannot be borrowed from `test`, which borrows it itself
runs = ["db"]
[environments.test.hosts.shared]
borrow = "staging"
runs = ["cache", "db"]
               # ^^^^ `shared` of `staging` does not run `db`
[environments.staging.hosts.shared]
runs = ["cache"]
"#,
        );
    }

    #[test]
    fn a_rule_like_no_other_is_looked_up_where_rules_are_listed() {
        let plan = "name = \"shop\"\n[rules.xyzzy]\nlevel = \"note\"\nreason = \"r\"\n";
        assert_eq!(
            helps(plan),
            [Some("`backstay explain` lists the rules".to_owned())]
        );
    }

    #[test]
    fn only_the_first_hundred_get_a_search_for_what_was_meant() {
        let names: Vec<String> = (0..150)
            .map(|number| format!("\"d{number:03}b\""))
            .collect();
        let plan = format!(
            "name = \"shop\"\n[services.d0b]\nkind = \"redis\"\n[environments.dev.hosts.box]\nruns = [{}]\n",
            names.join(", ")
        );
        let helps = helps(&plan);
        assert_eq!(helps.len(), 150);
        let searched = helps
            .iter()
            .flatten()
            .filter(|help| !help.starts_with("the findings above"));
        assert_eq!(searched.count(), 100);
    }

    fn helps(plan: &str) -> Vec<Option<String>> {
        let findings = analysis(plan).findings.into_iter();
        let of_rule = findings.filter(|finding| finding.rule == "unknown-name");
        of_rule.map(|finding| finding.help).collect()
    }
}
