//! What a user can find out, and what keys and the mouse do.

use backstay::tui::{Dialog, Effect, Mouse, Msg, Panel, Thing, Zoom};

use crate::screen::sizes::plan_of;
use crate::screen::{EXAMPLE, Screen, read};

fn selected(screen: &Screen) -> String {
    match &screen.state.selection {
        None => "nothing".to_owned(),
        Some(Thing::Host(host)) => host.to_string(),
        Some(Thing::Instance(it)) => format!("{} on {}", it.component, it.host),
    }
}

fn environment(screen: &Screen) -> &str {
    let topology = screen.state.topology().expect("the plan has environments");
    topology.environment.as_str()
}

#[test]
fn the_first_screen_says_what_is_external_in_production_and_what_is_wrong() {
    for (width, height) in [(80, 24), (120, 40), (200, 60)] {
        let text = Screen::new(EXAMPLE, width, height).text();
        for word in [
            "prod",
            "external uses: 3",
            "db",
            "uploads",
            "internal uses: 1",
            "cache",
        ] {
            assert!(text.contains(word), "{word} at {width}×{height}\n{text}");
        }
        assert!(text.contains("3 warn"), "{text}");
    }
}

#[test]
fn the_small_map_covers_nothing_of_the_large_one() {
    let mut n_seen = 0;
    for (width, height) in [(100, 30), (120, 40)] {
        let mut screen = Screen::new(&plan_of(30), width, height);
        for keys in ["i", "LLL", "JJJJ", "HHH", "KK"] {
            screen = screen.keys(keys);
            screen.state.notice = None;
            let with = screen.text();
            screen.state.shows_minimap = false;
            let without = screen.text();
            screen.state.shows_minimap = true;
            n_seen += usize::from(with != without);
            for (row, other) in without.lines().zip(with.lines()) {
                let mut cells = row.chars().zip(other.chars().chain(std::iter::repeat(' ')));
                assert!(
                    cells.all(|(one, other)| one == ' ' || one == other),
                    "{with}"
                );
            }
        }
    }
    assert!(n_seen > 0, "it is seen where there is room");
    let screen = Screen::new(EXAMPLE, 120, 40).keys("mm").text();
    assert!(screen.contains("the small map shows where"), "{screen}");
}

#[test]
fn a_version_that_nobody_can_tell_is_marked() {
    let plan = "name = \"shop\"\n[services.db]\nkind = \"postgres\"\nimage = \"acme/postgres\"\n\
                [environments.dev.hosts.box]\nruns = [\"db\"]\n";
    let screen = Screen::new(plan, 120, 40);
    assert!(
        screen.text().contains("db  postgres ?"),
        "{}",
        screen.text()
    );
    let screen = screen.keys("/db<enter>");
    assert!(
        screen.text().contains("version not known"),
        "{}",
        screen.text()
    );
    let screen = screen.keys("2");
    assert!(screen.text().contains("box ?"), "{}", screen.text());
}

#[test]
fn the_files_of_a_selected_host_are_one_key_away() {
    let screen = Screen::new(EXAMPLE, 120, 40).keys("/data<enter>4");
    let file = &screen.state.listed_files()[screen.state.lists.file];
    assert_eq!(file.path, "prod/data-1/compose.yaml");
    assert!(screen.text().contains("image: \"mysql:8.4\""));
}

#[test]
fn the_selection_moves_through_cards_and_between_them() {
    let screen = Screen::new(EXAMPLE, 200, 60).keys("j");
    assert_eq!(selected(&screen), "app-1");
    let screen = screen.keys("j");
    let first = selected(&screen);
    assert!(first.ends_with(" on app-1"), "{first}");
    let screen = screen.keys("l");
    assert!(
        !selected(&screen).ends_with("app-1"),
        "{}",
        selected(&screen)
    );
    let screen = screen.keys("h");
    assert!(selected(&screen).contains("app-1"), "{}", selected(&screen));
    assert_eq!(selected(&screen.keys("<esc>")), "nothing");
}

#[test]
fn a_finding_leads_to_its_place_in_its_environment_and_to_its_line() {
    let screen = Screen::new(EXAMPLE, 120, 40).keys("3A");
    let at = screen
        .state
        .listed_findings()
        .position(|finding| finding.rule == "end-of-life-version")
        .expect("the example has it");
    let screen = screen.keys(&"j".repeat(at)).keys("e");
    let line = EXAMPLE
        .lines()
        .position(|line| line.starts_with("version = \"8.0\""));
    assert_eq!(
        screen.effects,
        [Effect::Edit(line.expect("it is there") + 1)]
    );
    let screen = screen.keys("<enter>");
    assert_eq!(screen.state.panel, Panel::Map);
    assert_eq!(environment(&screen), "test");
    assert_eq!(selected(&screen), "db on ci");
}

#[test]
fn environments_follow_each_other_and_keep_the_selection() {
    let screen = Screen::new(EXAMPLE, 120, 40).keys("/db<enter>");
    assert_eq!(selected(&screen), "db on data-1");
    let screen = screen.keys("<shift-tab><shift-tab>");
    assert_eq!(environment(&screen), "dev");
    assert_eq!(selected(&screen), "db on dev-db");
    assert_eq!(environment(&screen.keys("<tab><tab><tab>")), "local");
}

