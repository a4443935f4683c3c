//! Every edit by its keys: the lines of the plan that change, and what the map shows then.

use backstay::tui::{Dialog, Effect, InConflict, Mouse, Msg};

use crate::screen::{EXAMPLE, Screen, read};

/// The lines that go, with `-`, and those that come, with `+`.
pub fn difference(before: &str, after: &str) -> Vec<String> {
    let lines = diffy::create_patch(before, after);
    let lines = lines.hunks().iter().flat_map(|hunk| hunk.lines());
    let lines = lines.filter_map(|line| match line {
        diffy::Line::Context(_) => None,
        diffy::Line::Delete(line) => Some(format!("-{}", line.trim_end())),
        diffy::Line::Insert(line) => Some(format!("+{}", line.trim_end())),
    });
    lines.collect()
}

/// What keys make of the example, whose production is shown.
fn edited(keys: &str) -> (Screen, Vec<String>) {
    let screen = Screen::new(EXAMPLE, 140, 40).keys(keys);
    let changes = difference(EXAMPLE, &screen.state.plan.text);
    (screen, changes)
}

fn notice(screen: &Screen) -> &str {
    let notice = screen.state.notice.as_ref();
    notice.map_or("", |notice| notice.text.as_str())
}

#[test]
fn a_service_is_added_from_the_catalog_on_the_host_that_is_chosen() {
    let (screen, changes) =
        edited("a<enter>rabbit<enter><ctrl-u>jobs<enter>data<enter>nobody<enter>");
    assert_eq!(
        changes,
        [
            "+[services.jobs]",
            "+kind = \"rabbitmq\"",
            "+",
            "-runs = [\"db\"]",
            "+runs = [\"db\", \"jobs\"]",
        ]
    );
    assert!(screen.text().contains("5672/amqp"), "{}", screen.text());
    assert!(notice(&screen).starts_with("add the service jobs"));
    assert!(screen.keys("u").state.plan.text.as_ref() == EXAMPLE);
}

#[test]
fn a_service_is_added_everywhere_at_once_for_the_app_that_uses_it() {
    let (screen, changes) = edited("a<enter>rabbit<enter><enter>every<enter>web<enter>");
    let come = |line: &str| changes.iter().filter(|it| it.contains(line)).count();
    assert_eq!(
        (come("+rabbitmq = {}"), come("+runs")),
        (1, 4),
        "{changes:?}"
    );
    assert!(screen.text().contains("rabbitmq:5672"), "{}", screen.text());
}

#[test]
fn an_app_a_host_and_an_environment_are_added() {
    let (_, changes) =
        edited("aapp<enter><ctrl-u>worker<enter>acme/worker:1<enter>9000<enter>app-1<enter>");
    assert_eq!(
        changes,
        [
            "+[apps.worker]",
            "+image = \"acme/worker:1\"",
            "+port = 9000",
            "+",
            "-runs = [\"web\", \"cache\"]                   # a backing service beside its app",
            "+runs = [\"web\", \"cache\", \"worker\"]                   # a backing service beside its app",
        ]
    );
    let (screen, changes) = edited("ahost<enter>s3<enter>managed<enter>");
    assert_eq!(
        changes,
        [
            "+[environments.prod.hosts.s3]",
            "+kind = \"managed\"",
            "+runs = []",
            "+"
        ]
    );
    assert!(screen.text().contains("s3 managed"));
    let (_, changes) = edited("aenvironment<enter>eu<enter>staging<enter><enter>");
    assert_eq!(
        changes,
        [
            "+",
            "+[environments.eu]",
            "+tier = \"staging\"",
            "+",
            "+[environments.eu.hosts.app-1]",
            "+runs = []",
        ]
    );
}

