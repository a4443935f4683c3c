//! What is asked for and cannot be had: apps that no machine runs together, requirements that no kind meets.

use crate::catalog::Catalog;
use crate::finding::{did_you_mean, quoted};
use crate::model::{Choice, ImageName, Requirement, Role};
use crate::suggest::{HintError, NewApp, WantedNeed, any_of};

/// Refuses a need of an app that there is not.
pub fn check_named(apps: &[NewApp], need: &WantedNeed) -> Result<(), HintError> {
    let is_there = |named: &&String| apps.iter().any(|app| app.name == **named);
    let Some(unknown) = need.apps.iter().find(|named| !is_there(named)) else {
        return Ok(());
    };
    let names: Vec<&str> = apps.iter().map(|app| app.name.as_str()).collect();
    Err(HintError {
        message: format!(
            "there is no app {} that could need `{}`",
            quoted(unknown),
            need.role
        ),
        help: match did_you_mean(unknown, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the apps are {}", names.join(", ")),
        },
    })
}

/// Refuses apps that would be wrong from the start: images without a version, processes that share a port.
pub fn check_apps(apps: &[NewApp]) -> Result<(), HintError> {
    for (at, app) in apps.iter().enumerate() {
        if let Some(image) = &app.image {
            check_image(app, image)?;
            continue;
        }
        let clashes = |other: &&NewApp| other.image.is_none() && other.port == app.port;
        let other = apps[..at].iter().find(clashes);
        if let (Some(port), Some(other)) = (app.port, other) {
            return Err(HintError {
                message: format!(
                    "`{}` and `{}` are processes and both listen on port {port} of one machine",
                    other.name, app.name
                ),
                help: "give one of them another port, or an image: containers are published where there is room"
                    .to_owned(),
            });
        }
    }
    Ok(())
}

fn check_image(app: &NewApp, image: &str) -> Result<(), HintError> {
    let parts = ImageName::of(image);
    let is_pinned = parts.digest.is_some() || parts.tag.is_some_and(|tag| tag != "latest");
    match is_pinned {
        true => Ok(()),
        false => Err(HintError {
            message: format!(
                "the image {} of `{}` says no version: it would be another one tomorrow",
                quoted(image),
                app.name
            ),
            help: format!(
                "name a version, as in `{}={}:1.0.0`; the plan can be changed to `latest` later",
                app.name, parts.name
            ),
        }),
    }
}

/// Refuses a need of which something is required that no kind does by itself in this role.
pub fn check_required(catalog: &Catalog, need: &WantedNeed) -> Result<(), HintError> {
    let impossible = impossible(catalog, need);
    let Some(first) = impossible.first() else {
        return Ok(());
    };
    let roles: Vec<String> = Role::ALL
        .iter()
        .filter(|role| is_offered(catalog, **role, *first))
        .map(|role| format!("`{role}`"))
        .collect();
    Err(HintError {
        message: format!(
            "nothing in the role `{}` has {} of its own",
            need.role,
            any_of(&impossible)
        ),
        help: match roles.is_empty() {
            true => format!("leave `{}` out", first.as_str()),
            false => format!(
                "`{}` can be required of {}",
                first.as_str(),
                roles.join(" and ")
            ),
        },
    })
}

fn impossible(catalog: &Catalog, need: &WantedNeed) -> Vec<Requirement> {
    let required = need.expected.demand.requires.iter().copied();
    required
        .filter(|required| !is_offered(catalog, need.role, *required))
        .collect()
}

fn is_offered(catalog: &Catalog, role: Role, required: Requirement) -> bool {
    catalog.kinds().any(|kind| {
        let fit = kind.fit(role);
        fit.is_some_and(|fit| fit.offers.contains(&required))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apps(typed: &[&str]) -> Result<(), String> {
        let apps = typed.iter().map(|app| NewApp::parse(app).expect("an app"));
        check_apps(&apps.collect::<Vec<_>>()).map_err(|error| error.message)
    }

    #[test]
    fn apps_that_would_be_wrong_are_refused() {
        for fine in [
            &["web:80", "admin:81"][..],
            &["web", "admin"],
            &["web=a/b:1.0:80", "admin=a/c:1.0:80", "old:80"],
            &["web=a/b@sha256:0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a"],
        ] {
            assert_eq!(apps(fine), Ok(()), "{fine:?}");
        }
        for (wrong, said) in [
            (
                &["web:80", "admin:80"][..],
                "`web` and `admin` are processes and both listen on port 80",
            ),
            (
                &["web=img:latest"],
                "the image `img:latest` of `web` says no version",
            ),
            (
                &["web=r.io:5000/img"],
                "the image `r.io:5000/img` of `web` says no version",
            ),
        ] {
            let error = apps(wrong).expect_err("it is wrong");
            assert!(error.starts_with(said), "{error}");
        }
    }

    #[test]
    fn what_nothing_does_in_a_role_is_refused_with_the_roles_in_which_it_is_done() {
        let catalog = Catalog::builtin();
        let check = |typed: &str| {
            let need = WantedNeed::parse(typed).expect("a need");
            check_required(&catalog, &need).map_err(|error| error.help)
        };
        let can =
            |required: &str, role: &str| Err(format!("`{required}` can be required of `{role}`"));
        assert_eq!(check("queue:redelivery+dead-letters"), Ok(()));
        assert_eq!(check("stream:many-readers"), Ok(()));
        assert_eq!(check("cache:dead-letters"), can("dead-letters", "queue"));
        assert_eq!(check("metrics:many-readers"), can("many-readers", "stream"));
        assert_eq!(check("queue:many-readers"), can("many-readers", "stream"));
        let both = check("queue:redelivery+many-readers");
        assert_eq!(both, can("many-readers", "stream"));
    }
}
