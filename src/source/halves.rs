//! Reads a long text in two halves at once: parsing is most of what an edit of a large plan costs.
//!
//! A text is only read so where both halves together say just what the whole says, and nothing is wrong with
//! either; otherwise the answer is `None`, and whoever asked reads the whole.

use std::borrow::Cow;

use toml::Spanned;
use toml::de::DeTable;

use crate::model::Plan;
use crate::parallel::{self, Amount};
use crate::source::field::{Trail, read_table};
use crate::source::locate::Places;
use crate::source::tables;
use crate::span::floor_boundary;

/// What both halves of `text` say.
pub(super) fn read(text: &str) -> Option<(Plan, Places<'_>)> {
    read_cut(text, cut(text)?)
}

fn read_cut(text: &str, at: usize) -> Option<(Plan, Places<'_>)> {
    let (first, second) = text.split_at(at);
    let (first, rest) = parallel::both(Amount::Much, || half(first), || half(second));
    let ((table, mut plan), (rest_table, rest)) = (first?, rest?);
    if !are_apart(text, at, table.get_ref(), rest_table.get_ref()) {
        return None;
    }
    append(&mut plan, rest);
    Some((plan, Places::of_parts(vec![(0, table), (at, rest_table)])))
}

/// Reads one half; `None` if anything is wrong with it, as it is where the cut went through a text or list.
fn half(text: &str) -> Option<(Spanned<DeTable<'_>>, Plan)> {
    let table = DeTable::parse(text).ok()?;
    let mut findings = Vec::new();
    let plan = read_table(table.get_ref(), Trail::ROOT, &mut findings, tables::plan);
    findings.is_empty().then_some((table, plan))
}

/// Where the second half begins: at the first table of another app, service or environment after the middle,
/// or else at the last before it.
fn cut(text: &str) -> Option<usize> {
    let middle = floor_boundary(text, text.len() / 2);
    let (before, after) = text.split_at(middle);
    let mut earlier = before
        .rmatch_indices("\n[")
        .map(|(at, _)| at + 1)
        .peekable();
    let mut here = owner_at(text, *earlier.peek()?);
    for at in after.match_indices("\n[").map(|(at, _)| middle + at + 1) {
        let owner = owner_at(text, at);
        if owner != here {
            return Some(at);
        }
        here = owner;
    }
    let mut next = earlier.next()?;
    for at in earlier {
        if owner_at(text, at) != owner_at(text, next) {
            return Some(next);
        }
        next = at;
    }
    None
}

/// Whose table begins at a place: the first two words of its name, as `services` and `db`.
fn owner_at(text: &str, at: usize) -> (&str, &str) {
    let line = text[at..].lines().next().unwrap_or_default();
    let mut words = line.trim_matches(['[', ']']).split('.');
    let mut word = || words.next().unwrap_or_default();
    (word(), word())
}

/// Whether both halves, the second of which begins at `at`, are the halves of one table: none stands in both
/// but the topmost, and those only because of the tables in them.
fn are_apart(text: &str, at: usize, first: &DeTable<'_>, second: &DeTable<'_>) -> bool {
    // A table may be opened once, and which half opened a topmost one is more than the tables tell.
    let mut headers = text[at..]
        .lines()
        .filter(|line| line.trim_start().starts_with('['));
    let has_dot = |line: &str| {
        line.split(']')
            .next()
            .is_some_and(|name| name.contains('.'))
    };
    if headers.any(|line| !has_dot(line)) {
        return false;
    }
    second.iter().all(|(key, value)| {
        let Some((earlier_key, earlier)) = first.get_key_value(key.get_ref().as_ref()) else {
            return true;
        };
        let both = (value.get_ref().as_table(), earlier.get_ref().as_table());
        let (Some(value), Some(earlier)) = both else {
            return false;
        };
        // To what a key made a table, no header may add.
        let is_of_header = text[..earlier_key.span().start].ends_with('[');
        let is_said = |name: &Spanned<Cow<str>>| earlier.contains_key(name.get_ref().as_ref());
        is_of_header && !value.keys().any(is_said)
    })
}

