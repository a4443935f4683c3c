//! What becomes of credentials and data when a service goes to a provider, or comes from one.

use crate::cli::generate::generated;
use crate::support::variables;

/// Own object storage at first, with the stand-in for what a provider runs.
const STORE: &str = "\
name = \"shop\"

[apps.web]
image = \"ghcr.io/acme/shop:1.0.0\"
port = 8080
dialect = \"node\"
uses.files = {}

[services.files]
kind = \"wasabi\"
bucket = \"shop\"
region = \"eu-central-1\"

[environments.prod.hosts.app-1]
address = \"10.0.1.11\"
runs = [\"web\"]

[environments.prod.hosts.store]
address = \"10.0.1.21\"
runs = [\"files\"]
";

#[test]
fn a_provider_gets_no_credentials_that_were_drawn_and_a_server_of_ones_own_none_of_the_providers() {
    let provided = STORE.replace("address = \"10.0.1.21\"\n", "kind = \"managed\"\n");
    let folder = generated(STORE);
    let secrets = "deploy/prod/secrets.env";
    let drawn = variables(&folder.read(secrets))["FILES_ACCESS_KEY"].clone();
    let test = folder.test().plan(&provided).args(["generate"]);
    let folder = test
        .stdout_has([
            "files.access_key, files.secret_key of prod: the provider's are to be filled in; what Backstay had drawn is kept in deploy/prod/secrets.previous.env\n",
            "to fill in: FILES_ACCESS_KEY, FILES_SECRET_KEY in deploy/prod/secrets.env, then run this again\n",
            "left behind: files on store of prod, which a provider runs now (store), as Wasabi; it was SeaweedFS\n",
            "1. Order files at its provider, unless it is there already",
            ". Copy the data of files from the old container, on store, to the provider's, while the old container runs and nobody writes to it, with a client that speaks to SeaweedFS and to Wasabi: it stays there, in the volume shop-prod_files-data. The credentials of the old one are in deploy/prod/secrets.previous.env.\n",
        ])
        .run();
    let text = folder.read(secrets);
    let now = variables(&text);
    assert_eq!(
        (
            now["FILES_ACCESS_KEY"].as_str(),
            now["FILES_SECRET_KEY"].as_str()
        ),
        ("", "")
    );
    assert_eq!(text.matches("\n# files: ").count(), 1, "{text}");
    let earlier = variables(&folder.read("deploy/prod/secrets.previous.env"));
    assert_eq!(earlier["FILES_ACCESS_KEY"], drawn);
    let env = variables(&folder.read("deploy/prod/app-1/web.env"));
    assert!(!env.values().any(|value| value.contains(&drawn)), "{env:?}");
    // What the provider gives is filled in, and stays.
    folder.edit(
        secrets,
        "FILES_ACCESS_KEY=\n",
        "FILES_ACCESS_KEY='theirs'\n",
    );
    folder.edit(
        secrets,
        "FILES_SECRET_KEY=\n",
        "FILES_SECRET_KEY='theirs too'\n",
    );
    let test = folder.test().args(["generate"]);
    let folder = test.stdout_has(["updated deploy/prod/app-1/web.env"]).run();
    assert_eq!(
        variables(&folder.read(secrets))["FILES_ACCESS_KEY"],
        "theirs"
    );
    // And back to a server of one's own.
    let test = folder.test().plan(STORE).args(["generate"]);
    let folder = test
        .stdout_has([
            "files.access_key, files.secret_key of prod: drawn for your own server; the provider's are kept in deploy/prod/secrets.previous.env\n",
            "left behind: files at store of prod, a provider's, which runs on store now\n",
            ". Copy the data of files from store, the provider's, to the container on store, with a client that speaks to SeaweedFS and to Wasabi: all of it is at the provider still, and its credentials of before are in deploy/prod/secrets.previous.env.\n",
            "backstay secrets rotate prod files --forget\n",
        ])
        .run();
    let now = variables(&folder.read(secrets));
    assert!(!now["FILES_ACCESS_KEY"].is_empty());
    assert_ne!(now["FILES_ACCESS_KEY"], "theirs");
    assert_ne!(now["FILES_ACCESS_KEY"], drawn);
    let test = folder.test().args(["generate"]);
    let folder = test.stdout_has(["nothing changed: "]).run();
    assert_eq!(variables(&folder.read(secrets)), now);
}

#[test]
fn what_the_user_has_filled_in_already_for_a_provider_stays() {
    let provided = STORE.replace("address = \"10.0.1.21\"\n", "kind = \"managed\"\n");
    let folder = generated(STORE);
    let secrets = "deploy/prod/secrets.env";
    let drawn = variables(&folder.read(secrets))["FILES_ACCESS_KEY"].clone();
    folder.edit(secrets, &drawn, "theirs");
    let test = folder.test().plan(&provided).args(["generate"]);
    let folder = test.stdout_has(["files.secret_key of prod: "]).run();
    let now = variables(&folder.read(secrets));
    assert_eq!(now["FILES_ACCESS_KEY"], "theirs");
    assert_eq!(now["FILES_SECRET_KEY"], "");
}
