//! Plans of every size are edited: a service moves to another machine, and only the lines of the two change.

use backstay::model::ComponentName;

use crate::screen::editing::difference;
use crate::screen::{EXAMPLE, Screen};

/// Numbers of services; `BACKSTAY_SERVICES` asks for more.
const SIZES: [usize; 3] = [3, 30, 300];

/// A plan of one environment with this many services, eight a machine, and an app on each machine.
pub fn plan_of(services: usize) -> String {
    let mut text = String::from("# A plan with a comment.\nname = \"many\"\n");
    for service in 0..services {
        text.push_str(&format!("\n[services.s-{service}]\nkind = \"redis\"\n"));
    }
    for (host, first) in (0..services).step_by(8).enumerate() {
        let here = first..services.min(first + 8);
        text.push_str(&format!("\n[apps.a-{host}]\nport = 80\n"));
        let runs = here.clone().map(|service| format!("\"s-{service}\", "));
        let runs: String = runs.collect();
        for service in here {
            text.push_str(&format!("uses.s-{service} = {{ role = \"cache\" }}\n"));
        }
        text.push_str(&format!(
            "\n[environments.prod.hosts.h-{host}] # machine {host}\naddress = \"h{host}.lan\"\nruns = [{runs}\"a-{host}\"]\n"
        ));
    }
    text.push_str("\n[environments.prod.hosts.spare]\naddress = \"spare.lan\"\nruns = []\n");
    text
}

/// Whether an app is connected to something on a host.
fn uses_on(screen: &Screen, app: &str, host: &str) -> bool {
    let topology = screen.state.topology().expect("it has an environment");
    let app = ComponentName::new(app).expect("it is a name");
    topology
        .instances_of(&app)
        .flat_map(|on| topology.uses_of(on))
        .any(|link| link.target.host.as_str() == host)
}

#[test]
fn a_service_moves_in_plans_of_every_size_and_comes_back() {
    let more = std::env::var("BACKSTAY_SERVICES").unwrap_or_default();
    let more = more
        .split_whitespace()
        .map(|size| size.parse().expect("a number"));
    for services in SIZES.into_iter().chain(more) {
        let plan = plan_of(services);
        let last = services - 1;
        let host = last / 8;
        let script = format!("/s-{last}<enter>p/spare<enter>p");
        let screen = Screen::new(&plan, 120, 40).keys(&script);
        let text = screen.state.plan.text.clone();
        let changes = difference(&plan, &text);
        assert_eq!(changes.len(), 4, "{services} services: {changes:?}");
        assert!(
            text.contains(&format!("runs = [\"s-{last}\"]")),
            "{services} services: {changes:?}"
        );
        assert!(
            uses_on(&screen, &format!("a-{host}"), "spare"),
            "{services} services"
        );
        let screen = screen.keys("u");
        assert!(*screen.state.plan.text == *plan, "{services} services");
        let screen = screen.keys("U");
        assert!(screen.state.plan.text == text, "{services} services");
    }
}

#[test]
fn from_the_end_of_a_text_every_key_goes_back() {
    let help = || Screen::new(EXAMPLE, 120, 40).keys("?");
    let end = help().keys("<end>").text();
    assert_ne!(help().keys("<end><up>").text(), end);
    assert_eq!(
        help().keys("<end><down><up>").text(),
        help().keys("<end><up>").text()
    );
    let back = help().keys("<end>").keys(&"<up>".repeat(100)).text();
    assert_eq!(back, help().text());
}

#[test]
fn the_last_line_of_a_description_can_be_seen() {
    let screen = Screen::new(EXAMPLE, 120, 30).keys("5");
    let kinds: Vec<_> = screen.state.plan.catalog.kinds().collect();
    let at = kinds.iter().position(|kind| kind.id == "postgres");
    let screen = screen.keys(&"<down>".repeat(at.expect("it is there")));
    let text = screen.text();
    assert!(!text.contains("facts age"), "{text}");
    let down = screen.keys(&"J".repeat(20)).text();
    assert!(down.contains("facts age"), "{down}");
}
