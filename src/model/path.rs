//! Where something stands in the plan: the one address used by findings, edits and reports.

/// One step from a table or list to what it holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// A key of a table.
    Key(String),
    /// The element of a list that has this text.
    Item(String),
}

/// A path through the plan: `environments.prod.hosts.app-1.runs[db]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PlanPath(Vec<Step>);

impl PlanPath {
    /// The whole plan.
    pub fn root() -> Self {
        PlanPath::default()
    }

    /// A path of keys.
    pub fn keys<'a>(keys: impl IntoIterator<Item = &'a str>) -> Self {
        PlanPath(
            keys.into_iter()
                .map(|key| Step::Key(key.to_owned()))
                .collect(),
        )
    }

    /// `[apps.NAME]`
    pub fn app(name: &str) -> Self {
        PlanPath::keys(["apps", name])
    }

    /// `[services.NAME]`
    pub fn service(name: &str) -> Self {
        PlanPath::keys(["services", name])
    }

    /// `[environments.NAME]`
    pub fn environment(name: &str) -> Self {
        PlanPath::keys(["environments", name])
    }

    /// `[environments.ENVIRONMENT.hosts.NAME]`
    pub fn host(environment: &str, name: &str) -> Self {
        PlanPath::keys(["environments", environment, "hosts", name])
    }

    /// The word in a host's `runs` that places a component there.
    pub fn placement(environment: &str, host: &str, component: &str) -> Self {
        PlanPath::host(environment, host)
            .key("runs")
            .item(component)
    }

    /// This path and one key more.
    pub fn key(mut self, key: &str) -> Self {
        self.0.push(Step::Key(key.to_owned()));
        self
    }

    /// This path and one list element more.
    pub fn item(mut self, text: &str) -> Self {
        self.0.push(Step::Item(text.to_owned()));
        self
    }

    /// The list that this is an element of; `None` if it is a key.
    pub fn list(&self) -> Option<PlanPath> {
        match self.0.split_last() {
            Some((Step::Item(_), list)) => Some(PlanPath(list.to_vec())),
            _ => None,
        }
    }

    /// The steps from the root.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Whether it is of something that one environment says.
    pub fn leads_into_an_environment(&self) -> bool {
        matches!(self.0.first(), Some(Step::Key(table)) if table == "environments")
    }

    /// The last step and the path before it; `None` at the root.
    pub fn split_last(&self) -> Option<(&Step, PlanPath)> {
        let (last, before) = self.0.split_last()?;
        Some((last, PlanPath(before.to_vec())))
    }
}

impl std::fmt::Display for PlanPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            let bare = |text: &str| {
                !text.is_empty()
                    && text
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            };
            match step {
                Step::Key(key) => {
                    let dot = if index == 0 { "" } else { "." };
                    if bare(key) {
                        write!(f, "{dot}{key}")?;
                    } else {
                        write!(f, "{dot}\"{}\"", key.escape_debug())?;
                    }
                }
                Step::Item(text) => write!(f, "[{}]", text.escape_debug())?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_like_the_plan_and_hides_nothing() {
        let path = PlanPath::placement("prod", "app-1", "db");
        assert_eq!(path.to_string(), "environments.prod.hosts.app-1.runs[db]");
        assert_eq!(
            PlanPath::app("a\u{1b}.b").to_string(),
            "apps.\"a\\u{1b}.b\""
        );
    }
}