#[test]
fn a_service_of_a_provider_gets_a_host_there() {
    let (screen, changes) =
        edited("a<enter>s3<enter><ctrl-u>files<enter>provider<enter>web<enter>");
    assert!(
        changes.contains(&"+[environments.prod.hosts.files]".to_owned()),
        "{changes:?}"
    );
    assert!(
        changes.contains(&"+kind = \"managed\"".to_owned()),
        "{changes:?}"
    );
    assert!(screen.text().contains("files managed"), "{}", screen.text());
    let (screen, _) = edited("a<enter>s3<enter><enter>");
    assert!(
        screen
            .text()
            .contains("its stand-in SeaweedFS would run there"),
        "{}",
        screen.text()
    );
}

#[test]
fn a_plan_with_syntax_errors_is_said_to_be_mended_first() {
    let screen = Screen::new("name = \"x\"\n[apps.web]\nport = 80 81\n", 140, 40).keys("a");
    assert!(
        notice(&screen).contains("syntax errors"),
        "{}",
        notice(&screen)
    );
}

#[test]
fn an_environment_is_copied_with_its_hosts() {
    let (screen, changes) = edited("<tab>acopy<enter>staging<enter>");
    assert_eq!(changes.len(), 6, "{changes:?}");
    assert!(changes.contains(&"+[environments.staging.hosts.laptop]".to_owned()));
    assert!(changes.contains(&"+runs-as = \"process\"".to_owned()));
    assert_eq!(screen.state.plan.analysis.topologies.len(), 5);
}

#[test]
fn a_component_is_picked_up_and_dropped_on_another_host() {
    let (screen, changes) = edited("/cache<enter>p/data<enter><enter>");
    assert_eq!(
        changes,
        [
            "-runs = [\"web\", \"cache\"]                   # a backing service beside its app",
            "+runs = [\"web\"]                   # a backing service beside its app",
            "-runs = [\"db\"]",
            "+runs = [\"db\", \"cache\"]",
        ]
    );
    assert!(
        notice(&screen).contains("1 finding gone"),
        "{}",
        notice(&screen)
    );
    assert!(
        screen.text().contains("on data-1, 10.0.1.21, port 6379"),
        "{}",
        screen.text()
    );
    // Picked up and let go again.
    assert!(edited("/cache<enter>p<esc>").1.is_empty());
    // Dropped where it was, it stays there.
    let (screen, changes) = edited("/cache<enter>pp");
    assert_eq!(notice(&screen), "cache stays on app-1");
    assert!(changes.is_empty());
    // Off one host alone: the second answer to what takes it away.
    let screen = edited("/cache<enter>x<down><enter>").0;
    assert_eq!(difference(EXAMPLE, &screen.state.plan.text).len(), 2);
}

#[test]
fn what_is_renamed_is_renamed_wherever_it_stands() {
    let (screen, changes) = edited("/db<enter>R<ctrl-u>store<enter>");
    let text = &screen.state.plan.text;
    assert!(!text.contains("[\"db\"") && !text.contains("services.db]"));
    let n_new = changes.iter().filter(|line| line.starts_with('+')).count();
    assert_eq!(n_new, 8, "{changes:?}");
    // The app reads the variables that it read.
    let kept = "+store = { role = \"database\", env = \"db\" }";
    assert!(changes.iter().any(|line| line == kept), "{changes:?}");
    let said = "rename db to store; env = \"db\" keeps the variables of web";
    assert!(notice(&screen).contains(said), "{}", notice(&screen));
    let (screen, _) = edited("/db<enter>R<ctrl-u>web");
    assert!(
        screen.text().contains("`web` is there already"),
        "{}",
        screen.text()
    );
}

#[test]
fn what_is_taken_away_is_asked_about_with_what_goes_along() {
    let (screen, changes) = edited("/cache<enter>x");
    assert!(changes.is_empty());
    let text = screen.text();
    for along in ["the use of it by web", "its place on app-1 in prod"] {
        assert!(text.contains(along), "{text}");
    }
    let screen = screen.keys("<enter>");
    assert!(
        !screen.state.plan.text.contains("services.cache"),
        "{}",
        screen.state.plan.text
    );
    assert!(edited("/cache<enter>x<down><down><enter>").1.is_empty());
}