fn append(plan: &mut Plan, rest: Plan) {
    let Plan {
        name,
        stack,
        mut team,
        mut apps,
        mut services,
        mut environments,
        mut rules,
        mut needs,
        mut sizes,
        mut differences,
    } = rest;
    plan.name = plan.name.take().or(name);
    plan.stack = plan.stack.take().or(stack);
    plan.team.append(&mut team);
    plan.apps.append(&mut apps);
    plan.services.append(&mut services);
    plan.environments.append(&mut environments);
    plan.rules.append(&mut rules);
    plan.needs.append(&mut needs);
    plan.sizes.append(&mut sizes);
    plan.differences.append(&mut differences);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::read::read_whole;

    const EXAMPLE: &str = include_str!("../../templates/example.toml");

    /// Everything that both readings of a text say, where there are two.
    fn assert_same(text: &str, at: usize) -> bool {
        let Some((plan, places)) = read_cut(text, at) else {
            return false;
        };
        let whole = read_whole(text);
        assert!(whole.findings.is_empty(), "{:?}", whole.findings);
        assert_eq!(plan, whole.plan);
        let everything = |_: &str, _: &str| true;
        let all = |_: &str, texts: &[&str]| (0..texts.len()).collect();
        let found = whole.places.texts_where(everything, all);
        assert_eq!(places.texts_where(everything, all).len(), found.len());
        for (path, span) in found {
            assert_eq!(places.find_said(&path), Some(span), "{path:?}");
            let mut below = path;
            while let Some((_, above)) = below.split_last() {
                assert_eq!(places.find(&above), whole.places.find(&above), "{above:?}");
                below = above;
            }
        }
        true
    }

    #[test]
    fn wherever_a_text_is_cut_it_says_the_same() {
        let headers = EXAMPLE.match_indices("\n[").map(|(at, _)| at + 1);
        let apart = headers.filter(|at| assert_same(EXAMPLE, *at)).count();
        assert!(apart > 5, "only {apart} cuts were taken");
    }

    #[test]
    fn what_is_one_table_is_not_cut() {
        for text in [
            "[services]\ndb = { kind = \"redis\" }\n[services]\nx = { kind = \"redis\" }\n",
            "[services]\n[apps.web]\n[services] # v1.2\nx = { kind = \"redis\" }\n",
            "[services.db]\nkind = \"redis\"\n[services.db.settings]\nA = \"1\"\n",
            "services = { db = { kind = \"redis\" } }\n[services.x]\nkind = \"redis\"\n",
            "services.db.kind = \"redis\"\n[services.x]\nkind = \"redis\"\n",
            "[apps.a.settings]\nA = \"\"\"\n[apps.b]\nx\"\"\"\n",
        ] {
            let at = text.rfind("\n[").unwrap_or_default() + 1;
            assert!(read_cut(text, at).is_none(), "{text}");
        }
    }

    #[test]
    fn the_cut_is_near_the_middle_and_between_owners() {
        let table = |n: u32| {
            format!("[services.s{n}]\nkind = \"redis\"\n[services.s{n}.settings]\nA = \"1\"\n")
        };
        let text: String = (0..50).map(table).collect();
        let text = format!("name = \"a\"\n{text}");
        let at = cut(&text).expect("there is a place");
        assert!(
            text[at..].starts_with("[services.s2"),
            "{}",
            &text[at..at + 20]
        );
        let long = "# the rest is a comment\n".repeat(500);
        let text = format!("{text}{long}");
        let at = cut(&text).expect("there is a place");
        assert!(text[at..].starts_with("[services.s49]"));
        assert_eq!(cut("name = \"a\"\n"), None);
        assert!(assert_same(&text, at));
    }
}
