//! `unpinned-image`: an image that may be another one tomorrow.

use std::sync::Arc;

use crate::catalog::{Image, Kind};
use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::declared::{DeclaredText, images};
use crate::lint::declared_kinds::kind_in;
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{ComponentName, Edit, ImageName, Plan};

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

When it is fine: an image that is built on the machine it runs on. Say how, with `build`, or allow it in `[rules]`
with the reason.

Instead: name the version, such as `ghcr.io/acme/shop:1.4.0`, or the digest. An image that the catalog
has as well needs no mention; `backstay check --fix` takes it away.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    for declared in images(context.plan).filter(|image| !is_built(context.plan, image.component)) {
        // Of what is no image reference another rule speaks.
        let Ok(image) = ImageName::parse(declared.text) else {
            continue;
        };
        match (image.tag, image.digest) {
            (None, None) => sink.push(finding(context, &declared, "has no tag")),
            (Some("latest"), None) => sink.push(finding(
                context,
                &declared,
                "is the `latest`, whichever that is",
            )),
            _ => {}
        }
    }
}

fn finding(context: &LintContext, declared: &DeclaredText, fault: &str) -> Finding {
    let message = format!("the `image` of `{}` {fault}", declared.component);
    let finding = Finding::new(&RULE.info, Label::new(declared.path(), ""), message);
    let finding = match of_the_catalog(context, declared) {
        Some((kind, image)) => finding
            .help(format!(
                "the catalog has this image in a version that it knows, {}",
                image.version
            ))
            .fix(
                format!("take the image away, for the catalog's of {}", kind.title),
                vec![Edit::Remove {
                    path: declared.path(),
                }],
            ),
        None => finding.help("name the version as a tag, or the digest"),
    };
    match declared.environment {
        Some(environment) => finding.in_environment(environment),
        None => finding,
    }
}

/// Whether the plan says how a component is built: then its image is what it is called, not where it comes from.
fn is_built(plan: &Plan, component: &ComponentName) -> bool {
    let of_app = plan.apps.get(component).and_then(|app| app.build.as_ref());
    let of_service = || plan.services.get(component)?.build.as_ref();
    of_app.or_else(of_service).is_some()
}

/// The kind of a service whose image is the one that the catalog names, and that image.
fn of_the_catalog(context: &LintContext, declared: &DeclaredText) -> Option<(Arc<Kind>, Image)> {
    if context.plan.apps.contains_key(declared.component) {
        return None;
    }
    let kind = kind_in(context, declared.environment, declared.component)?;
    let image = kind.image.clone()?;
    let said = declared.text.strip_suffix(":latest");
    let is_same = full_name(said.unwrap_or(declared.text)) == full_name(&image.name);
    is_same.then_some((kind, image))
}

/// An image's name with the registry and the folder that engines add: `docker.io/library/nginx`.
fn full_name(name: &str) -> String {
    let on_hub = name.strip_prefix("docker.io/").unwrap_or(name);
    let has_registry = |name: &str| {
        let first = name.split('/').next().unwrap_or_default();
        name.contains('/') && (first.contains(['.', ':']) || first == "localhost")
    };
    match (has_registry(on_hub), on_hub.contains('/')) {
        (true, _) => on_hub.to_owned(),
        (false, true) => format!("docker.io/{on_hub}"),
        (false, false) => format!("docker.io/library/{on_hub}"),
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{analysis, check, check_fix};

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

    #[test]
    fn an_image_that_the_catalog_has_is_taken_away() {
        for image in ["postgres", "postgres:latest", "docker.io/library/postgres"] {
            let plan = format!(
                "name = \"shop\"\n[services.db]\nkind = \"postgres\"\nimage = \"{image}\"\n"
            );
            let after = plan.replace(&format!("image = \"{image}\"\n"), "");
            check_fix("unpinned-image", &plan, &after);
        }
        for image in ["acme/postgres", "r.example.com/library/postgres", "mysql"] {
            let plan = format!(
                "name = \"shop\"\n[services.db]\nkind = \"postgres\"\nimage = \"{image}\"\n"
            );
            let findings = analysis(&plan).findings;
            let finding = findings
                .iter()
                .find(|finding| finding.rule == "unpinned-image");
            assert_eq!(finding.expect("it is found").fix, None, "{image}");
        }
    }
}
