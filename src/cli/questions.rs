//! The questions of `backstay new`: plain lines on standard error, answers on standard input, Enter for the usual one.

use std::io::{BufRead, Write};

use crate::catalog::Catalog;
use crate::cli::args::NewArgs;
use crate::cli::new::USUAL_ENVIRONMENTS;
use crate::cli::session::Advised;
use crate::cli::wrapped::{width_of_notes, wrapped};
use crate::finding::quoted;
use crate::model::{Choice, ComponentName, EnvironmentName, PlanName, Role};
use crate::suggest::{
    DEFAULT_STACK, HintError, NewApp, NewPlan, WantedNeed, check_apps, check_named, environment,
    words,
};

/// The questions, each with what is said to those who ask what it means.
const NAME: (&str, &str) = (
    "name of the application",
    "It names Compose projects, databases and buckets: `a-z`, `0-9`, `-` and `_`. It can be changed later.",
);
const APPS: (&str, &str) = (
    "its apps, as NAME[=IMAGE:TAG][:PORT], with commas between",
    "What you build and run yourself, as in `web=ghcr.io/acme/web:1.0.0:8080,worker`. Without an image an app runs as a process.",
);
const NEEDS: (&str, &str) = (
    "what the apps need, with commas between, as in database,files:5GiB,queue:redelivery",
    "Words of the list above, as in `database,cache`; what is expected stands behind a colon, as in `files:5GiB`, and whoever alone needs it behind an `@`, as in `queue@worker`.",
);
const ENVIRONMENTS: (&str, &str) = (
    "environments, with commas between",
    "Where the whole application runs, as in `local,dev,prod`; `demo=staging` says what one is for whose name does not.",
);
const STACK_MEANT: &str = "It says which service answers which need; `backstay suggest --stack NAME database,cache` shows what each would choose.";
const SIZE_MEANT: &str = "It can change which service is chosen. Enter leaves it open; the plan can say it later, under `[sizes]` and `[needs]`.";

/// Most wrong answers to one question.
const MOST_TRIES: usize = 20;

/// Somebody who is asked.
pub struct Questions {
    input: Box<dyn BufRead>,
    output: Box<dyn Write>,
    /// How wide a line may be, where that is known.
    width: Option<usize>,
}

impl Questions {
    /// Whoever sits at the terminal, or what is piped in.
    pub fn of_terminal() -> Questions {
        Questions {
            input: Box::new(std::io::BufReader::new(std::io::stdin())),
            output: Box::new(std::io::stderr()),
            width: width_of_notes(),
        }
    }

    /// An answer that `read` takes; the usual one if nothing is typed. `help` or `?` says what is `meant`.
    fn ask<T>(
        &mut self,
        (question, meant): (&str, &str),
        usual: &str,
        read: impl Fn(&str) -> Result<T, HintError>,
    ) -> anyhow::Result<T> {
        for _ in 0..MOST_TRIES {
            let shown = if usual.is_empty() { "nothing" } else { usual };
            write!(self.output, "{question} [{shown}]: ")?;
            self.output.flush()?;
            let mut line = String::new();
            let is_over = self.input.read_line(&mut line)? == 0;
            // Whoever ends the input at a question has not answered it.
            if is_over && line.is_empty() {
                writeln!(self.output)?;
                let message =
                    "the answers end before the questions do; nothing was written".to_owned();
                let help =
                    "Enter takes what stands in brackets; what is said as an argument is not asked"
                        .to_owned();
                return Err(Advised { message, help }.into());
            }
            let typed = line.trim();
            if ["?", "help"].contains(&typed) {
                self.say(&format!("  {meant}"))?;
                continue;
            }
            let answer = if typed.is_empty() { usual } else { typed };
            match read(answer) {
                Ok(answer) => return Ok(answer),
                Err(error) if is_over => return Err(Advised::from(error).into()),
                Err(error) => self.say(&format!("  {}: {}", error.message, error.help))?,
            }
        }
        let message = "too many wrong answers; nothing was written".to_owned();
        let help = "say it as arguments: `backstay new --help` lists them".to_owned();
        Err(Advised { message, help }.into())
    }

    /// Says a line; what does not fit into one goes on below it, a little further in.
    fn say(&mut self, line: &str) -> anyhow::Result<()> {
        let line = wrapped(line, 4, self.width);
        Ok(writeln!(self.output, "{line}")?)
    }
}

