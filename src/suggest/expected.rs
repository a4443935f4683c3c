//! What is expected of whatever answers a need, and where a kind falls short of it.

use crate::catalog::{Fit, Kind};
use crate::model::{ByteSize, Choice, Demand, Plan, Requirement, Role, SizeHint};

/// What is expected of whatever answers a need.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expected {
    /// How much.
    pub size: SizeHint,
    /// What else.
    pub demand: Demand,
}

/// How a kind falls short of what is expected, in half a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// It cannot do it.
    Unable(String),
    /// It does it, but no longer with ease.
    Strained(String),
}

impl Lack {
    /// What is lacking.
    pub fn said(&self) -> &str {
        match self {
            Lack::Unable(said) | Lack::Strained(said) => said,
        }
    }
}

impl Expected {
    /// What the plan expects of a role.
    pub fn of(plan: &Plan, role: Role) -> Expected {
        Expected {
            size: plan.sizes.get(&role).cloned().unwrap_or_default(),
            demand: plan.needs.get(&role).cloned().unwrap_or_default(),
        }
    }

    /// Each thing that is expected, in a few words.
    pub fn words(&self) -> Vec<String> {
        let SizeHint {
            stored,
            writes_per_second,
            kept_for,
        } = &self.size;
        let requires = self.demand.requires.iter();
        let requires = requires.map(|required| required.as_str().to_owned());
        let stored = stored.map(|stored| format!("{stored} stored"));
        let writes = writes_per_second.map(|writes| format!("{writes} writes a second"));
        let kept = kept_for.map(|kept| format!("kept for {kept}"));
        requires.chain(stored).chain(writes).chain(kept).collect()
    }
}

/// Where a kind falls short of what is expected of it in a role; nothing if it does not.
pub fn lack(kind: &Kind, role: Role, expected: &Expected) -> Option<Lack> {
    let Some(fit) = kind.fit(role) else {
        return Some(Lack::Unable(format!("it is not made for {role}")));
    };
    let missing = missing(kind, role, &expected.demand);
    if !missing.is_empty() {
        return Some(Lack::Unable(format!(
            "as {role} it has no {} of its own",
            any_of(&missing)
        )));
    }
    let size = &expected.size;
    let most = fit.at_most.or(fit.holds);
    let beyond = |limit: Option<ByteSize>| {
        let stored = size.stored.zip(limit);
        stored.filter(|(stored, limit)| stored > limit)
    };
    if let Some((stored, most)) = beyond(most) {
        let said = format!("{stored} are more than the {most} that it holds at most");
        return Some(Lack::Unable(said));
    }
    let writes = size.writes_per_second.zip(fit.writes_per_second);
    if let Some((writes, most)) = writes.filter(|(writes, most)| writes > most) {
        let said = format!("{writes} writes a second are more than the {most} or so that it takes");
        return Some(Lack::Unable(said));
    }
    let kept = size.kept_for.zip(fit.keeps_for);
    if let Some((kept, most)) = kept.filter(|(kept, most)| kept > most) {
        let said = format!("{kept} is longer than the {most} or so that it keeps anything");
        return Some(Lack::Unable(said));
    }
    beyond(fit.holds).map(|(stored, ease)| {
        let most = most.unwrap_or(ease);
        Lack::Strained(format!(
            "it holds about {ease} with ease and {most} at most, and {stored} lie between"
        ))
    })
}

/// As `lack`, and what it costs to keep as much in memory as is expected, or what is left to the app.
pub(super) fn lack_of_answer(kind: &Kind, role: Role, expected: &Expected) -> Option<Lack> {
    let in_memory = || {
        let stored = expected.size.stored?;
        let memory = memory_for(kind, stored)?;
        Some(Lack::Strained(format!(
            "it keeps everything in memory, of which {stored} take about {memory}"
        )))
    };
    let left = || Some(Lack::Strained(kind.fit(role)?.but.clone()?));
    let lack = lack(kind, role, expected).or_else(in_memory);
    match (lack, left()) {
        (Some(Lack::Strained(lack)), Some(left)) => {
            Some(Lack::Strained(format!("{lack}; {}", left.said())))
        }
        (lack, left) => lack.or(left),
    }
}

/// The memory that a kind takes which keeps so much there; nothing if it keeps it elsewhere, or by default has as much.
pub(super) fn memory_for(kind: &Kind, stored: ByteSize) -> Option<ByteSize> {
    let memory = &kind.container.as_ref()?.memory;
    let part = memory.for_data?;
    let room = memory.limit.0 as f64 * part;
    // In steps that are written without a loss.
    let steps = (stored.0 as f64 / part / STEP.0 as f64).ceil();
    (stored.0 as f64 > room).then_some(ByteSize((steps as u64).saturating_mul(STEP.0)))
}

/// The step in which memory is given.
const STEP: ByteSize = ByteSize(512 << 20);

/// What is required of a role and a kind does not do by itself in it.
pub fn missing(kind: &Kind, role: Role, demand: &Demand) -> Vec<Requirement> {
    let offers = kind.fit(role).map_or(&[][..], |fit| &fit.offers);
    let required = demand.requires.iter().copied();
    required
        .filter(|required| !offers.contains(required))
        .collect()
}

/// Requirements none of which is there: `redelivery`, `dead-letters` or `many-readers`.
pub fn any_of(requirements: &[Requirement]) -> String {
    let words: Vec<String> = requirements
        .iter()
        .map(|required| format!("`{}`", required.as_str()))
        .collect();
    match words.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        _ => words.concat(),
    }
}

/// Whether a kind fills a role well, and keeps what must be kept.
pub fn fills_well(kind: &Kind, role: Role) -> bool {
    let well = kind.fit(role).is_some_and(|fit| fit.fit >= Fit::Fair);
    well && (kind.keeps_data || !role.is_durable())
}

/// How far a kind falls short in a role: what is required and missing, and how many times too large what is expected
/// is. Of two, the lesser falls short by less.
pub(super) fn shortfall(kind: &Kind, role: Role, expected: &Expected) -> (usize, u64) {
    let missing = missing(kind, role, &expected.demand).len();
    let Some(fit) = kind.fit(role) else {
        return (missing, u64::MAX);
    };
    let size = &expected.size;
    let times = |asked: Option<u64>, most: Option<u64>| match (asked, most) {
        (Some(asked), Some(most)) if asked > most => asked.div_ceil(most.max(1)),
        _ => 0,
    };
    let stored = fit.at_most.or(fit.holds).map(|most| most.0);
    let beyond = [
        times(size.stored.map(|stored| stored.0), stored),
        times(
            size.writes_per_second.map(u64::from),
            fit.writes_per_second.map(u64::from),
        ),
        times(
            size.kept_for.map(|kept| kept.days.into()),
            fit.keeps_for.map(|keeps| keeps.days.into()),
        ),
    ];
    (missing, beyond.into_iter().sum())
}

/// Whether a kind fills a role well and as expected.
pub(super) fn is_able(kind: &Kind, role: Role, expected: &Expected) -> bool {
    let unable = matches!(lack(kind, role, expected), Some(Lack::Unable(_)));
    fills_well(kind, role) && !unable
}
