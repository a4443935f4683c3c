//! `backstay check`: findings, and fixes through the text.

use std::collections::BTreeSet;

use crate::analysis::Analysis;
use crate::cli::Answer;
use crate::cli::args::{CheckArgs, CheckFormat, FailOn};
use crate::cli::files::{open_output, said_loose, said_unread};
use crate::cli::session::{Advised, Opened, Session};
use crate::finding::{Finding, Severity, did_you_mean, quoted};
use crate::lint::{KeptValues, all_rules};
use crate::project::{Access, replace_plan};
use crate::report::{self, sarif::Subject, text::Excerpts};
use crate::source::{self, EditError, fixes};
use crate::suggest;

/// Says what is wrong, after mending what was asked to be mended.
pub fn run(session: &Session, args: &CheckArgs) -> anyhow::Result<Answer> {
    // Whoever asks in a wrong folder, as a build server may, must not be told that all is well.
    let mut opened = session.open()?;
    let mut notes = String::new();
    if let Some(rules) = &args.fix {
        notes.push_str(&fix(&mut opened, rules, args.dry_run)?);
    }
    notes.push_str(&faults_of_files(&mut opened));
    let text = printed(&opened, args.format);
    let failing = match args.fail_on {
        FailOn::Note => Severity::Note,
        FailOn::Warn => Severity::Warn,
        FailOn::Deny => Severity::Deny,
    };
    Ok(Answer {
        text,
        notes,
        code: u8::from(opened.fails_at(failing)),
    })
}

/// Warns of files with credentials that others can read, and of lines in them that nothing reads, where files have
/// been generated already. What environments have alike in them becomes a finding.
fn faults_of_files(opened: &mut Opened) -> String {
    // What else is wrong with the output folder is for those to say who write there.
    let output = opened
        .path
        .as_ref()
        .map(|_| open_output(opened, None, Access::Read));
    let environments = opened.environments(&[]).unwrap_or_default();
    match output {
        Some(Ok(output)) => {
            let kept = environments.iter().filter_map(|environment| {
                // What cannot be read is a fault of whoever needs it.
                let values = output.kept(environment).ok()?;
                (!values.is_empty()).then(|| (environment.clone(), values))
            });
            let kept: KeptValues = kept.collect();
            if kept.len() > 1 {
                opened.add_shared(&kept);
            }
            said_loose(&output.loose(&environments)) + &said_unread(&output, &environments)
        }
        _ => String::new(),
    }
}

fn printed(opened: &Opened, format: CheckFormat) -> String {
    let (path, text) = (opened.shown_path(), opened.text.as_str());
    let Analysis {
        findings, secrets, ..
    } = &*opened.analysis;
    match format {
        CheckFormat::Text => report::text::findings(findings, &Excerpts::new(&path, text, secrets)),
        CheckFormat::Json => report::json::findings(&path, text, findings),
        CheckFormat::Github => report::github::findings(&path, text, findings),
        CheckFormat::Sarif => {
            let subject = Subject {
                path: &path,
                text,
                secrets,
            };
            report::sarif::findings(&subject, all_rules(), findings)
        }
    }
}

/// Said where the embedded example takes the place of a plan.
pub fn example_note(opened: &Opened) -> String {
    match opened.path {
        Some(_) => String::new(),
        None => "no backstay.toml here or above: this is the embedded example (`backstay example` prints it)\n".to_owned(),
    }
}

/// Applies fixes one after the other, each to the text that the last one left, and writes the plan once.
fn fix(opened: &mut Opened, rules: &[String], dry_run: bool) -> anyhow::Result<String> {
    check_rule_names(rules)?;
    let is_broken = |finding: &Finding| finding.rule == source::rules::INVALID_SYNTAX.name;
    if opened.analysis.findings.iter().any(is_broken) {
        return Ok("not fixed: the plan has syntax errors; mend them first\n".to_owned());
    }
    let before = opened.text.clone();
    let mut said = apply_fixes(opened, rules);
    if rules.is_empty() {
        said.push_str(&left_by_plain_fix(&opened.analysis.findings));
    }
    if opened.text == before {
        said.push_str("nothing to fix\n");
        return Ok(said);
    }
    let path = opened.path.clone().expect("only a plan on disk is mended");
    // Credentials are masked on both sides, so that a fix which removes one does not show it.
    let masked = |text: &str| report::text::mask(text, &opened.analyze(text).secrets);
    said.push_str(&report::diff::unified(
        &opened.shown_path(),
        &masked(&before),
        &masked(&opened.text),
    ));
    if dry_run {
        said.push_str("nothing was written (--dry-run)\n");
    } else {
        replace_plan(&path, &before, &opened.text)?;
    }
    Ok(said)
}

