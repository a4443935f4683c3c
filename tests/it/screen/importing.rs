//! A plan of compose files in the app: what is asked, what is shown before anything is written, and what is wrong.

use std::path::{Path, PathBuf};

use backstay::catalog::Catalog;
use backstay::compose_file::{Request, World, read};
use backstay::import::{Described, How, Outcome, Reach, Wanted, import};
use backstay::report;
use backstay::tui::{
    ALLOWS_OUTSIDE, Effect, FileSort, Found, Msg, NAMES_ENV_FILES, NotFound, SavedAs, Sealed,
};

use crate::screen::pictures::compared;
use crate::screen::{EXAMPLE, Screen, keys_of};
use crate::support::plain;

/// What looks like a credential, and is to be seen nowhere.
const SECRET: &str = "hunter-2-secret";

/// The files of the folder that the screens of these tests are in.
const FILES: &[(&str, &str)] = &[
    (
        "broken.yaml",
        "services:\n  web:\n    image: [a\n    ports: {\n",
    ),
    (
        "compose.gpu.yaml",
        "services: {web: {environment: {GPU: '1'}}}\n",
    ),
    (
        "compose.override.yaml",
        "services: {web: {ports: ['8080:80']}}\n",
    ),
    (
        "compose.prod.yaml",
        "services: {web: {environment: {LEVEL: warn}, restart: always}}\n",
    ),
    (
        "compose.yaml",
        "name: shop\nservices:\n  web:\n    image: acme/web:1.4\n    environment:\n      LEVEL: debug\n      \
         DATABASE_URL: postgres://app:hunter-2-secret@db:5432/shop\n    sysctls: {net.core.somaxconn: 1024}\n  db:\n    \
         image: postgres:16\n    environment: {POSTGRES_PASSWORD: hunter-2-secret}\n",
    ),
    ("stack/app.yaml", "services: {app: {image: 'acme/app:1'}}\n"),
];

/// Files that no list of paths shows, by their paths from the root.
const UNLISTED: &[(&str, &str)] = &[
    (
        "/p/out.yaml",
        "include: [../base/base.yaml]\nservices: {web: {image: 'acme/web:1'}}\n",
    ),
    (
        "/base/base.yaml",
        "services: {store: {image: 'redis:8.2'}}\n",
    ),
    (
        "/p/tagged.yaml",
        "services: {web: {image: 'acme/web:${TAG}'}}\n",
    ),
    ("/p/tags.env", "TAG=2.5\n"),
    ("/p/later.env", "TAG=2.6\n"),
];

struct Folder;

impl World for Folder {
    fn read(&mut self, path: &str) -> Result<Option<Vec<u8>>, String> {
        let found = FILES.iter().find(|(name, _)| path == format!("/p/{name}"));
        let found = found.or_else(|| UNLISTED.iter().find(|(name, _)| path == *name));
        Ok(found.map(|(_, text)| text.as_bytes().to_vec()))
    }

    fn variable(&self, _: &str) -> Option<String> {
        None
    }
}

/// The paths of the folder that begin so, as the world would give them.
pub fn paths_like(sort: FileSort, typed: &str) -> Vec<String> {
    if sort == FileSort::Env {
        let mut paths = vec!["later.env".to_owned(), "tags.env".to_owned()];
        paths.retain(|path| path.starts_with(typed));
        return paths;
    }
    let mut paths: Vec<String> = FILES.iter().map(|(name, _)| (*name).to_owned()).collect();
    if !typed.contains('/') {
        paths.retain(|path| !path.contains('/'));
        paths.push("stack/".to_owned());
    }
    paths.retain(|path| path.starts_with(typed));
    paths
}

