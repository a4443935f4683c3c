//! `unknown-name`: a name that nothing in the plan or the catalog has.

use crate::finding::{Finding, Label, RuleInfo, Severity, did_you_mean, quoted};
use crate::lint::{LintContext, Rule, Sink, all_rules};
use crate::model::{
    ComponentName, Edit, EditValue, EnvironmentName, HostName, Plan, PlanPath, Step,
};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "unknown-name",
        severity: Severity::Deny,
        summary: "a name that nothing in the plan or the catalog has",
        explanation: "\
What it finds: a component in `runs` or `uses` that is neither an app nor a service, an override of
something that is not declared, a host or environment to borrow from that does not exist, a kind or
dialect that the catalog does not have, a level for a rule that there is not.

Why it matters: what is named is left out of the picture and of every file, so the plan does not say
what its author believes it says.

Instead: correct the name. Where one is close enough, the finding offers it and
`backstay check --fix` writes it. A kind of your own goes into `.backstay/services/NAME.toml`.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    let plan = context.plan;
    for (name, app) in &plan.apps {
        check_uses(plan, &PlanPath::app(name.as_str()), app.uses.keys(), sink);
        check_dialect(
            context,
            PlanPath::app(name.as_str()),
            app.dialect.as_deref(),
            sink,
        );
    }
    for (name, service) in &plan.services {
        check_uses(
            plan,
            &PlanPath::service(name.as_str()),
            service.uses.keys(),
            sink,
        );
        check_kind(
            context,
            PlanPath::service(name.as_str()),
            service.kind.as_deref(),
            sink,
        );
    }
    for name in plan.environments.keys() {
        check_environment(context, name, sink);
    }
    for rule in plan.rules.keys() {
        check_rule(rule, sink);
    }
}

fn check_environment(context: &LintContext, name: &EnvironmentName, sink: &mut Sink) {
    let plan = context.plan;
    let environment = &plan.environments[name];
    let path = PlanPath::environment(name.as_str());
    for (component, app) in &environment.apps {
        let at = path.clone().key("apps").key(component.as_str());
        if !plan.apps.contains_key(component) {
            let known = plan.apps.keys().map(ComponentName::as_str);
            sink.push(unknown(
                at.clone(),
                component.as_str(),
                "is not an app of this plan",
                known,
            ));
        }
        check_uses(plan, &at, app.uses.keys(), sink);
        check_dialect(context, at, app.dialect.as_deref(), sink);
    }
    for (component, service) in &environment.services {
        let at = path.clone().key("services").key(component.as_str());
        if !plan.services.contains_key(component) {
            let known = plan.services.keys().map(ComponentName::as_str);
            sink.push(unknown(
                at.clone(),
                component.as_str(),
                "is not a service of this plan",
                known,
            ));
        }
        check_uses(plan, &at, service.uses.keys(), sink);
        check_kind(context, at, service.kind.as_deref(), sink);
    }
    for (host_name, host) in &environment.hosts {
        let host_path = PlanPath::host(name.as_str(), host_name.as_str());
        for component in host
            .runs
            .iter()
            .filter(|component| !plan.declares(component.as_str()))
        {
            let at = host_path.clone().key("runs").item(component.as_str());
            sink.push(unknown(
                at,
                component.as_str(),
                "is neither an app nor a service",
                components(plan),
            ));
        }
        if let Some(lender) = &host.borrow {
            check_borrow(plan, host_path.key("borrow"), name, lender, host_name, sink);
        }
    }
}

fn check_uses<'a>(
    plan: &Plan,
    owner: &PlanPath,
    uses: impl Iterator<Item = &'a ComponentName>,
    sink: &mut Sink,
) {
    for target in uses.filter(|target| !plan.declares(target.as_str())) {
        let at = owner.clone().key("uses").key(target.as_str());
        sink.push(unknown(
            at,
            target.as_str(),
            "is neither an app nor a service",
            components(plan),
        ));
    }
}

fn check_kind(context: &LintContext, owner: PlanPath, kind: Option<&str>, sink: &mut Sink) {
    let Some(kind) = kind.filter(|kind| context.catalog.kind(kind).is_none()) else {
        return;
    };
    let names = context.catalog.kind_names();
    let finding = unknown(
        owner.key("kind"),
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

fn check_dialect(context: &LintContext, owner: PlanPath, dialect: Option<&str>, sink: &mut Sink) {
    let Some(dialect) = dialect.filter(|dialect| context.catalog.dialect(dialect).is_none()) else {
        return;
    };
    let known: Vec<String> = context
        .catalog
        .dialects()
        .map(|dialect| dialect.id.clone())
        .collect();
    sink.push(unknown(
        owner.key("dialect"),
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
        sink.push(unknown(at, lender.as_str(), fault, others));
        return;
    }
    let lent = &plan.environments[lender].hosts;
    if !lent.contains_key(host) {
        let label = Label::new(at, format!("`{lender}` has no host `{host}`"));
        let names: Vec<String> = lent.keys().map(|host| format!("`{host}`")).collect();
        let message = format!("`{host}` cannot be borrowed: `{lender}` has no host of that name");
        sink.push(
            Finding::new(&RULE.info, label, message)
                .and(Label::new(
                    PlanPath::environment(lender.as_str()),
                    format!("its hosts are {}", names.join(", ")),
                ))
                .help("call the host as the environment that it belongs to calls it"),
        );
    }
}

fn check_rule(rule: &str, sink: &mut Sink) {
    if !all_rules().any(|known| known.name == rule) {
        let at = PlanPath::keys(["rules", rule]);
        sink.push(unknown(
            at,
            rule,
            "is not a rule",
            all_rules().map(|rule| rule.name),
        ));
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
    at: PlanPath,
    name: &str,
    fault: &str,
    known: impl Iterator<Item = &'a str>,
) -> Finding {
    let known: Vec<&str> = known.collect();
    let finding = Finding::new(
        &RULE.info,
        Label::new(at.clone(), ""),
        format!("{} {fault}", quoted(name)),
    );
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
        true => Edit::Set {
            path: at,
            value: EditValue::Text(near),
        },
        false => Edit::Rename { path: at, to: near },
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{check, check_fix};

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
}
