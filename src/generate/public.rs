//! What an environment that people reach needs of its owner, because no plan can know it: its public names, and
//! encryption on the way in.

use crate::catalog::{Kind, PublicSetting};
use crate::model::{Role, Tier};
use crate::topology::{Component, Publication, Reach, Topology};

/// What is to be seen to, a line each; nothing below staging.
pub(super) fn lines(topology: &Topology) -> Vec<String> {
    if !matches!(topology.tier, Some(Tier::Staging | Tier::Production)) {
        return Vec::new();
    }
    let settings = topology.components.values().flat_map(|component| {
        let wanted = wanted(topology, component).into_iter();
        wanted.map(|setting| {
            format!(
                "{} among the settings of {}: {}",
                setting.name, component.name, setting.reason
            )
        })
    });
    let doors = topology.publications();
    let doors = doors.filter_map(|publication| unencrypted(topology, publication));
    settings.chain(doors).collect()
}

/// The settings that a component wants and nothing says.
fn wanted<'t>(topology: &Topology, component: &'t Component) -> Vec<&'t PublicSetting> {
    let is_ours =
        component.is_from_catalog() && topology.container_hosts(component).next().is_some();
    let service = component.service().filter(|_| is_ours);
    let all = service
        .into_iter()
        .flat_map(|service| &service.kind.public_settings);
    let is_said = |setting: &&PublicSetting| {
        let mut said = component.settings.keys().chain(&component.secret_settings);
        said.any(|name| name.as_str() == setting.name)
    };
    all.filter(|setting| !is_said(setting)).collect()
}

/// That the way in for everybody is not encrypted: the files that Backstay writes for a proxy have no certificates.
fn unencrypted(topology: &Topology, publication: &Publication) -> Option<String> {
    let component = topology.components.get(&publication.instance.component)?;
    let kind = &component
        .service()
        .filter(|_| component.is_from_catalog())?
        .kind;
    let is_way_in = |kind: &Kind| kind.fit(Role::Proxy).is_some_and(|fit| fit.comes_to_apps);
    (publication.reach == Reach::World && is_way_in(kind)).then(|| {
        format!(
            "A certificate for {}: it answers everybody on port {} of {} in plain HTTP. Give it one in its own configuration, or put what ends TLS before it.",
            publication.instance.component, publication.port, publication.instance.host
        )
    })
}
