//! `invalid-image`: an image or a version that no container engine can read.

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::declared::{DeclaredText, images, said_versions};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::ImageName;

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "invalid-image",
        severity: Severity::Deny,
        summary: "an image or a version cannot be one",
        explanation: "\
What it finds: an `image` that is not an image reference, such as one with a blank or with capital letters
in its repository, and a `version` with characters that no tag has.

Why it matters: the container engine refuses the whole file that names it, so nothing on that host starts.

When it is fine: never.

Instead: write the reference as the registry shows it, such as `ghcr.io/acme/shop:1.4.0`, and the version
alone, such as `8.4`.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    for image in images(context.plan) {
        if let Err(fault) = ImageName::parse(image.text) {
            let message = format!("the `image` of `{}` cannot be one", image.component);
            sink.push(finding(&image, message, fault));
        }
    }
    for version in said_versions(context.plan) {
        if !ImageName::is_tag(version.text) {
            let message = format!("the `version` of `{}` cannot be one", version.component);
            let fault = "a version has letters, digits, `.`, `_` and `-` only";
            sink.push(finding(&version, message, fault));
        }
    }
}

fn finding(declared: &DeclaredText, message: String, fault: &str) -> Finding {
    let finding = Finding::new(&RULE.info, Label::new(declared.path(), ""), message).help(fault);
    match declared.environment {
        Some(environment) => finding.in_environment(environment),
        None => finding,
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::check;

    #[test]
    fn images_and_versions_that_cannot_be_are_found_wherever_they_are_said() {
        check(
            "invalid-image",
            r#"
name = "shop"
[apps.web]
image = "ghcr.io/Acme/shop:1"
      # ^^^^^^^^^^^^^^^^^^^^^ the `image` of `web` cannot be one
[apps.worker]
image = "registry.example.com:5000/acme/worker:1.2.3"
[services.db]
kind = "postgres"
version = "18 beta"
        # ^^^^^^^^^ the `version` of `db` cannot be one
[services.cache]
kind = "redis"
image = " "
      # ^^^ the `image` of `cache` cannot be one
[services.metrics]
kind = "victoriametrics"
version = "v1.152.0"
[environments.dev.apps.worker]
image = "a b"
      # ^^^^^ the `image` of `worker` cannot be one
[environments.dev.services.db]
version = "18/3"
        # ^^^^^^ the `version` of `db` cannot be one
"#,
        );
    }
}