/// Asks for everything that the arguments do not say.
pub fn asked(
    questions: &mut Questions,
    args: &NewArgs,
    usual_name: &str,
    catalog: &Catalog,
) -> anyhow::Result<NewPlan> {
    questions.say("A new plan. Enter takes what stands in brackets.")?;
    let name = match &args.name {
        Some(name) => name.clone(),
        None => questions.ask(NAME, usual_name, plan_name)?,
    };
    let apps = match args.apps.is_empty() {
        true => questions.ask(APPS, "web", apps)?,
        false => apps(&args.apps.join(",")).map_err(Advised::from)?,
    };
    let needs = match &args.needs {
        Some(needs) => WantedNeed::parse_all(needs).map_err(Advised::from)?,
        None => needs(questions, &apps)?,
    };
    let environments = match &args.environments {
        Some(said) => environments(said).map_err(Advised::from)?,
        None => questions.ask(ENVIRONMENTS, USUAL_ENVIRONMENTS, environments)?,
    };
    let stacks: Vec<String> = catalog.stacks().map(|stack| stack.id.clone()).collect();
    let stack = match (&args.stack, needs.is_empty()) {
        (Some(stack), _) => Some(stack.clone()),
        (None, true) => None,
        (None, false) => {
            let question = format!("set of defaults: {}", stacks.join(", "));
            let question = (question.as_str(), STACK_MEANT);
            Some(questions.ask(question, DEFAULT_STACK, |typed| one_of(typed, &stacks))?)
        }
    };
    Ok(NewPlan {
        name,
        apps,
        needs,
        environments,
        stack,
        team: args.team.clone(),
    })
}

/// Asks for needs, and for their sizes where these matter.
fn needs(questions: &mut Questions, apps: &[NewApp]) -> anyhow::Result<Vec<WantedNeed>> {
    questions.say("Needs:")?;
    for role in Role::ALL {
        questions.say(&format!("  {:<12} {}", role.as_str(), role.meaning()))?;
    }
    let (question, meant) = NEEDS;
    let question = match apps {
        [_, .., last] => format!("{question}; `queue@{}` is of that app alone", last.name),
        _ => question.to_owned(),
    };
    let mut needs = questions.ask((&question, meant), "database", |typed| {
        let needs = WantedNeed::parse_all(typed)?;
        needs.iter().try_for_each(|need| check_named(apps, need))?;
        Ok(needs)
    })?;
    for need in &mut needs {
        let is_said = !need.expected.words().is_empty();
        let Some(question) = size_question(need.role).filter(|_| !is_said) else {
            continue;
        };
        let role = need.role;
        let question = format!("  {role}: {question}");
        let sized = questions.ask((&question, SIZE_MEANT), "", |typed| {
            let typed = if typed == "nothing" { "" } else { typed };
            let is_number = !typed.is_empty() && typed.bytes().all(|byte| byte.is_ascii_digit());
            // The question says of what.
            let unit = match role {
                Role::Database if is_number => "/s",
                _ => "",
            };
            WantedNeed::parse(&format!("{role}:{}{unit}", typed.replace(", ", "+")))
        })?;
        need.expected = sized.expected;
    }
    Ok(needs)
}

/// What is asked of a need whose answer depends on it.
fn size_question(role: Role) -> Option<&'static str> {
    match role {
        Role::Database => Some("writes a second at the busiest time, such as 200"),
        Role::Files => Some("how much is stored in the end, such as 5GiB or 2TiB"),
        Role::Queue => Some("redelivery, dead-letters, or both, where messages must not be lost"),
        Role::Stream => Some("many-readers, or how long it is kept, such as 7days"),
        Role::Metrics => Some("how long it is kept, such as 2years"),
        Role::Search => Some("how large the index gets, such as 8GiB"),
        _ => None,
    }
}

fn plan_name(typed: &str) -> Result<String, HintError> {
    named(typed, PlanName::new(typed).map(|_| typed.to_owned()))
}

fn apps(typed: &str) -> Result<Vec<NewApp>, HintError> {
    let apps = words(typed).into_iter().map(|word| {
        let app = NewApp::parse(word)?;
        named(&app.name, ComponentName::new(&app.name)).map(|_| app)
    });
    let apps: Vec<NewApp> = apps.collect::<Result<_, _>>()?;
    check_apps(&apps)?;
    once(apps.iter().map(|app| &app.name))?;
    match apps.is_empty() {
        true => Err(wrong("there is no app", "name one, such as web")),
        false => Ok(apps),
    }
}

