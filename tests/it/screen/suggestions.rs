//! The answers to needs, offered in the app.

use crate::screen::Screen;

const PLAN: &str = r#"name = "shop"

[apps.web] # ours
needs = ["cache", "queue", "files"]

[environments.local.hosts.laptop]
runs = ["web"]

[environments.prod.hosts.app-1]
address = "10.0.1.11"
runs = ["web"]
"#;

fn services(screen: &Screen) -> Vec<String> {
    let services = screen.state.plan.analysis.plan.services.keys();
    services.map(ToString::to_string).collect()
}

#[test]
fn answers_are_offered_with_reasons_and_one_is_accepted_and_undone() {
    let screen = Screen::new(PLAN, 140, 40).keys("o");
    let text = screen.text();
    for said in [
        "what answers the needs of the apps",
        "Redis, as `cache`",
        "Wasabi, as `files`",
        "all of them",
    ] {
        assert!(text.contains(said), "{said}\n{text}");
    }
    let screen = screen.keys("files<enter>");
    let text = screen.text();
    for said in [
        "accept the answer to files?",
        "room without end",
        "not Amazon S3",
        "+ [services.files]",
    ] {
        assert!(text.contains(said), "{said}\n{text}");
    }
    assert_eq!(services(&screen), [""; 0]);
    let screen = screen.keys("<enter>");
    assert_eq!(services(&screen), ["files"]);
    assert!(screen.state.plan.text.contains("[apps.web] # ours"));
    let screen = screen.keys("u");
    assert_eq!(screen.state.plan.text.as_ref(), PLAN);
}

#[test]
fn all_answers_are_one_edit() {
    let screen = Screen::new(PLAN, 140, 40).keys("oall<enter><enter>");
    assert_eq!(services(&screen), ["cache", "files"]);
    let found = &screen.state.plan.analysis.findings;
    assert!(
        found
            .iter()
            .all(|it| it.rule != "unanswered-need" && it.rule != "unplaced")
    );
    let screen = screen.keys("o");
    assert!(
        screen
            .text()
            .contains("every need that the apps say is answered"),
        "{}",
        screen.text()
    );
    let screen = screen.keys("u");
    assert_eq!(screen.state.plan.text.as_ref(), PLAN);
}

#[test]
fn the_selected_answer_stands_in_full_below_and_all_are_named_first() {
    let screen = Screen::new(PLAN, 80, 30).keys("o");
    let text = screen.text();
    // Its row is cut, so that its end is said below alone.
    assert!(text.contains("fastest place for it"), "{text}");
    let screen = screen.keys("<down>");
    let text = screen.text();
    assert!(!text.contains("fastest place for it"), "{text}");
    assert!(text.contains("wants"), "{text}");
    let text = Screen::new(PLAN, 140, 40).keys("oall<enter>").text();
    let at = |said: &str| text.find(said).unwrap_or_else(|| panic!("{said}\n{text}"));
    assert!(at("files: Wasabi") < at("not Memcached"), "{text}");
}

#[test]
fn a_service_that_is_added_everywhere_runs_where_its_answer_would() {
    let environments = |screen: &Screen| {
        let text = screen.state.plan.text.to_string();
        let (_, environments) = text.split_once("[environments").expect("there are some");
        environments.to_owned()
    };
    let accepted = Screen::new(PLAN, 140, 40).keys("ocache<enter><enter>");
    let asked = Screen::new(PLAN, 140, 40).keys("a<enter>redis<enter><ctrl-u>cache<enter>");
    let text = asked.text();
    assert!(text.contains("local: laptop, prod: data-1"), "{text}");
    let added = asked.keys("every<enter>web<enter>");
    assert_eq!(environments(&added), environments(&accepted));
    assert!(environments(&added).contains("hosts.data-1]"));
    // What nobody uses yet is placed as if an app did.
    let unused = Screen::new(PLAN, 140, 40);
    let unused = unused.keys("a<enter>redis<enter><ctrl-u>cache<enter>every<enter>nobody<enter>");
    assert_eq!(environments(&unused), environments(&accepted));
}
