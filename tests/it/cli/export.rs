//! `backstay export`: pictures and graphs for other programs.

use crate::cli::Test;

const EXAMPLE: &str = include_str!("../../../templates/example.toml");

#[test]
fn every_format_prints_the_environment() {
    for (format, start) in [
        (
            "svg",
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\"",
        ),
        ("mermaid", "flowchart LR\n"),
        ("dot", "digraph \"coding-events: prod\" {\n"),
        ("d2", "direction: right\n"),
        ("json", "{"),
    ] {
        Test::new()
            .plan(EXAMPLE)
            .args(["export", format])
            .stdout_has([start, "app-1", "data-1", "wasabi", "uploads"])
            .run();
    }
}

#[test]
fn the_environment_that_is_named_is_printed() {
    Test::new()
        .plan(EXAMPLE)
        .args(["export", "svg", "local"])
        .stdout_has([
            "<title id=\"title\">coding-events: local</title>",
            "laptop runs",
        ])
        .run();
    Test::new()
        .plan(EXAMPLE)
        .args(["export", "svg", "lokal"])
        .stderr("error: there is no environment `lokal`\n  help: did you mean `local`?\n")
        .status(2)
        .run();
    Test::new()
        .plan("name = \"x\"\n")
        .args(["export", "dot"])
        .stderr("error: the plan has no environment to export\n")
        .status(2)
        .run();
}
