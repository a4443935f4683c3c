//! What waits for what before it starts, among the containers of one host.

use std::collections::BTreeMap;

use crate::generate::compose::containers_on;
use crate::generate::compose_view::DependencyView;
use crate::model::{ComponentName, Restart, Role, RunsAs, Wait};
use crate::topology::{Component, Host, Instance, Link, Topology};

/// Components that use each other in a circle, by the circle's number; they cannot wait for each other.
pub(super) type Circles = BTreeMap<ComponentName, usize>;

/// What a component waits for that uses others by `links`.
pub(super) fn of(
    (topology, host): (&Topology, &Host),
    component: &Component,
    links: &[Link],
    circles: &Circles,
) -> Vec<DependencyView> {
    let circle = |name: &ComponentName| circles.get(name);
    let own_circle = circle(&component.name);
    let waits_for = |link: &&Link| {
        let target = &link.target.component;
        own_circle.is_none() || circle(target) != own_circle
    };
    let waits = waits(topology, host, links.iter().filter(waits_for));
    let view = |(target, wait): (&Component, Wait)| {
        Some(DependencyView {
            name: target.name.to_string(),
            condition: match wait {
                Wait::Nothing => return None,
                Wait::Started => "service_started",
                Wait::Healthy => "service_healthy",
                Wait::Completed => "service_completed_successfully",
            },
        })
    };
    waits.filter_map(view).collect()
}

/// Whether a job of the host, or what may be one, ends while nothing waits for that. Compose then takes its end for
/// a failure of what it was told to wait for.
pub(super) fn has_loose_job(topology: &Topology, host: &Host) -> bool {
    let is_job = |component: &&Component| component.runs_as == RunsAs::Job || may_end(component);
    let mut jobs = containers_on(topology, host).filter(is_job);
    jobs.any(|job| {
        let instance = Instance {
            component: job.name.clone(),
            host: host.name.clone(),
        };
        let users = topology.users_of(&instance);
        let beside = users.iter().filter(|link| {
            let user = link.user_component;
            link.user.host == host.name && topology.writes_container(user, host)
        });
        let mut waits = waits(topology, host, beside);
        !waits.any(|(_, wait)| wait == Wait::Completed)
    })
}

/// Whether an app may do its work and end, which nobody knows of most images: nobody can connect to it, nothing tests
/// it, and the plan says that it stays as it is once it has ended well.
fn may_end(component: &Component) -> bool {
    let container = &component.container;
    let stays = matches!(
        container.restart,
        Some(Restart::Never | Restart::OnFailure(_))
    );
    let listens = component.port.is_some() || !container.ports.is_empty();
    component.app().is_some() && stays && !listens && container.healthcheck.test.is_none()
}

fn waits<'t: 'l, 'l>(
    topology: &'t Topology,
    host: &'l Host,
    links: impl Iterator<Item = &'l Link<'t>>,
) -> impl Iterator<Item = (&'t Component, Wait)> {
    links
        .filter(|link| link.target.host == host.name)
        // Copies are made later; what keeps them may come and go.
        .filter(|link| link.connection.roles != [Role::Backup])
        .map(|link| (link, link.target_component))
        .filter(|(_, target)| topology.writes_container(target, host))
        .map(|(link, target)| {
            let said = link.connection.wait;
            (target, said.unwrap_or_else(|| usual(target)))
        })
}

/// What is waited for if the plan says nothing. An app's image is not known well enough to say when it is
/// healthy, unless the plan says how to see that.
fn usual(target: &Component) -> Wait {
    let check = &target.container.healthcheck;
    let is_tested = check.test.is_some() || target.catalog_container().is_some();
    match target.runs_as {
        RunsAs::Job => Wait::Completed,
        _ if is_tested && !check.is_off() => Wait::Healthy,
        _ => Wait::Started,
    }
}
