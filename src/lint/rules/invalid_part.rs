//! `invalid-part`: a database, user, bucket … that the service refuses.

use crate::catalog::{Letters, Part};
use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::declared::{declared_services, service_path};
use crate::lint::declared_kinds::kind_in;
use crate::lint::{LintContext, Rule, Sink};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "invalid-part",
        severity: Severity::Deny,
        summary: "a service is to have a name that its kind refuses",
        explanation: "\
What it finds: a `database`, `user`, `bucket`, `region` or `vhost` that the kind of the service refuses, such
as the administrator's name for an app's user, that is shorter or longer than it takes, or that has
characters which it does not take, such as capitals in a bucket's name, or that the start of its image
trips over, such as quotes in a user's name.

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
    wrong_length(limits, value)
        .or_else(|| refused_character(limits, value))
        .or_else(|| wrong_character(limits, value))
}

fn wrong_length(limits: &Part, value: &str) -> Option<(String, String)> {
    let length = value.chars().count();
    let help = match (limits.shortest, limits.longest) {
        (_, Some(longest)) if length > longest => {
            format!("choose one of at most {longest} characters")
        }
        (Some(shortest), _) if length < shortest => {
            format!("choose one of at least {shortest} characters")
        }
        _ => return None,
    };
    let s = if length == 1 { "" } else { "s" };
    Some((format!("it has {length} character{s}"), help))
}

fn refused_character(limits: &Part, value: &str) -> Option<(String, String)> {
    let refused = |c: &char| limits.refused_characters.contains(*c);
    let fault = held(value.chars().find(refused)?);
    let refused = listed(&limits.refused_characters);
    Some((fault, format!("choose one without {refused}")))
}

fn wrong_character(limits: &Part, value: &str) -> Option<(String, String)> {
    let letters = limits.letters?;
    let is_plain = |c: char| match letters {
        Letters::Lower => c.is_ascii_lowercase() || c.is_ascii_digit(),
        Letters::Any => c.is_ascii_alphanumeric(),
    };
    let is_wrong = |c: &char| !is_plain(*c) && !limits.marks.contains(*c);
    let at_end = |c: &char| !is_plain(*c) && !limits.marks_at_ends;
    let fault = if let Some(wrong) = value.chars().find(is_wrong) {
        held(wrong)
    } else if let Some(first) = value.chars().next().filter(at_end) {
        format!("it begins with `{first}`")
    } else {
        let last = value.chars().next_back().filter(at_end)?;
        format!("it ends with `{last}`")
    };
    Some((fault, characters_help(letters, limits)))
}

fn held(wrong: char) -> String {
    match wrong {
        // In backticks it would not be seen as one.
        '`' => "it holds a backtick".to_owned(),
        ' ' => "it holds a blank".to_owned(),
        wrong => format!("it holds `{wrong}`"),
    }
}

fn listed(characters: &str) -> String {
    let characters = characters.chars().map(|c| match c {
        '`' => "backticks".to_owned(),
        ' ' => "blanks".to_owned(),
        c => format!("`{c}`"),
    });
    characters.collect::<Vec<_>>().join(", ")
}

fn characters_help(letters: Letters, limits: &Part) -> String {
    let letters = match letters {
        Letters::Lower => "small letters",
        Letters::Any => "letters",
    };
    let marks = listed(&limits.marks);
    if marks.is_empty() {
        return format!("choose one of {letters} and digits only");
    }
    match limits.marks_at_ends {
        true => format!("choose one of {letters}, digits and {marks}"),
        false => format!("choose one of {letters} and digits, with {marks} only between them"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use minijinja::Value;

    use crate::catalog::{Catalog, Encoding};
    use crate::lint::testing::{analysis, check};
    use crate::template::Templates;

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

    #[test]
    fn a_bucket_s_name_is_judged_in_every_object_store() {
        for kind in [
            "azure-blob",
            "azurite",
            "ceph",
            "fake-gcs-server",
            "gcs",
            "minio",
            "rustfs",
            "s3",
            "seaweedfs",
            "wasabi",
        ] {
            let faults = |bucket: &str| {
                let plan = format!(
                    "name = \"shop\"\n[services.uploads]\nkind = \"{kind}\"\nbucket = \"{bucket}\"\n"
                );
                let findings = analysis(&plan).findings.into_iter();
                let of_rule = findings.filter(|finding| finding.rule == "invalid-part");
                of_rule
                    .filter_map(|finding| Some(finding.message.rsplit_once(": ")?.1.to_owned()))
                    .collect::<Vec<_>>()
            };
            for (bucket, fault) in [
                ("Vet-scans", "it holds `V`"),
                ("with space", "it holds a blank"),
                ("UPPER", "it holds `U`"),
                ("-x-", "it begins with `-`"),
                ("x--", "it ends with `-`"),
                ("a", "it has 1 character"),
            ] {
                assert_eq!(faults(bucket), [fault], "{kind} {bucket:?}");
            }
            for bucket in ["vet-scans", "abc", "123"] {
                assert!(faults(bucket).is_empty(), "{kind} {bucket}");
            }
        }
    }

    #[test]
    fn what_the_start_of_an_image_trips_over_is_found_in_that_kind_only() {
        for (kind, part, value, fault) in [
            ("postgres", "user", "a'b", "it holds `'`"),
            ("postgres", "user", "a`b", ""),
            ("postgres", "database", "it's \\\"$x`", ""),
            ("mysql", "user", "a\\\\b", "it holds `\\`"),
            ("mysql", "user", "a\\\"$b", ""),
            ("mariadb", "database", "a`b", "it holds a backtick"),
            ("mongodb", "database", "a.b", "it holds `.`"),
            ("nats", "user", "a\\\"b", "it holds `\"`"),
            ("mailpit", "user", "a b", "it holds a blank"),
            ("rabbitmq", "user", "a\\\"b'c$d\\\\e`f", ""),
            ("cassandra", "database", "coding-events", "it holds `-`"),
            ("cassandra", "database", "_events_", ""),
            ("clickhouse", "database", "coding-events", "it holds `-`"),
            ("clickhouse", "user", "coding-events", ""),
            ("couchdb", "database", "coding-events", ""),
            ("couchdb", "database", "Events", "it holds `E`"),
            ("cockroachdb", "user", "a b", "it holds a blank"),
        ] {
            let plan = format!(
                "name = \"shop\"\n[services.db]\nkind = \"{kind}\"\n{part} = \"{value}\"\n"
            );
            let findings = analysis(&plan).findings.into_iter();
            let of_rule = findings.filter(|finding| finding.rule == "invalid-part");
            let said: Vec<String> = of_rule
                .filter_map(|finding| Some(finding.message.rsplit_once(": ")?.1.to_owned()))
                .collect();
            assert_eq!(said.join(""), fault, "{kind} {part} {value:?}");
        }
    }

    #[test]
    fn every_kind_takes_its_own_default() {
        let (catalog, templates) = (Catalog::builtin(), Templates::new());
        for kind in catalog.kinds() {
            for (part, rule) in &kind.parts {
                let values = BTreeMap::from([("plan", "pet_shop"), ("environment", "prod")]);
                let Some(default) = &rule.default else {
                    continue;
                };
                // What stands for another part of the service has no value here.
                if let Ok(said) = templates.render(default, Encoding::Plain, Value::from(values)) {
                    assert_eq!(
                        super::fault(rule, &said),
                        None,
                        "{} {part} {said:?}",
                        kind.id
                    );
                }
            }
        }
    }
}