/// What files of the folder give, as the world would say it.
pub fn found(wanted: &[Wanted], how: &How) -> Result<Box<Found>, NotFound> {
    let path = |file: &PathBuf| Path::new("/p").join(file).display().to_string();
    let reading = |one: &Wanted| {
        let request = Request {
            files: one.files.iter().map(path).collect(),
            env_files: how.env_files.iter().map(path).collect(),
            roots: match how.reach {
                Reach::Below => vec!["/p".to_owned()],
                Reach::Anywhere => Vec::new(),
            },
            allowed_by: ALLOWS_OUTSIDE,
            env_files_by: NAMES_ENV_FILES,
        };
        let (reading, sources) = read(&request, &mut Folder);
        reading.map_err(|fault| {
            let text = plain(&report::compose::fault(&fault, &sources));
            NotFound {
                faults: text.lines().map(str::to_owned).collect(),
                is_outside: fault.is_outside,
            }
        })
    };
    let readings = wanted.iter().map(reading);
    let readings = readings.collect::<Result<Vec<_>, _>>()?;
    let described = wanted.iter().zip(&readings);
    let described: Vec<Described> = described
        .map(|(one, reading)| Described {
            environment: one.environment.clone(),
            reading,
            files: Vec::new(),
        })
        .collect();
    let imported = import(&described, &Catalog::builtin(), "/p");
    let told = |outcome: &Outcome| {
        let environment = &outcome.environment;
        let services = outcome.services.iter();
        let services = services.map(|(name, why)| format!("  {name} is {why}"));
        let left = outcome.left.iter();
        let left = left.map(|left| {
            let service = left.service.as_deref().unwrap_or_default();
            format!("  not kept: {service}.{}, because {}", left.what, left.why)
        });
        let head = format!("{environment}: {} app", outcome.apps);
        std::iter::once(head)
            .chain(services)
            .chain(left)
            .collect::<Vec<String>>()
    };
    let n_left = imported.environments.iter().map(|one| one.left.len());
    Ok(Box::new(Found {
        n_left: n_left.sum(),
        text: imported.plan,
        about: imported.environments.iter().flat_map(told).collect(),
        credentials: Sealed::new(imported.environments),
    }))
}

/// The app in the folder, which has no plan.
pub fn screen(width: u16, height: u16) -> Screen {
    let mut screen = Screen::new(EXAMPLE, width, height);
    screen.state.plan.path = None;
    screen.msg(Msg::Listed(
        FileSort::Compose,
        String::new(),
        paths_like(FileSort::Compose, ""),
    ))
}

#[track_caller]
pub fn assert_says(screen: &Screen, wanted: &[&str]) {
    let text = screen.text();
    for said in wanted {
        assert!(text.contains(said), "no `{said}` in\n{text}");
    }
    assert!(!text.contains(SECRET), "{text}");
}

#[test]
fn somebody_without_a_plan_is_told_what_is_there_and_by_which_key() {
    assert_says(
        &screen(120, 40),
        &[
            "this is an example; I makes a plan of your own from compose.yaml, compose.override.yaml,",
        ],
    );
    // What was said goes away with a key; what the keys do stays.
    assert_says(
        &screen(80, 24).keys("j"),
        &["I import compose.yaml", "ctrl-n begin your own plan"],
    );
    let mut elsewhere = Screen::new(EXAMPLE, 120, 40);
    elsewhere.state.plan.path = None;
    let elsewhere = elsewhere.msg(Msg::Listed(
        FileSort::Compose,
        String::new(),
        vec!["other.yaml".to_owned()],
    ));
    assert_says(
        &elsewhere,
        &["ctrl-n begin your own plan", "I import compose files"],
    );
    assert_says(
        &elsewhere.keys("<ctrl-n>"),
        &["already become a plan with I instead of this"],
    );
    assert_says(
        &screen(120, 40).keys(":import"),
        &["I                   import compose files as a plan of your own"],
    );
}

#[test]
fn a_plan_with_a_file_is_not_imported_over() {
    let screen = Screen::new(EXAMPLE, 120, 40).keys("I");
    assert_says(
        &screen,
        &[
            "this plan has a file; import in a folder without one, or by `backstay import compose --output`",
        ],
    );
    assert!(screen.state.dialog.is_none());
}