#[test]
fn uses_are_made_and_ended() {
    let (_, changes) = edited("/cache<enter>cuploads<enter>");
    assert_eq!(changes, ["+[services.cache.uses]", "+uploads = {}", "+"]);
    let (screen, changes) = edited("/web<enter>Cuploads<enter>");
    assert_eq!(changes, ["-uploads = { role = \"files\" }"]);
    assert!(
        !screen.text().contains("→ uploads:443 ───"),
        "{}",
        screen.text()
    );
}

#[test]
fn a_property_is_changed_everywhere_or_here_and_reset() {
    // The second key of a service is its version.
    let (_, changes) = edited("/db<enter>vj<enter><ctrl-u>9.0<enter>");
    assert_eq!(changes, ["-version = \"8.4\"", "+version = \"9.0\""]);
    let (screen, changes) = edited("/db<enter>vjo<ctrl-u>8.0<enter>");
    assert_eq!(changes, ["+version = \"8.0\""]);
    // The list is there again.
    assert!(screen.text().contains("in prod: 8.0"), "{}", screen.text());
    let screen = screen.keys("x");
    assert!(difference(EXAMPLE, &screen.state.plan.text).is_empty());
    // What may not stand there is said while it is typed.
    let (screen, changes) = edited("/db<enter>vjjjj<enter>70000");
    assert!(
        screen.text().contains("from 1 to 65535"),
        "{}",
        screen.text()
    );
    assert!(changes.is_empty());
}

#[test]
fn a_fix_is_shown_before_it_is_made_and_a_rule_is_given_a_level() {
    let (screen, _) = edited("3f");
    let text = screen.text();
    let of_host = "[environments.prod.hosts.";
    assert!(text.contains(of_host) && text.contains("- runs"), "{text}");
    let fixed = screen.keys("<enter>");
    assert!(!difference(EXAMPLE, &fixed.state.plan.text).is_empty());
    let (_, changes) = edited("3wallow<enter>it is a demo<enter>");
    assert_eq!(changes.len(), 4, "{changes:?}");
    assert!(
        changes.contains(&"+reason = \"it is a demo\"".to_owned()),
        "{changes:?}"
    );
    let all = Screen::new(EXAMPLE, 140, 40).keys("3F<enter>");
    assert!(notice(&all).starts_with("apply 1 fix;"), "{}", notice(&all));
}

#[test]
fn a_place_is_changed_in_the_matrix() {
    // The second row is the first service, the cache.
    let (_, changes) = edited("2<home>jpdata<enter>");
    assert_eq!(changes.len(), 4, "{changes:?}");
    let plan = format!("{EXAMPLE}\n[environments.eu-prod.hosts.vm]\nruns = []\n");
    let screen = Screen::new(&plan, 140, 40).keys("2<home>hp<enter>");
    let text = &screen.state.plan.text;
    assert!(text.contains("hosts.vm]\nruns = [\"web\"]"), "{text}");
}

#[test]
fn edits_are_undone_and_done_again_also_across_saves() {
    let screen = Screen::new(EXAMPLE, 140, 40);
    let screen = screen.keys("/cache<enter>p/data<enter>ps/web<enter>Cuploads<enter>");
    let last = screen.state.plan.text.clone();
    assert_eq!(screen.saved.len(), 1);
    assert!(screen.state.is_edited());
    let text = screen.text();
    assert!(text.contains("edited"), "{text}");
    let screen = screen.keys("<esc>uu");
    assert_eq!(screen.state.plan.text.as_ref(), EXAMPLE);
    assert!(screen.state.is_edited(), "what was saved is another text");
    let screen = screen.keys("UU");
    assert_eq!(screen.state.plan.text, last);
    let screen = screen.keys("U");
    assert!(
        notice(&screen).contains("nothing was undone"),
        "{}",
        notice(&screen)
    );
}

