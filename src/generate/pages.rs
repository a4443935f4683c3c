//! The pages of an environment that people open in a browser, and with what they log in to them.

use serde::Serialize;

use crate::catalog::Login;
use crate::settings::{self, SecretNeed};
use crate::topology::{Component, Instance, Publication, Reach, Service, Topology};

/// A page, and with what people log in to it.
#[derive(Serialize)]
pub(super) struct PageView {
    pub host: String,
    pub component: String,
    pub url: String,
    pub user: String,
    pub credentials: String,
}

/// What people open in a browser, where it is published, and what its service lets people in with.
pub(super) fn pages(topology: &Topology) -> Vec<PageView> {
    let needs = settings::needs(topology);
    let page = |publication: &Publication| {
        let component = topology.components.get(&publication.instance.component)?;
        let host = topology.hosts.get(&publication.instance.host)?;
        let service = component.service()?;
        let mut ports = service.kind.ports.iter();
        ports.find(|port| port.people && port.number == publication.container_port)?;
        let address = match (publication.reach, &host.address) {
            (Reach::Machine, _) => "127.0.0.1".to_owned(),
            (_, Some(address)) => address.to_string(),
            (_, None) => host.name.to_string(),
        };
        let login = login(topology, &publication.instance, &needs);
        Some(PageView {
            host: host.name.to_string(),
            component: component.name.to_string(),
            url: format!("http://{address}:{}", publication.port),
            user: login.user,
            credentials: login.credentials,
        })
    };
    topology.publications().filter_map(page).collect()
}

/// With what people log in to a page; empty where it asks for nothing, or where nobody here knows.
#[derive(Default)]
struct LoginView {
    user: String,
    credentials: String,
}

/// With what people log in to the page of an instance.
fn login(topology: &Topology, instance: &Instance, needs: &[SecretNeed]) -> LoginView {
    let component = topology.components.get(&instance.component);
    let Some(known) = component.and_then(Known::of) else {
        return LoginView::default();
    };
    if !known.login.of_used {
        return known.view(needs);
    }
    let mut used = topology
        .connections_from(instance)
        .into_iter()
        .filter_map(|link| Known::of(link.target_component));
    used.next().map(|used| used.view(needs)).unwrap_or_default()
}

/// A service that the catalog set up, and with what people log in to it.
struct Known<'t> {
    component: &'t Component,
    service: &'t Service,
    login: &'t Login,
}

impl<'t> Known<'t> {
    fn of(component: &'t Component) -> Option<Known<'t>> {
        let service = component
            .service()
            .filter(|_| component.is_from_catalog())?;
        Some(Known {
            component,
            service,
            login: service.kind.login.as_ref()?,
        })
    }

    fn view(&self, needs: &[SecretNeed]) -> LoginView {
        let part = || self.service.parts.get("user").cloned();
        let default = || self.service.kind.parts.get("user")?.default.clone();
        let of_app = part().or_else(default);
        let secrets = match &self.login.user {
            Some(user) if of_app.as_ref() == Some(user) => &self.login.secrets_of_app,
            _ => &self.login.secrets,
        };
        let own = needs.iter().filter(|need| {
            need.id.service == self.component.name && secrets.contains(&need.id.name)
        });
        let credentials: Vec<String> = own.map(|need| need.id.variable()).collect();
        LoginView {
            user: self.login.user.clone().or(of_app).unwrap_or_default(),
            credentials: credentials.join(", "),
        }
    }
}
