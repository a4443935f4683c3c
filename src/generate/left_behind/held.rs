//! The files of before that stay until a part is deleted, because old containers mount them.
//!
//! The engine starts no container, and copies nothing out of one that is stopped, whose files are gone.

use crate::generate::left_behind::Item;
use crate::generate::left_behind::container::OldContainer;
use crate::generate::left_behind::steps::Steps;

/// Where a host's folder has the files without credentials that its containers mount.
const CONFIG: &str = "config/";

impl Steps<'_> {
    /// What keeps all that go of the files that an old container mounts, without a word that ends it.
    pub(super) fn held(&self, item: &Item, old: &OldContainer) -> Option<String> {
        self.held_where(item, old, |_| true)
    }

    /// As `held`, of the files without credentials: for a container that only runs on until it is taken down.
    pub(super) fn held_config(&self, item: &Item, old: &OldContainer) -> Option<String> {
        self.held_where(item, old, |file| file.starts_with(CONFIG))
    }

    fn held_where(
        &self,
        item: &Item,
        old: &OldContainer,
        is_meant: impl Fn(&str) -> bool,
    ) -> Option<String> {
        let of_host = format!("{}/{}/", item.environment, item.host);
        let files = old.own_files().into_iter();
        let files = files
            .filter(|file| is_meant(file) && self.now.written.goes(&format!("{of_host}{file}")));
        // Each is known by what stands in these quotes: see `is_held`.
        let files: Vec<String> = files
            .map(|file| format!("`{}/{of_host}{file}`", self.output))
            .collect();
        let stay = if files.len() == 1 { "stays" } else { "stay" };
        (!files.is_empty()).then(|| {
            format!(
                "For that, {} {stay} until this part is deleted",
                files.join(", ")
            )
        })
    }
}