#[test]
fn whoever_leaves_with_edits_is_asked_once() {
    let quits = |screen: &Screen| screen.effects.contains(&Effect::Quit);
    let edits = "/cache<enter>p/data<enter>p";
    assert!(quits(&Screen::new(EXAMPLE, 140, 40).keys("q")));
    let asked = Screen::new(EXAMPLE, 140, 40).keys(edits).keys("q");
    assert!(!quits(&asked) && asked.text().contains("move cache to data-1"));
    assert!(!quits(&asked.keys("<esc>")));
    let saved = Screen::new(EXAMPLE, 140, 40).keys(edits).keys("q<enter>");
    assert!(quits(&saved) && saved.saved.len() == 1);
    let lost = Screen::new(EXAMPLE, 140, 40)
        .keys(edits)
        .keys("q<down><enter>");
    assert!(quits(&lost) && lost.saved.is_empty());
}

#[test]
fn a_file_that_changed_meanwhile_is_joined_or_asked_about() {
    let edits = "/cache<enter>p/data<enter>p";
    let elsewhere = EXAMPLE.replace("port = 5000", "port = 5001");
    let screen = Screen::new(EXAMPLE, 140, 40).keys(edits);
    let screen = screen.msg(Msg::Plan(Ok(read(&elsewhere))));
    let text = &screen.state.plan.text;
    assert!(
        text.contains("port = 5001") && text.contains("\"db\", \"cache\""),
        "{text}"
    );
    assert!(screen.state.is_edited());

    let there = EXAMPLE.replace("runs = [\"db\"]", "runs = [\"db\"] # alone");
    let screen = Screen::new(EXAMPLE, 140, 40).keys(edits);
    let screen = screen.keys("/db<enter>R<ctrl-u>store<enter>/wasabi<enter>R<ctrl-u>s3<enter>");
    let screen = screen.msg(Msg::Plan(Ok(read(&elsewhere))));
    let there = there.replace("port = 5000", "port = 5002");
    let screen = screen.msg(Msg::Plan(Ok(read(&there))));
    assert!(matches!(screen.state.dialog, Some(Dialog::Ask(_))));
    let mine = screen.state.plan.text.clone();
    let screen = screen.keys("<enter>t<enter>");
    // The cache is moved by two lines, of which one clashes, and the database is renamed there too.
    let joined = there.replace("prod.hosts.wasabi", "prod.hosts.s3");
    assert_eq!(screen.state.plan.text.as_ref(), joined);
    assert_ne!(joined, there);
    assert_eq!(
        screen.keys("u").state.plan.text,
        mine,
        "the edits are not lost"
    );
}

#[test]
fn a_plan_begins_with_four_answers_and_ends_on_the_map() {
    let mut screen = Screen::new(EXAMPLE, 140, 40);
    screen.state.plan.path = None;
    let screen = screen.keys("<ctrl-n>shop<enter><ctrl-u>web, worker<enter><enter><enter>");
    let text = &screen.state.plan.text;
    assert!(
        text.starts_with("name = \"shop\"\n\n[apps.web]\n"),
        "{text}"
    );
    assert_eq!(screen.state.plan.analysis.topologies.len(), 3);
    assert!(screen.text().contains("worker"), "{}", screen.text());
    let screen = screen.keys("s");
    assert!(
        screen.text().contains("save the plan as"),
        "{}",
        screen.text()
    );
    let screen = screen.keys("<enter>");
    assert_eq!(screen.effects, [Effect::SaveAs("backstay.toml".into())]);
}

