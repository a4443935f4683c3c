//! `unpinned-image`: an image that may be another one tomorrow.

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::declared::{DeclaredText, images};
use crate::lint::{LintContext, Rule, Sink, image};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "unpinned-image",
        severity: Severity::Warn,
        summary: "an image says no version",
        explanation: "\
What it finds: an `image` without a tag, or with the tag `latest`, unless a digest says which build it is.

Why it matters: what runs then depends on the day on which each host fetched it. Two hosts run two
versions, going back to the one before is impossible, and nobody can say what ran last week.

When it is fine: an image that is built on the machine it runs on. Say so in `[rules]` with the reason.

Instead: name the version, such as `ghcr.io/acme/shop:1.4.0`, or the digest.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    for declared in images(context.plan) {
        // Of what is no image reference another rule speaks.
        let Ok(image) = image::parse(declared.text) else {
            continue;
        };
        match (image.tag, image.digest) {
            (None, None) => sink.push(finding(&declared, "has no tag")),
            (Some("latest"), None) => {
                sink.push(finding(&declared, "is the `latest`, whichever that is"))
            }
            _ => {}
        }
    }
}

fn finding(declared: &DeclaredText, fault: &str) -> Finding {
    let message = format!("the `image` of `{}` {fault}", declared.component);
    let finding = Finding::new(&RULE.info, Label::new(declared.path(), ""), message)
        .help("name the version as a tag, or the digest");
    match declared.environment {
        Some(environment) => finding.in_environment(environment),
        None => finding,
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::check;

    #[test]
    fn images_without_a_version_are_found() {
        check(
            "unpinned-image",
            r#"
name = "shop"
[apps.web]
image = "registry.example.com:5000/acme/web"
      # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the `image` of `web` has no tag
[apps.worker]
image = "acme/worker:1.2.3"
[apps.jobs]
image = "acme/jobs@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
[services.db]
kind = "postgres"
image = "acme/postgres:18"
[environments.dev.services.db]
image = "acme/postgres:latest"
      # ^^^^^^^^^^^^^^^^^^^^^^ the `image` of `db` is the `latest`, whichever that is
"#,
        );
    }
}
