//! `invalid-part`: a database, user, bucket … that the service refuses.

use crate::catalog::Part;
use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::declared::{declared_services, kind_in, service_path};
use crate::lint::{LintContext, Rule, Sink};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "invalid-part",
        severity: Severity::Deny,
        summary: "a service is to have a name that its kind refuses",
        explanation: "\
What it finds: a `database`, `user`, `bucket`, `region` or `vhost` that the kind of the service refuses, or
that is longer than it takes, such as the administrator's name for an app's user.

Why it matters: the service does not start, or starts without what its users were told to connect to.

When it is fine: never.

Instead: choose another one. The help says what the kind takes; without the key Backstay chooses.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    for (environment, name, service) in declared_services(context.plan) {
        let mut said = service.said_parts().peekable();
        if said.peek().is_none() {
            continue;
        }
        let Some(kind) = kind_in(context, environment, name) else {
            continue;
        };
        for (part, value) in said {
            let limits = kind.parts.get(part);
            if let Some((fault, help)) = limits.and_then(|limits| fault(limits, value)) {
                let key = service_path(environment, name).key(part);
                let message = format!("{} refuses the `{part}` of `{name}`: {fault}", kind.title);
                let finding = Finding::new(&RULE.info, Label::new(key, ""), message).help(help);
                sink.push(match environment {
                    Some(environment) => finding.in_environment(environment),
                    None => finding,
                });
            }
        }
    }
}

/// What is wrong with a value, and how to mend it.
fn fault(limits: &Part, value: &str) -> Option<(String, String)> {
    if limits.refused.iter().any(|refused| refused == value) {
        let fault = format!("`{value}` is its own");
        let refused = limits.refused.join("`, `");
        return Some((fault, format!("choose any but `{refused}`")));
    }
    let (length, longest) = (value.chars().count(), limits.longest?);
    let fault = format!("it has {length} characters");
    let help = format!("choose one of at most {longest} characters");
    (length > longest).then_some((fault, help))
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::check;

    #[test]
    fn what_the_kind_refuses_is_found() {
        let plan = r#"
name = "shop"
[services.db]
kind = "mysql"
user = "root"
     # ^^^^^^ MySQL refuses the `user` of `db`: `root` is its own
database = "shop"
[services.pg]
kind = "postgres"
user = "root"
[services.uploads]
kind = "s3"
bucket = "BUCKET"
       # ^^^^^^^^ Amazon S3 refuses the `bucket` of `uploads`: it has 64 characters
[environments.dev.services.db]
database = "mysql"
         # ^^^^^^^ MySQL refuses the `database` of `db`: `mysql` is its own
"#;
        let (name, carets) = ("b".repeat(64), "^".repeat(66));
        check(
            "invalid-part",
            &plan
                .replace("BUCKET", &name)
                .replace("^^^^^^^^ Am", &format!("{carets} Am")),
        );
    }
}