#[test]
fn the_matrix_chooses_component_and_environment() {
    let screen = Screen::new(EXAMPLE, 120, 40).keys("2jjh");
    assert_eq!(environment(&screen), "test");
    assert_eq!(selected(&screen), "db on ci");
    let screen = screen.keys("<enter>");
    assert_eq!(screen.state.panel, Panel::Map);
}

#[test]
fn levels_say_more_and_less_and_the_focus_narrows() {
    let screen = Screen::new(EXAMPLE, 200, 60).keys("---");
    assert_eq!(screen.state.zoom, Zoom::Tiers);
    let screen = screen.keys("-");
    let notice = screen.state.notice.clone().expect("it says why not");
    assert!(notice.text.contains("no less detail"), "{notice:?}");
    let screen = screen.keys("+++/db<enter>f");
    let text = screen.text();
    assert!(
        text.contains("around db") && !text.contains("redis 8.2"),
        "{text}"
    );
    assert!(screen.keys("f").text().contains("redis 8.2"));
}

#[test]
fn what_cannot_be_done_says_why() {
    let screen = Screen::new(EXAMPLE, 120, 40).keys("n");
    let notice = screen.state.notice.clone().expect("it says why not");
    assert!(
        notice.text.contains("nothing was searched for"),
        "{notice:?}"
    );
    let one = "name = \"x\"\n[environments.prod.hosts.h]\nruns = []\n";
    let screen = Screen::new(one, 120, 40).keys("<tab>");
    let notice = screen.state.notice.expect("it says why not");
    assert!(notice.text.contains("no other environment"), "{notice:?}");
}

#[test]
fn a_plan_that_is_read_again_keeps_what_is_selected() {
    let screen = Screen::new(EXAMPLE, 120, 40).keys("/db<enter>");
    let renamed = EXAMPLE.replace("name = \"coding-events\"", "name = \"renamed\"");
    let screen = screen.msg(Msg::Plan(Ok(read(&renamed))));
    assert!(screen.text().contains("renamed"));
    assert_eq!(selected(&screen), "db on data-1");
    let without = EXAMPLE.replace("runs = [\"db\"]", "runs = []");
    let screen = screen.msg(Msg::Plan(Ok(read(&without))));
    assert_eq!(selected(&screen), "nothing");
    let screen = screen.msg(Msg::Plan(Err("it is gone".to_owned())));
    assert!(screen.text().contains("it is gone"));
    assert_eq!(environment(&screen), "prod");
}

#[test]
fn plans_with_nothing_in_them_are_shown() {
    for plan in [
        "",
        "name = \"x\"\n",
        "[",
        "name = \"x\"\n[environments.prod]\n",
    ] {
        for keys in ["", "2", "3", "4", "5", "jjll", "?", ":", "/", "]"] {
            for (width, height) in [(80, 24), (120, 40), (1, 1), (0, 0)] {
                Screen::new(plan, width, height).keys(keys).text();
            }
        }
    }
}

#[test]
fn the_mouse_selects_opens_scrolls_and_drags() {
    let screen = Screen::new(EXAMPLE, 200, 60);
    let row = |screen: &Screen, word: &str| {
        let text = screen.text();
        let (y, line) = text
            .lines()
            .enumerate()
            .find(|(_, line)| line.contains(word))
            .expect("it is on the screen");
        let x = line[..line.find(word).expect("it is there")]
            .chars()
            .count();
        (x as u16, y as u16)
    };
    let (x, y) = row(&screen, "data-1");
    let screen = screen.msg(Msg::Mouse(Mouse::Press, x, y));
    assert_eq!(selected(&screen), "data-1");
    let (x, y) = row(&screen, "dev  ");
    let screen = screen.msg(Msg::Mouse(Mouse::Press, x, y));
    assert_eq!(environment(&screen), "dev");
    let (x, y) = row(&screen, "3 findings");
    let screen = screen.msg(Msg::Mouse(Mouse::Press, x, y));
    assert_eq!(screen.state.panel, Panel::Findings);
    let screen = screen.keys("?").msg(Msg::Mouse(Mouse::WheelDown, 90, 20));
    assert_eq!(screen.state.dialog, Some(Dialog::Help { scroll: 3 }));
    let screen = screen.msg(Msg::Mouse(Mouse::Press, 0, 30));
    assert_eq!(screen.state.dialog, None);
}

#[test]
fn a_name_with_anything_in_it_moves_no_cursor() {
    let plan = "name = \"x\"\n[services.\"a\\u001b[2J\"]\nkind = \"postgres\"\n[services.db]\nkind = \"post\\u001b[31mgres\"\n[environments.prod.hosts.h]\nruns = [\"db\", \"\\u202e\"]\n";
    for keys in ["", "3", "2", "4"] {
        let text = Screen::new(plan, 120, 40).keys(keys).text();
        assert!(
            !text.contains('\u{1b}') && !text.contains('\u{202e}'),
            "{text}"
        );
    }
}
