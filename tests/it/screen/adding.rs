//! Hosts that are added, and the properties of what is there.

use crate::screen::{EXAMPLE, Screen};

#[test]
fn a_new_host_is_asked_for_its_address() {
    let screen = Screen::new(EXAMPLE, 120, 40).keys("ahost<enter>cache-1<enter>machine<enter>");
    let text = screen.text();
    assert!(
        text.contains("the address by which other hosts reach it"),
        "{text}"
    );
    let wrong = screen.keys("no address<enter>");
    let text = wrong.text();
    assert!(
        text.contains("an IP address or a name belongs here"),
        "{text}"
    );
    let added = wrong.keys("<ctrl-u>10.0.1.31<enter>");
    let plan = &added.state.plan.text;
    let said = ".hosts.cache-1]\naddress = \"10.0.1.31\"\nruns = []\n";
    assert!(plan.contains(said), "{plan}");
    let skipped =
        Screen::new(EXAMPLE, 120, 40).keys("ahost<enter>cache-1<enter>machine<enter><enter>");
    let plan = &skipped.state.plan.text;
    assert!(plan.contains(".hosts.cache-1]\nruns = []\n"), "{plan}");
}

#[test]
fn a_service_is_offered_the_parts_that_its_kind_has() {
    let plan = "name = \"shop\"\n[apps.web]\nuses.jobs = {}\n[services.jobs]\nkind = \"rabbitmq\"\nbucket = \"left\"\n[environments.local.hosts.box]\nruns = [\"jobs\"]\n";
    let screen = Screen::new(plan, 120, 60).keys("/jobs<enter>v");
    let properties = &screen.state.derived.properties;
    let keys: Vec<&str> = properties.iter().map(|it| it.key.as_str()).collect();
    for (key, is_there) in [
        ("vhost", true),
        ("user", true),
        ("region", false),
        ("database", false),
        ("bucket", true),
    ] {
        assert_eq!(keys.contains(&key), is_there, "{key} in {keys:?}");
    }
}

#[test]
fn a_credential_is_no_more_shown_where_it_is_changed() {
    let plan = "name = \"shop\"\n[apps.web.settings]\nSMTP_PASS = \"hunter2\"\n[environments.local.hosts.box]\nruns = [\"web\"]\n";
    let open = || Screen::new(plan, 120, 60).keys("/web<enter>v");
    let at = open();
    let mut properties = at.state.derived.properties.iter();
    let nth = properties.position(|it| it.key == "settings.SMTP_PASS");
    let list = || open().keys(&"<down>".repeat(nth.expect("it is there")));
    let text = at.text();
    assert!(
        text.contains("*******") && !text.contains("hunter2"),
        "{text}"
    );
    for keys in ["<enter>", "o"] {
        let open = list().keys(keys);
        let text = open.text();
        assert!(
            text.contains("SMTP_PASS") && text.contains("What it says is not shown"),
            "{text}"
        );
        assert!(!text.contains("hunter2"), "{text}");
        let same = open.keys("<enter>");
        assert_eq!(&*same.state.plan.text, plan);
        let typed = same.keys("other<enter>");
        assert!(typed.state.plan.text.contains("SMTP_PASS = \"other\""));
    }
    let gone = list().keys("x");
    assert!(!gone.state.plan.text.contains("SMTP_PASS"));
}
