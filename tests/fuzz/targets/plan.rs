//! Any text as a plan: it is analysed, every finding has a place in it, and every fix can be applied or says why not.

#![no_main]

use std::sync::LazyLock;

use backstay::analysis::{Config, analyze};
use backstay::catalog::Catalog;
use backstay::model::Date;
use backstay::source;
use libfuzzer_sys::fuzz_target;

static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::builtin);

fuzz_target!(|text: &str| {
    let config = Config {
        today: Date::parse("2026-11-22").expect("the day exists"),
    };
    let analysis = analyze(text, &CATALOG, &config);
    for finding in &analysis.findings {
        for label in std::iter::once(&finding.primary).chain(&finding.secondary) {
            let span = label.span.expect("an analysed finding has a place");
            assert!(text.get(span.start..span.end).is_some(), "{span:?}");
        }
        if let Some(fix) = &finding.fix
            && let Ok(fixed) = source::apply(text, &fix.edits)
        {
            analyze(&fixed, &CATALOG, &config);
        }
    }
});
