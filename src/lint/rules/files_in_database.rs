//! `files-in-database`: large objects among the records of a database.

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::answers::{Proposal, report_instead};
use crate::lint::declared_kinds::ServiceUse;
use crate::lint::roles::holds_records;
use crate::lint::{LintContext, Rule, Sink};
use crate::model::Role;

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "files-in-database",
        severity: Severity::Warn,
        summary: "files are kept in a database",
        explanation: "\
What it finds: a use in the role `files` of a service whose kind is a database: relational, of documents
or of wide columns.

Why it matters: databases are made for very many small records with a structure. Large objects among
them fill its memory with what nobody queries, make every backup and every restore as slow as the files
are large, and cost the price of the fastest disks.

When it is fine: a few small ones that must change together with a record. Say so in `[rules]` with the
reason.

Instead: keep the files in an object store, or on a server of their own while they are few, and only
their names in the database. `backstay check --fix` gives the app the store that is there or the default
one, and takes the role from the database.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    let found = context
        .declared
        .service_uses(|role, kind| role == Role::Files && holds_records(kind));
    report_instead(context, found, sink, finding);
}

fn finding(used: &ServiceUse, instead: Option<Proposal>) -> Finding {
    let (user, target) = (used.declared.user, used.declared.target);
    let message = format!(
        "`{user}` keeps files in `{target}` ({}), which is made for records",
        used.kind.title
    );
    let finding = Finding::new(&RULE.info, Label::new(used.role_path(), ""), message)
        .and(Label::new(used.kind_path(), ""));
    let finding = match used.environment() {
        Some(environment) => finding.in_environment(environment),
        None => finding,
    };
    let only_names = "keep the files apart, and only their names in the database";
    match instead {
        Some(proposal) => finding
            .help(format!("{only_names}; {}", proposal.help))
            .fix(proposal.title, proposal.edits),
        None => finding.help(only_names),
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{analysis, check, check_fix};

    const PLAN: &str = r#"
name = "shop"
[apps.web]
uses.db = { also = ["files"] }
                  # ^^^^^^^ `web` keeps files in `db` (PostgreSQL), which is made for records
[services.db]
kind = "postgres"
"#;

    #[test]
    fn files_in_a_database_are_found_once() {
        check("files-in-database", PLAN);
        let findings = analysis(PLAN).findings;
        let of_other = findings
            .iter()
            .find(|finding| finding.rule == "unsuitable-role");
        assert_eq!(of_other, None, "one fault, one finding");
    }

    #[test]
    fn its_fix_adds_the_default_store() {
        let (before, after) = PLAN
            .split_once(
                "                  # ^^^^^^^ `web` keeps files in `db` (PostgreSQL), which is made for records\n",
            )
            .expect("it is there");
        let plan = format!("{before}{after}");
        let mended = plan.replace(
            "{ also = [\"files\"] }\n",
            "{}\nuses.files = { role = \"files\" }\n",
        ) + "\n[services.files]\nkind = \"wasabi\"\n";
        check_fix("files-in-database", &plan, &mended);
    }

    #[test]
    fn where_a_store_is_used_already_its_fix_takes_the_role_away() {
        let plan = r#"name = "shop"
[apps.web]
uses.db = { role = "files" }
uses.uploads = {}
[services.db]
kind = "postgres"
[services.uploads]
kind = "wasabi"
"#;
        let after = plan.replace("{ role = \"files\" }", "{}");
        check_fix("files-in-database", plan, &after);
    }

    #[test]
    fn a_web_server_or_an_object_store_is_fine() {
        check(
            "files-in-database",
            r#"
name = "shop"
[apps.web]
uses.uploads = { role = "files" }
uses.edge = { role = "files" }
[services.uploads]
kind = "wasabi"
[services.edge]
kind = "nginx"
"#,
        );
    }
}
