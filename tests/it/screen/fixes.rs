//! All plain fixes at once: they end, and say what comes of them.

use backstay::tui::Dialog;

use crate::golden::fixture;
use crate::plan_text::fixable;
use crate::screen::Screen;

/// Whatever answers the queue lacks something that is required, so that each answer brings up the next.
const NOTHING_DOES: &str = r#"name = "shop"
[apps.web]
uses.queue = { role = "queue" }
[services.queue]
kind = "redis"
[needs.queue]
requires = ["redelivery", "many-readers"]
[environments.local.hosts.laptop]
runs = ["web", "queue"]
"#;

/// A proxy and an app that want the same port, and services that want the same ones, on one machine of production.
const ALL_ON_ONE: &str = r#"name = "shop"
[apps.web]
image = "acme/web:1"
port = 80
dialect = "node"
needs = ["database", "cache", "files"]
uses.db = {}
uses.other = {}
[services.db]
kind = "postgres"
[services.other]
kind = "postgres"
[services.front]
kind = "nginx"
uses.web = {}
[services.memory]
kind = "memcached"
uses.db = { role = "database" }
[environments.prod.hosts.one]
runs = ["web", "db", "other", "front", "memory"]
"#;

fn notice(screen: &Screen) -> &str {
    let notice = screen.state.notice.as_ref();
    notice.map_or("", |notice| notice.text.as_str())
}

#[test]
fn all_fixes_end_and_leave_nothing_that_they_would_change_again() {
    for plan in [fixable(), ALL_ON_ONE] {
        let screen = Screen::new(plan, 140, 40).keys("3F");
        assert!(
            matches!(screen.state.dialog, Some(Dialog::Ask(_))),
            "{plan}"
        );
        assert!(screen.text().contains("apply "), "{}", screen.text());
        let screen = screen.keys("yes<enter>");
        assert_ne!(screen.state.plan.text.as_ref(), plan);
        let mended = screen.state.plan.text.clone();
        let screen = screen.keys("F");
        assert_eq!(screen.state.dialog, None, "{}", screen.text());
        assert!(!screen.state.is_working && !screen.state.is_trying);
        let said = notice(&screen);
        assert!(
            said.contains("nothing would change") || said.contains("not now: "),
            "{said}"
        );
        assert_eq!(screen.state.plan.text, mended);
        assert_eq!(screen.keys("u").state.plan.text.as_ref(), plan);
    }
}

#[test]
fn fixes_of_which_none_makes_anything_better_are_said_to_change_nothing() {
    // The second has mistakes of the syntax, so that no layout could be kept.
    for plan in [NOTHING_DOES, &fixture("ten-mistakes")] {
        let screen = Screen::new(plan, 140, 40).keys("3F");
        assert_eq!(screen.state.dialog, None, "{}", screen.text());
        let said = notice(&screen);
        assert!(
            said.contains("nothing would change") || said.contains("not now: "),
            "{said}"
        );
        assert_eq!(screen.state.plan.text.as_ref(), plan);
    }
}

/// A version that one environment says for itself, and a misspelt kind.
const OLDER_IN_TEST: &str = r#"name = "shop"
[services.db]
kind = "postgres"
version = "18"
[services.cache]
kind = "rediss"
[environments.test.hosts.one]
runs = ["db", "cache"]
[environments.test.services.db]
version = "17" # the vendor asks for it
[environments.prod.hosts.data-1]
runs = ["db", "cache"]
"#;

#[test]
fn what_the_user_wrote_is_not_taken_away_and_every_change_says_its_table() {
    let screen = Screen::new(OLDER_IN_TEST, 140, 40).keys("3F");
    let text = screen.text();
    for said in [
        "  [services.cache]",
        "- kind = \"rediss\"",
        "+ kind = \"redis\"",
    ] {
        assert!(text.contains(said), "{said} is not in {text}");
    }
    let after = screen.keys("yes<enter>").state.plan.text.clone();
    assert!(
        after.contains("version = \"17\" # the vendor asks for it"),
        "{after}"
    );
    assert!(after.contains("kind = \"redis\""), "{after}");
}