#[test]
fn two_environments_are_proposed_shown_taken_over_and_undone() {
    let screen = screen(140, 44).keys("I");
    assert_says(
        &screen,
        &["> local=compose.yaml,compose.override.yaml; prod=compose.yaml,compose.prod.yaml"],
    );
    let screen = screen.keys("<enter>");
    assert_says(
        &screen,
        &[
            "make a plan of this?",
            "local: 1 app",
            "db is postgres: `postgres` is the image of PostgreSQL",
            "not kept: web.sysctls, because",
            "prod: 1 app",
        ],
    );
    assert_eq!(*screen.state.plan.text, *EXAMPLE, "nothing is taken yet");
    let screen = screen.keys("<enter>");
    assert_says(
        &screen,
        &[
            "this is your plan, which does not keep 2 things of before; s saves it",
            "no file yet",
            " local  prod",
        ],
    );
    let text = screen.state.plan.text.clone();
    assert!(
        text.contains("[environments.prod.apps.web.settings]"),
        "{text}"
    );
    assert!(!text.contains(SECRET), "{text}");
    assert!(!format!("{:?}", screen.state).contains(SECRET));
    let screen = screen.keys("s");
    assert_says(
        &screen,
        &["Its credentials go to `deploy/ENVIRONMENT/secrets.env`"],
    );
    let screen = screen.keys("<enter>");
    assert_eq!(screen.effects, [Effect::SaveAs("backstay.toml".into())]);
    let new = SavedAs {
        path: "backstay.toml".into(),
        said: "2 credentials are kept".to_owned(),
    };
    let screen = screen.msg(Msg::Saved(Ok(Some(new))));
    assert_says(&screen, &["saved backstay.toml; 2 credentials are kept"]);
    assert!(screen.state.imported.is_none(), "they are kept once");
    let screen = screen.keys("u");
    assert_eq!(*screen.state.plan.text, *EXAMPLE);
}

#[test]
fn what_is_wrong_is_shown_with_what_was_typed() {
    let screen = screen(120, 40).keys("I<ctrl-u>broken.yaml<enter>");
    assert_says(
        &screen,
        &["error: ", "╭▸ /p/broken.yaml:4:", "> broken.yaml"],
    );
    let screen = screen.keys("<ctrl-u>nope.yaml<enter>");
    assert_says(
        &screen,
        &["there is no compose file `/p/nope.yaml`", "> nope.yaml"],
    );
    assert!(!screen.text().contains("broken"), "{}", screen.text());
    let screen = screen.keys("<ctrl-u><enter>");
    assert_says(&screen, &["type the path of a compose file"]);
    assert!(!screen.text().contains("nope"), "{}", screen.text());
    let twice = Screen::keys(
        self::screen(120, 40),
        "I<ctrl-u>a=compose.yaml; a=stack/app.yaml",
    );
    assert_says(&twice, &["the environment `a` is said twice; name all of"]);
    assert_says(
        &twice.keys("<ctrl-u>a=<enter>"),
        &["a has no file yet: type its path"],
    );
}

#[test]
fn a_path_is_completed_where_it_stands() {
    let screen = screen(120, 40).keys("I<ctrl-u>");
    assert_says(&screen, &["compose.gpu.yaml", "stack/"]);
    let screen = screen.keys("prod=comp<down><down><enter>");
    assert_says(&screen, &["> prod=compose.override.yaml"]);
    let screen = screen.keys(",st<tab>");
    assert_says(
        &screen,
        &["> prod=compose.override.yaml,stack/ ", "stack/app.yaml"],
    );
    let screen = screen.keys("<tab>");
    assert_says(&screen, &["> prod=compose.override.yaml,stack/app.yaml"]);
    let screen = screen.keys("<ctrl-u>stack/app.yaml<enter><enter>");
    let plan = &screen.state.plan.text;
    assert!(
        plan.contains("[environments.local.hosts.machine]\nruns = [\"app\"]"),
        "{plan}"
    );
}

#[test]
fn going_back_keeps_what_was_typed_and_leaving_keeps_the_example() {
    let screen = screen(120, 40).keys("I<ctrl-u>stack/app.yaml<enter>");
    assert_says(&screen, &["make a plan of this?"]);
    assert_says(
        &self::screen(120, 40).keys("I<ctrl-u>stack/app.yaml<enter>n<enter>"),
        &["> stack/app.yaml"],
    );
    let screen = screen.keys("<esc>");
    assert_says(&screen, &["> stack/app.yaml"]);
    let screen = screen.keys("<esc>");
    assert!(screen.state.dialog.is_none());
    assert_eq!(*screen.state.plan.text, *EXAMPLE);
    assert!(screen.state.imported.is_none());
}

