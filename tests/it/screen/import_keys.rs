//! What the question for compose files offers behind keys: files that lie outside of their folders, and env files.

use crate::screen::importing::{self, assert_says};

#[test]
fn what_lies_outside_is_read_only_when_a_key_allows_it() {
    let screen = importing::screen(120, 40).keys("I<ctrl-u>out.yaml<enter>");
    assert_says(
        &screen,
        &[
            "`/base/base.yaml` lies outside of the folders of the compose files",
            "or allow it with ctrl-o",
            "ctrl-o reads files outside of the folders of the compose files, too",
            "> out.yaml",
        ],
    );
    let screen = screen.keys("<ctrl-o>");
    assert_says(&screen, &["make a plan of this?", "store is redis"]);
    let screen = screen.keys("<esc>");
    assert_says(
        &screen,
        &["Files that they name may lie anywhere.", "> out.yaml"],
    );
    // It is allowed for this question, and not for the next one.
    let screen = screen.keys("<esc>I<ctrl-u>out.yaml<enter>");
    assert_says(&screen, &["lies outside of the folders"]);
    assert!(!screen.text().contains("may lie anywhere"));
}

#[test]
fn env_files_are_named_behind_a_key() {
    let screen = importing::screen(120, 40).keys("I<ctrl-u>tagged.yaml<ctrl-e>");
    assert_says(&screen, &["files with the variables of the compose files"]);
    let screen = screen.keys("tags.env, later.env<enter>");
    assert_says(
        &screen,
        &["Variables come from tags.env, later.env", "> tagged.yaml"],
    );
    let screen = screen.keys("<ctrl-e>");
    assert_says(&screen, &["> tags.env, later.env"]);
    let taken = screen.keys("<enter><enter><enter>");
    let plan = taken.state.plan.text.clone();
    assert!(plan.contains("image = \"acme/web:2.6\""), "{plan}");
    // Their paths are offered, each where it stands.
    let screen = importing::screen(120, 40).keys("I<ctrl-u>tagged.yaml<ctrl-e>");
    assert_says(&screen, &["later.env", "tags.env"]);
    let screen = screen.keys("ta<tab>,l<down><enter>");
    assert_says(&screen, &["> tags.env,later.env"]);
    // Leaving the second question changes nothing of the first.
    let screen = importing::screen(120, 40).keys("I<ctrl-u>tagged.yaml<ctrl-e>tags.env<esc>");
    assert_says(&screen, &["> tagged.yaml"]);
    assert!(!screen.text().contains("Variables come from"));
    let screen = screen.keys("<ctrl-e>nope.env<enter><enter>");
    assert_says(
        &screen,
        &["there is no env file `/p/nope.env`", "> tagged.yaml"],
    );
}