/// Mends the opened text and says what was mended and what could not be.
fn apply_fixes(opened: &mut Opened, rules: &[String]) -> String {
    let mut said = String::new();
    let mut tried: Vec<Finding> = Vec::new();
    let mut progress = fixes::Progress::default();
    for _ in 0..fixes::MOST {
        if progress.is_stuck() {
            said.push_str("stopped: fixes bring up as much as they mend\n");
            break;
        }
        let findings = &opened.analysis.findings;
        let text_is_wrong = fixes::text_is_wrong(findings);
        let wanted = |finding: &Finding| match rules.is_empty() {
            true => fixes::is_plain(finding, text_is_wrong),
            false => rules.iter().any(|rule| rule == finding.rule),
        };
        let Some((finding, fix)) = fixes::next(findings, &tried, wanted) else {
            break;
        };
        let before = (opened.text.as_str(), &opened.analysis.plan);
        match suggest::applied(before, &opened.catalog, &fix.edits) {
            Ok(text) if text != opened.text => {
                let after = opened.analyze(&text);
                let is_gain = progress.is_gain(&finding, findings, &after.findings);
                let (rule, title) = (finding.rule, &fix.title);
                if is_gain {
                    said.push_str(&format!("fixed {rule}: {title}\n"));
                    opened.analysis = after.into();
                    opened.text = text;
                } else {
                    said.push_str(&format!(
                        "not fixed {rule}: to {title} would leave as much to mend\n"
                    ));
                }
            }
            Ok(_) => {}
            // No other edit could be applied either.
            Err(EditError::Syntax) => {
                said.push_str(&format!("not fixed: {}\n", EditError::Syntax));
                break;
            }
            Err(error) => said.push_str(&format!("not fixed {}: {error}\n", finding.rule)),
        }
        tried.push(finding);
    }
    said
}

/// Says which fixes a plain `--fix` does not apply, and why.
fn left_by_plain_fix(findings: &[Finding]) -> String {
    let text_is_wrong = fixes::text_is_wrong(findings);
    let (taking, waiting): (Vec<&Finding>, Vec<&Finding>) = findings
        .iter()
        .filter(|finding| finding.fix.is_some() && !fixes::is_plain(finding, text_is_wrong))
        .filter(|finding| !fixes::raises_a_version(finding))
        .partition(|finding| finding.takes_away());
    let mut said = String::new();
    if !waiting.is_empty() {
        said.push_str(&match waiting.len() {
            1 => "1 more fix waits until all of the plan can be read\n".to_owned(),
            n => format!("{n} more fixes wait until all of the plan can be read\n"),
        });
    }
    let raising = findings.iter().filter(|it| fixes::raises_a_version(it));
    if let Some(first) = raising.clone().next() {
        let (count, rule) = (raising.count(), first.rule);
        let fixes = if count == 1 {
            "fix raises a version"
        } else {
            "fixes raise versions"
        };
        said.push_str(&format!(
            "{count} more {fixes}, which may not read the data of the old one: read `backstay explain {rule}`, then --fix={rule}\n"
        ));
    }
    let rules: BTreeSet<&str> = taking.iter().map(|it| it.rule).collect();
    let rules = Vec::from_iter(rules).join(",");
    match taking.len() {
        0 => {}
        1 => said.push_str(&format!(
            "1 more fix takes something away: name it, --fix={rules}\n"
        )),
        n => said.push_str(&format!(
            "{n} more fixes take something away: name them, --fix={rules}\n"
        )),
    }
    said
}

fn check_rule_names(rules: &[String]) -> anyhow::Result<()> {
    let Some(unknown) = rules
        .iter()
        .find(|name| all_rules().all(|rule| rule.name != name.as_str()))
    else {
        return Ok(());
    };
    let help = match did_you_mean(unknown, all_rules().map(|rule| rule.name)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`backstay explain` lists the rules".to_owned(),
    };
    Err(Advised {
        message: format!("there is no rule {}", quoted(unknown)),
        help,
    }
    .into())
}