fn environments(typed: &str) -> Result<Vec<(String, Option<crate::model::Tier>)>, HintError> {
    let all = words(typed).into_iter().map(|word| {
        let environment = environment(word)?;
        named(&environment.0, EnvironmentName::new(&environment.0)).map(|_| environment)
    });
    let all: Vec<(String, Option<crate::model::Tier>)> = all.collect::<Result<_, _>>()?;
    once(all.iter().map(|(name, _)| name))?;
    match all.is_empty() {
        true => Err(wrong("there is no environment", "name one, such as local")),
        false => Ok(all),
    }
}

/// Refuses a name that is said twice.
fn once<'n>(names: impl Iterator<Item = &'n String>) -> Result<(), HintError> {
    let mut seen = Vec::new();
    for name in names {
        if seen.contains(&name) {
            return Err(wrong(&format!("`{name}` is named twice"), "name each once"));
        }
        seen.push(name);
    }
    Ok(())
}

fn one_of(typed: &str, known: &[String]) -> Result<String, HintError> {
    let found = known.iter().find(|known| *known == typed);
    found
        .cloned()
        .ok_or_else(|| wrong("there is no such set", &known.join(", ")))
}

fn named<T>(typed: &str, name: Result<T, crate::model::NameError>) -> Result<T, HintError> {
    name.map_err(|error| {
        wrong(
            &format!("the name {} {error}", quoted(typed)),
            "use `a-z`, `0-9`, `-` and `_`, a letter or digit first",
        )
    })
}

fn wrong(message: &str, help: &str) -> HintError {
    HintError {
        message: message.to_owned(),
        help: help.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Args {
        #[command(flatten)]
        new: NewArgs,
    }

    fn answers(typed: &'static str) -> anyhow::Result<NewPlan> {
        let mut questions = Questions {
            input: Box::new(typed.as_bytes()),
            output: Box::new(std::io::sink()),
            width: None,
        };
        asked(
            &mut questions,
            &Args::parse_from(["new"]).new,
            "shop",
            &Catalog::builtin(),
        )
    }

    #[test]
    fn enter_takes_the_usual_answer_everywhere() {
        let new = answers("\n\n\n\n\n\n").expect("nothing is wrong");
        assert_eq!(
            (new.name.as_str(), new.apps[0].name.as_str()),
            ("shop", "web")
        );
        let needs: Vec<&str> = new.needs.iter().map(|need| need.role.as_str()).collect();
        assert_eq!(needs, ["database"]);
        assert_eq!(new.environments.len(), 3);
        assert_eq!(new.stack.as_deref(), Some("default"));
        let error = answers("\n\n").expect_err("the answers end");
        assert!(error.to_string().contains("nothing was written"), "{error}");
    }

    #[test]
    fn a_number_alone_is_taken_where_the_question_says_of_what() {
        let new = answers("\nweb\ndatabase,files\n50\n5GiB\n\n\n").expect("nothing is wrong");
        let expected: Vec<String> = new
            .needs
            .iter()
            .flat_map(|need| need.expected.words())
            .collect();
        assert_eq!(expected, ["50 writes a second", "5 GiB stored"]);
    }

    #[test]
    fn who_asks_what_is_meant_is_asked_again() {
        let new = answers("help\n?\nshop\n?\nweb\nhelp\n\nhelp\n\nlocal,local\n?\nlocal\n?\n\n");
        let new = new.expect("all is said in the end");
        assert_eq!((new.name.as_str(), new.apps.len()), ("shop", 1));
        assert_eq!(new.environments, [("local".to_owned(), None)]);
    }

    #[test]
    fn a_wrong_answer_is_asked_again_and_sizes_only_where_they_matter() {
        let new = answers(
            "S h\nradar\nweb:80,worker\ncahce\nqueue@wroker\nqueue@worker,cache\nfoo\nredelivery, dead-letters\ndev\naws\n",
        );
        let new = new.expect("all is said in the end");
        assert_eq!(new.name, "radar");
        assert_eq!(new.apps.len(), 2);
        let expected: Vec<String> = new
            .needs
            .iter()
            .map(|need| need.expected.words().join(", "))
            .collect();
        assert_eq!(expected, ["redelivery, dead-letters", ""]);
        assert!(new.needs[0].is_of("worker") && !new.needs[0].is_of("web"));
        assert!(new.needs[1].is_of("web"));
        assert_eq!(new.stack.as_deref(), Some("aws"));
    }
}
