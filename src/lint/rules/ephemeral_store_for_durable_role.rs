//! `ephemeral-store-for-durable-role`: what must be kept, in a service that keeps nothing.

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::answers::{Proposal, report_instead};
use crate::lint::declared_kinds::ServiceUse;
use crate::lint::defaults::help_for;
use crate::lint::{LintContext, Rule, Sink};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "ephemeral-store-for-durable-role",
        severity: Severity::Deny,
        summary: "a service that keeps nothing over a restart is used for what must be kept",
        explanation: "\
What it finds: a service whose kind keeps its data in memory only, used in a role whose loss cannot be
made good: database, files, queue, logs and the like. Caches, sessions and search indexes can be made
again and are not reported.

Why it matters: such a service is fast because it stores nothing. At the next restart, and there is
always one, everything that was entrusted to it is gone.

When it is fine: never under this role. If the loss does no harm, the role is a cache: say so.

Instead: use a kind that keeps its data; the help names the default one for the role, and
`backstay check --fix` lets the app use it, or what the plan has that fills the role.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    let ephemeral = context
        .declared
        .service_uses(|role, kind| !kind.keeps_data && role.is_durable());
    report_instead(context, ephemeral, sink, |used, instead| {
        finding(context, used, instead)
    });
}

fn finding(context: &LintContext, used: &ServiceUse, instead: Option<Proposal>) -> Finding {
    let (user, target) = (used.declared.user, used.declared.target);
    let title = &used.kind.title;
    let message = format!(
        "`{target}` ({title}) keeps nothing over a restart, but `{user}` uses it as {}",
        used.role
    );
    let kind = Label::new(used.kind_path(), "keeps its data in memory only");
    let mut finding = Finding::new(&RULE.info, Label::new(used.role_path(), ""), message)
        .and(kind)
        .help(help_for(context, used.role));
    if let Some(environment) = used.environment() {
        finding = finding.in_environment(environment);
    }
    match instead {
        Some(proposal) => finding.fix(proposal.title, proposal.edits),
        None => finding,
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn memcached_as_database_is_found_once_for_all_environments() {
        check(
            "ephemeral-store-for-durable-role",
            r#"
name = "shop"
[apps.web]
uses.cache = { role = "database" }
                    # ^^^^^^^^^^ `cache` (Memcached) keeps nothing over a restart, but `web` uses it as database
[services.cache]
kind = "memcached"
[environments.dev.hosts.laptop]
runs = ["web", "cache"]
[environments.prod.hosts.all]
runs = ["web", "cache"]
[environments.prod.apps.web]
uses.cache = { role = "database", env = "STORE" }
"#,
        );
    }

    #[test]
    fn an_environment_that_changes_the_kind_or_the_role_is_looked_at() {
        check(
            "ephemeral-store-for-durable-role",
            r#"
name = "shop"
[apps.web]
uses.store = { role = "queue" }
                    # ^^^^^^^ `store` (Memcached) keeps nothing over a restart, but `web` uses it as queue
uses.cache = {}
[services.store]
kind = "redis"
[services.cache]
kind = "memcached"
[environments.dev.services.store]
kind = "memcached"
[environments.test.services.store]
kind = "memcached"
[environments.test.apps.web]
uses.store = { role = "cache" }
uses.cache = { role = "files" }
                    # ^^^^^^^ `cache` (Memcached) keeps nothing over a restart, but `web` uses it as files
"#,
        );
    }

    #[test]
    fn a_cache_may_forget_and_a_database_does_not() {
        check(
            "ephemeral-store-for-durable-role",
            r#"
name = "shop"
[apps.web]
uses.cache = { role = "cache" }
uses.logins = { role = "session" }
uses.db = {}
[services.cache]
kind = "memcached"
[services.logins]
kind = "memcached"
[services.db]
kind = "postgres"
"#,
        );
    }

    #[test]
    fn its_fix_gives_the_role_to_a_service_that_keeps_its_data() {
        let plan = r#"name = "shop"
[apps.web]
uses.cache = { role = "cache", also = ["queue"] }
uses.jobs = { role = "queue" }
[services.cache]
kind = "memcached"
[services.jobs]
kind = "redis"
"#;
        let after = plan.replace(", also = [\"queue\"]", "");
        check_fix("ephemeral-store-for-durable-role", plan, &after);
        let plan = plan.replace("uses.jobs = { role = \"queue\" }\n", "");
        let after = plan.replace(
            ", also = [\"queue\"] }\n",
            " }\nuses.jobs = { role = \"queue\" }\n",
        );
        check_fix("ephemeral-store-for-durable-role", &plan, &after);
    }
}
