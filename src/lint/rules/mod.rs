//! Every rule about the plan's meaning, one file each. To add one: its file, its `mod`, its line below.

mod app_without_port;
mod backup_beside_data;
mod borrowed_from_production;
mod circular_use;
mod cloud_only_on_machine;
mod default_credential;
mod duplicate_name;
mod end_of_life_version;
mod ephemeral_store_for_durable_role;
mod external_in_local;
mod external_in_test;
mod external_without_address;
mod files_in_database;
mod host_overcommitted;
mod impossible_wait;
mod internal_in_production;
mod invalid_image;
mod invalid_mount;
mod invalid_part;
mod kind_drift;
mod literal_address;
mod loopback_address;
mod managed_in_local;
mod missing_in_environment;
mod missing_use;
mod no_backup;
mod no_password;
mod no_way_in;
mod outgrown;
mod overlapping_services;
mod plaintext_across_hosts;
mod port_clash;
mod published_to_the_world;
mod relative_mount;
mod secret_in_plan;
mod shared_secret;
mod single_host_production;
mod split_volume;
mod stand_in_in_use;
mod supply_warning;
mod two_passwords;
mod unanswered_need;
mod unbindable_address;
mod unclusterable_replicas;
mod unknown_name;
mod unknown_setting;
mod unknown_version;
mod unopened_port;
mod unpinned_image;
mod unplaced;
mod unreachable_proxy;
mod unsuitable_role;
mod untold_address;
mod unused_acceptance;
mod unused_service;
mod unused_setting;
mod variable_clash;
mod version_drift;

use crate::lint::Rule;

/// The rule that looks at files with credentials besides.
pub(super) static SHARED_SECRET: &Rule = &shared_secret::RULE;

/// Every rule, in the order they are shown.
pub static RULES: &[&Rule] = &[
    // Placement.
    &internal_in_production::RULE,
    &external_in_test::RULE,
    &external_in_local::RULE,
    &borrowed_from_production::RULE,
    &unplaced::RULE,
    &single_host_production::RULE,
    &cloud_only_on_machine::RULE,
    &managed_in_local::RULE,
    &unclusterable_replicas::RULE,
    &port_clash::RULE,
    &host_overcommitted::RULE,
    // Roles.
    &unanswered_need::RULE,
    &missing_use::RULE,
    &unused_service::RULE,
    &overlapping_services::RULE,
    &ephemeral_store_for_durable_role::RULE,
    &unsuitable_role::RULE,
    &files_in_database::RULE,
    &outgrown::RULE,
    // Parity.
    &kind_drift::RULE,
    &version_drift::RULE,
    &missing_in_environment::RULE,
    &unused_acceptance::RULE,
    &split_volume::RULE,
    &stand_in_in_use::RULE,
    // Configuration.
    &external_without_address::RULE,
    &app_without_port::RULE,
    &secret_in_plan::RULE,
    &shared_secret::RULE,
    &default_credential::RULE,
    &no_password::RULE,
    &two_passwords::RULE,
    &published_to_the_world::RULE,
    &unbindable_address::RULE,
    &literal_address::RULE,
    &loopback_address::RULE,
    &unknown_setting::RULE,
    &untold_address::RULE,
    &unopened_port::RULE,
    &plaintext_across_hosts::RULE,
    &unreachable_proxy::RULE,
    &no_way_in::RULE,
    &unused_setting::RULE,
    &invalid_part::RULE,
    &invalid_image::RULE,
    &invalid_mount::RULE,
    &relative_mount::RULE,
    &impossible_wait::RULE,
    &variable_clash::RULE,
    // Upkeep.
    &unpinned_image::RULE,
    &end_of_life_version::RULE,
    &unknown_version::RULE,
    &supply_warning::RULE,
    &no_backup::RULE,
    &backup_beside_data::RULE,
    // Graph.
    &circular_use::RULE,
    &unknown_name::RULE,
    &duplicate_name::RULE,
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The rules that the folder holds, as the file system has them.
    #[expect(
        clippy::disallowed_methods,
        reason = "the test compares the list with the folder"
    )]
    fn rule_files() -> Vec<String> {
        let path = format!("{}/src/lint/rules", env!("CARGO_MANIFEST_DIR"));
        let files = std::fs::read_dir(path).expect("the folder is part of the source");
        let names = files.filter_map(|file| {
            Some(
                file.ok()?
                    .file_name()
                    .to_str()?
                    .strip_suffix(".rs")?
                    .replace('_', "-"),
            )
        });
        let mut names: Vec<String> = names.filter(|name| name != "mod").collect();
        names.sort();
        names
    }

    #[test]
    fn the_list_holds_every_file_of_the_folder() {
        let mut listed: Vec<&str> = RULES.iter().map(|rule| rule.info.name).collect();
        listed.sort();
        assert_eq!(listed, rule_files());
    }

    #[test]
    fn every_rule_explains_itself() {
        for rule in crate::lint::all_rules() {
            for heading in ["What it finds:", "Why it matters:", "Instead:"] {
                assert!(
                    rule.explanation.contains(heading),
                    "`{}` does not say: {heading}",
                    rule.name
                );
            }
        }
    }
}
