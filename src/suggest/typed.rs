//! Apps and environments of a new plan as they are typed: `web=ghcr.io/acme/web:1.0.0:8080`, `demo=staging`.

use crate::finding::quoted;
use crate::model::{Choice, ImageName, Tier};
use crate::suggest::{HintError, NewApp};

impl NewApp {
    /// Reads `NAME`, `NAME:PORT`, `NAME=IMAGE` or `NAME=IMAGE:TAG:PORT`. With one colon, what follows it in an image
    /// is its tag.
    pub fn parse(text: &str) -> Result<NewApp, HintError> {
        let text = text.trim();
        let (name, image, port) = match text.split_once('=') {
            Some((name, image)) => {
                let (image, port) = without_port(image.trim());
                (name, Some(image), port)
            }
            None => match text.rsplit_once(':') {
                Some((name, port)) => (name, None, Some(port)),
                None => (text, None, None),
            },
        };
        let number = |port: &str| {
            let number = port.parse().ok().filter(|port| *port > 0);
            number.ok_or_else(|| HintError {
                message: format!("{} is not a port", quoted(port)),
                help: "write a whole number from 1 to 65535, as in `web:8080`".to_owned(),
            })
        };
        let port = port.map(number).transpose()?;
        let image = image.filter(|image| !image.is_empty());
        if let Some(fault) = image.and_then(|image| ImageName::parse(image).err()) {
            return Err(HintError {
                message: format!("{} is no image: {fault}", quoted(image.unwrap_or_default())),
                help: "write `NAME=IMAGE:TAG:PORT`, as in `web=ghcr.io/acme/web:1.0.0:8080`; an image and a port may be missing".to_owned(),
            });
        }
        Ok(NewApp {
            name: name.trim().to_owned(),
            image: image.map(str::to_owned),
            port,
        })
    }
}

/// An image and what stands behind its tag or digest, if that is a port.
fn without_port(image: &str) -> (&str, Option<&str>) {
    let last = image.rsplit('/').next().unwrap_or(image);
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match image.rsplit_once(':') {
        Some(("", port)) => ("", Some(port)),
        Some((before, port)) if last.matches(':').count() > 1 && is_number(port) => {
            (before, Some(port))
        }
        _ => (image, None),
    }
}

/// Reads an environment: `NAME`, or `NAME=TIER` where the name does not say what it is for.
pub fn environment(text: &str) -> Result<(String, Option<Tier>), HintError> {
    let text = text.trim();
    let Some((name, word)) = text.split_once('=') else {
        return Ok((text.to_owned(), None));
    };
    // The tier, or a name that stands for one: `live=prod`.
    let word = word.trim();
    let tier = Tier::find(word).or_else(|| Tier::inferred_from(word));
    let tier = tier.ok_or_else(|| {
        let tiers: Vec<&str> = Tier::ALL.iter().map(|tier| tier.as_str()).collect();
        HintError {
            message: format!("{} is not a tier", quoted(word)),
            help: format!("the tiers are {}", tiers.join(", ")),
        }
    })?;
    Ok((name.trim().to_owned(), Some(tier)))
}

/// What environments were taken to be for whose names leave it open, in a sentence; nothing where names say it.
pub fn taken_for(environments: &[(String, Option<Tier>)]) -> Option<String> {
    let is_open = |(name, said): &&(String, Option<Tier>)| {
        said.is_none() && !is_said_by(name, tier_of_new(name))
    };
    let open: Vec<&(String, _)> = environments.iter().filter(is_open).collect();
    let (first, _) = open.first()?;
    let taken: Vec<String> = open
        .iter()
        .map(|(name, _)| format!("`{name}` is taken to be for {}", tier_of_new(name)))
        .collect();
    Some(format!(
        "{}; `--environments {first}=production` says otherwise",
        taken.join(", ")
    ))
}

/// What a new environment is for whose tier nobody says.
pub(super) fn tier_of_new(name: &str) -> Tier {
    Tier::inferred_from(name).unwrap_or(Tier::Development)
}

/// Whether a name is a tier or its beginning: `prod`, `dev-eu`.
fn is_said_by(name: &str, tier: Tier) -> bool {
    let mut words = name.split(['-', '_']);
    words.any(|word| word.len() > 2 && tier.as_str().starts_with(word))
}

/// The words between commas or blanks.
pub fn words(typed: &str) -> Vec<&str> {
    let words = typed.split([',', ' ']);
    words.filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_has_a_name_and_perhaps_an_image_and_a_port() {
        let read = |text| {
            let app = NewApp::parse(text).expect("an app");
            (app.name, app.image.unwrap_or_default(), app.port)
        };
        let is = |name: &str, image: &str, port| (name.to_owned(), image.to_owned(), port);
        assert_eq!(read("web"), is("web", "", None));
        assert_eq!(read("web:8080"), is("web", "", Some(8080)));
        assert_eq!(read("web=a.b:5000/c"), is("web", "a.b:5000/c", None));
        assert_eq!(read("web=a/c:1"), is("web", "a/c:1", None));
        assert_eq!(
            read("web=a.b:5000/c:1.0:80"),
            is("web", "a.b:5000/c:1.0", Some(80))
        );
        assert_eq!(read("web=:80"), is("web", "", Some(80)));
        for wrong in ["web:http", "web=a/c:1:2:3", "web=A/c:1", "web=:http"] {
            assert!(NewApp::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_an_environment_is_taken_for_is_said_where_its_name_leaves_it_open() {
        let said = |names: &[&str]| {
            let all = names.iter().map(|name| environment(name).expect("one"));
            taken_for(&all.collect::<Vec<_>>())
        };
        assert_eq!(
            said(&["local", "dev", "test", "eu-prod", "demo=staging"]),
            None
        );
        assert_eq!(
            said(&["uat", "prod", "eu"]).as_deref(),
            Some(
                "`uat` is taken to be for staging, `eu` is taken to be for development; `--environments uat=production` says otherwise"
            )
        );
    }

    #[test]
    fn an_environment_may_say_what_it_is_for() {
        assert_eq!(environment("prod"), Ok(("prod".to_owned(), None)));
        let demo = ("demo".to_owned(), Some(Tier::Staging));
        assert_eq!(environment("demo=staging"), Ok(demo));
        let live = ("eu".to_owned(), Some(Tier::Production));
        assert_eq!(environment("eu=prod"), Ok(live));
        assert!(environment("demo=nothing").is_err());
    }
}