#[test]
fn a_component_is_dragged_to_another_host_with_the_mouse() {
    let screen = Screen::new(EXAMPLE, 140, 40);
    let place = |screen: &Screen, words: &str| {
        let text = screen.text();
        let found = text.lines().enumerate().skip(2).find_map(|(y, line)| {
            let at = line.find(words)?;
            Some((line[..at].chars().count() as u16, y as u16))
        });
        found.unwrap_or_else(|| panic!("no {words} in\n{text}"))
    };
    let (x, y) = place(&screen, "6379/redis");
    let (to_x, to_y) = place(&screen, "data-1");
    let screen = screen.msg(Msg::Mouse(Mouse::Press, x, y));
    let screen = screen.msg(Msg::Mouse(Mouse::Drag, x + 3, y));
    let screen = screen.msg(Msg::Mouse(Mouse::Drag, to_x, to_y));
    let screen = screen.msg(Msg::Mouse(Mouse::Release, to_x, to_y));
    assert!(
        screen
            .state
            .plan
            .text
            .contains("runs = [\"db\", \"cache\"]"),
        "{}",
        screen.text()
    );
}

#[test]
fn what_an_edit_changed_is_listed_with_the_strings_of_before_and_now() {
    let (screen, _) = edited("/cache<enter>p/data<enter>p'");
    let text = screen.text();
    assert!(
        text.contains("findings that are gone") && text.contains("internal-in-production"),
        "{text}"
    );
    assert!(
        text.contains("- cache:6379") && text.contains("+ 10.0.1.21:6379"),
        "{text}"
    );
    assert!(
        !screen
            .keys("<esc>")
            .text()
            .contains("findings that are gone")
    );
}

#[test]
fn files_are_shown_before_they_are_written_and_the_plan_is_saved_first() {
    let (screen, _) = edited("/cache<enter>p/data<enter>pg");
    assert!(
        screen.text().contains("again writes the files"),
        "{}",
        screen.text()
    );
    assert!(screen.saved.is_empty() && screen.effects.is_empty());
    let screen = screen.keys("g");
    let text = screen.text();
    assert!(
        text.contains("The plan is saved first.") && text.contains("write the files of every"),
        "{text}"
    );
    let screen = screen.keys("<enter>");
    assert_eq!(
        (screen.saved.len(), screen.effects.as_slice()),
        (
            1,
            [Effect::WriteFiles(Vec::new(), InConflict::Left)].as_slice()
        )
    );
}

#[test]
fn a_difference_between_environments_is_accepted_with_a_reason() {
    let (screen, changes) = edited("Ddev<enter><enter>the sandbox costs too much<enter>");
    assert_eq!(
        changes,
        [
            "+",
            "+[differences.uploads]",
            "+engine = \"the sandbox costs too much\"",
        ]
    );
    // The list is there again, with one fewer that matters.
    let text = screen.text();
    assert!(
        text.contains("prod → dev") && text.contains("accepted in the plan"),
        "{text}"
    );
    assert!(text.contains("70 % alike"), "{text}");
    let screen = screen.keys("<esc>u");
    assert!(screen.state.plan.text.as_ref() == EXAMPLE);
}

#[test]
fn whoever_leaves_a_question_after_others_is_told_that_nothing_came_of_them() {
    let (screen, changes) = edited("a<enter>rabbit<enter><ctrl-u>jobs<enter><esc>");
    assert!(changes.is_empty(), "{changes:?}");
    assert_eq!(notice(&screen), "given up: nothing was changed");
    let (screen, _) = edited("a<esc>");
    assert_eq!(notice(&screen), "");
}

#[test]
fn several_use_a_new_service_at_once() {
    let (screen, changes) =
        edited("a<enter>rabbit<enter><ctrl-u>jobs<enter>data<enter> <down> <enter>");
    let uses = changes
        .iter()
        .filter(|line| line.contains("jobs = {}") || line.contains("[services.db.uses"))
        .count();
    assert!(uses >= 1, "{changes:?}");
    let plan = &screen.state.plan.analysis.plan;
    let users = plan
        .apps
        .values()
        .filter(|app| app.uses.contains_key("jobs"))
        .count();
    let services = plan
        .services
        .values()
        .filter(|it| it.uses.contains_key("jobs"))
        .count();
    assert_eq!(users + services, 2, "{changes:?}");
}
