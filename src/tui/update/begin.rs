//! A plan of one's own: its name, apps, needs and environments are asked for, and the text is made as `new` makes it.

use crate::change::ChangeError;
use crate::model::{Choice, Role};
use crate::suggest::{NewApp, NewPlan, WantedNeed, environment, new_plan, words};
use crate::tui::ask::{Ask, Then};
use crate::tui::state::State;
use crate::tui::update::ask::{Next, asked};

/// What an answer to a question about a new plan leads to.
pub fn next(state: &State, then: &Then, typed: &str) -> Result<Next, ChangeError> {
    match then {
        Then::NewName => {
            text(state, typed, "", "", "")?;
            let then = Then::NewApps(typed.to_owned());
            let ask = Ask::text("its apps, with commas between", "web", then);
            Ok(asked(ask.about([
                "The workloads that are your own. Nothing typed leaves them for later.",
                "`web:8080` says a port too, `web=IMAGE:TAG:8080` an image.",
            ])))
        }
        Then::NewApps(name) => {
            text(state, name, typed, "", "")?;
            let then = Then::NewNeeds(name.clone(), typed.to_owned());
            let ask = Ask::text("what they need, with commas between", "", then);
            let roles: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
            let mut about = vec![
                format!("Any of {}.", roles.join(", ")),
                "More may be said with a colon: `files:5GiB`, `queue:redelivery`.".to_owned(),
            ];
            let apps: Vec<NewApp> = words(typed).into_iter().flat_map(NewApp::parse).collect();
            if let [_, .., last] = apps.as_slice() {
                about.push(format!(
                    "All apps have them, and those behind an `@` alone: `queue@{}`.",
                    last.name
                ));
            }
            about.push(
                "Each is answered by a service, with the reason. Nothing typed leaves them for later."
                    .to_owned(),
            );
            Ok(asked(ask.about(about)))
        }
        Then::NewNeeds(name, apps) => {
            text(state, name, apps, typed, "")?;
            let then = Then::NewEnvironments(name.clone(), apps.clone(), typed.to_owned());
            let ask = Ask::text(
                "its environments, with commas between",
                "local, dev, prod",
                then,
            );
            Ok(asked(ask.about([
                "Each begins with one host that runs the apps: a laptop, or a machine called app-1.",
            ])))
        }
        Then::NewEnvironments(name, apps, needs) => {
            text(state, name, apps, needs, typed).map(Next::Text)
        }
        _ => Ok(Next::Done),
    }
}

/// The text of the plan as far as it is known.
fn text(
    state: &State,
    name: &str,
    apps: &str,
    needs: &str,
    environments: &str,
) -> Result<String, ChangeError> {
    let wrong = |error: &dyn std::fmt::Display| ChangeError::Value(error.to_string());
    let apps = words(apps).into_iter().map(NewApp::parse);
    let environments = words(environments).into_iter().map(environment);
    let new = NewPlan {
        name: name.to_owned(),
        apps: apps
            .collect::<Result<_, _>>()
            .map_err(|error| wrong(&error))?,
        needs: WantedNeed::parse_all(needs).map_err(|error| wrong(&error))?,
        environments: environments
            .collect::<Result<_, _>>()
            .map_err(|error| wrong(&error))?,
        ..NewPlan::default()
    };
    let begun = new_plan(&new, &state.plan.catalog).map_err(|error| wrong(&error))?;
    Ok(begun.text)
}