#[test]
fn reading_is_waited_for_and_can_be_given_up() {
    let mut screen = screen(120, 40);
    screen.is_slow = true;
    let mut screen = screen.keys("I<enter>x");
    let wanted = match screen.effects.pop() {
        Some(Effect::Import(wanted, how)) => (wanted, how),
        other => panic!("{other:?}"),
    };
    assert_says(
        &screen,
        &[
            "reading compose files; esc gives up",
            "working",
            "compose.prod.yaml ",
        ],
    );
    let late = || Msg::Imported(found(&wanted.0, &wanted.1));
    let given_up = screen.keys("<esc>");
    assert_says(
        &given_up,
        &["given up: nothing was read", "> local=compose.yaml"],
    );
    let given_up = given_up.msg(late());
    assert!(!given_up.text().contains("make a plan of this?"));
    // A press beside the dialog gives up as well.
    let press = Msg::Mouse(backstay::tui::Mouse::Press, 0, 0);
    let closed = given_up.keys("<enter>").msg(press).msg(late());
    assert!(closed.state.dialog.is_none() && !closed.state.is_working);
    let screen = closed.keys("I<enter>").msg(late());
    assert_says(&screen, &["make a plan of this?"]);
}

#[test]
fn every_step_looks_as_expected_at_every_size() {
    let broken = "I<ctrl-u>broken.yaml<enter>";
    let steps = [
        ("import-none-80x24", 80, 24, ""),
        ("import-none-40x12", 40, 12, ""),
        ("import-files-120x40", 120, 40, "I"),
        ("import-paths-80x24", 80, 24, "I,<down><down>"),
        ("import-files-40x12", 40, 12, "I"),
        ("import-found-120x40", 120, 40, "I<enter>"),
        ("import-found-80x24", 80, 24, "I<enter>"),
        ("import-found-40x12", 40, 12, "I<enter><page-down>"),
        ("import-fault-120x40", 120, 40, broken),
        ("import-fault-40x12", 40, 12, broken),
        ("imported-80x24", 80, 24, "I<enter><enter>"),
    ];
    let looked = steps.map(|(name, width, height, keys)| {
        let screen = screen(width, height).keys(keys);
        compared(name, &screen.styled())
    });
    let faults: String = looked.concat();
    assert!(faults.is_empty(), "{faults}");
}

#[test]
fn files_that_come_up_later_are_proposed_too() {
    let mut screen = Screen::new(EXAMPLE, 120, 40);
    screen.state.plan.path = None;
    assert_says(&screen.keys("I"), &["> local=compose.yaml,"]);
}

#[test]
fn a_plan_that_is_begun_afterwards_brings_no_credentials_along() {
    let screen = screen(120, 40).keys("I<enter><enter>");
    assert!(screen.state.imported.is_some());
    let screen = screen.keys("<ctrl-n>shop<enter><ctrl-u>web<enter><enter><enter>");
    assert!(screen.state.plan.text.starts_with("name = \"shop\""));
    assert!(screen.state.imported.is_none());
}

#[test]
fn keys_of_every_kind_reach_it_at_every_size() {
    for (width, height) in [(30, 8), (40, 12), (80, 24), (120, 40)] {
        let mut screen = screen(width, height);
        for key in keys_of(
            "I<down><enter><ctrl-u>数,=;<tab>broken.yaml<enter><page-down><esc>I<enter><page-down><down><enter>",
        ) {
            screen = screen.msg(Msg::Key(key));
            screen.drawn();
        }
        assert!(screen.state.dialog.is_some(), "the second answer goes back");
    }
}

#[test]
fn what_was_found_is_turned_by_pages() {
    let mut slow = screen(80, 24);
    slow.is_slow = true;
    let found = Found {
        text: EXAMPLE.to_owned(),
        about: (1..=60).map(|n| format!("line {n}.")).collect(),
        n_left: 0,
        credentials: Sealed::new(()),
    };
    let first = slow
        .keys("I<enter>")
        .msg(Msg::Imported(Ok(Box::new(found))));
    let shown = |screen: &Screen| -> Vec<usize> {
        let text = screen.text();
        let numbers = text.lines().filter_map(|line| {
            let (_, rest) = line.split_once("line ")?;
            rest.split_once('.')?.0.parse().ok()
        });
        numbers.collect()
    };
    let before = shown(&first);
    assert!(before[0] == 1 && before.len() > 4, "{before:?}");
    let next = first.keys("<page-down>");
    assert_eq!(shown(&next)[0], before.len() + 1);
    let last = next.keys(&"<page-down>".repeat(20));
    let at_end = shown(&last);
    assert_eq!(at_end.last(), Some(&60));
    // A page back is a page back, however often the end was asked for.
    let back = last.keys("<page-up>");
    assert_eq!(at_end[0] - shown(&back)[0], before.len());
}
