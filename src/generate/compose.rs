//! One compose file per host: self-contained, fully resolved, without secrets.

use std::collections::BTreeMap;

use crate::catalog::Container;
use crate::generate::compose_view::{
    ComposeView, HealthcheckView, LabelView, MountView, NetworkView, SecretView, ServiceView,
    VariableView, compose_size, ports,
};
use crate::generate::container_context::{self, ContainerInputs};
use crate::generate::container_text::{ContainerText, ContainerTexts, variable_mark};
use crate::generate::dependencies::{self, Circles};
use crate::generate::quote::unmarked;
use crate::generate::secret_file::{self, Line, Style};
use crate::generate::{Artifact, Audience, GenerateError, Inputs, compose_container, fingerprint};
use crate::model::{ComponentName, FILES_LABEL, Quoting, RunsAs, Tier};
use crate::settings::{SecretId, all_addressed};
use crate::template::Templates;
use crate::topology::{Component, Host, Instance, Limits, Link, Locality, Service, Topology, What};

/// Most processes and threads in the container of a service.
const PIDS: u32 = 1024;
/// The same for an app, of whose threads nothing is known: far below what stops a machine.
const APP_PIDS: u32 = 4096;
/// The network that nothing leaves.
const INSIDE: &str = "inside";
/// The network that reaches the outside and can publish ports.
const OUTSIDE: &str = "outside";

/// The template engines of a run.
pub(super) struct Engines<'a> {
    /// For tags and connection strings.
    pub templates: &'a Templates,
    /// For the texts of containers.
    pub texts: ContainerTexts,
}

/// What a host's containers need.
#[derive(Default)]
pub(super) struct Composed {
    /// The compose file and what it needs beside it; nothing for a host without containers.
    pub artifacts: Vec<Artifact>,
    /// What somebody must see to before the first start, a sentence each.
    pub before_start: Vec<String>,
}

/// The compose file of a host, what it needs beside it, and what precedes its first start.
///
/// # Errors
///
/// When a text of a template cannot be rendered or said.
pub(super) fn generate(
    inputs: &Inputs,
    engines: &Engines,
    (topology, host): (&Topology, &Host),
    circles: &Circles,
) -> Result<Composed, GenerateError> {
    let mut composer = Composer {
        inputs,
        engines,
        topology,
        host,
        circles,
        limits: topology.limits(host),
        folder: format!("{}/{}", topology.environment, host.name),
        secrets: BTreeMap::new(),
        variables: BTreeMap::new(),
        composed: Composed::default(),
    };
    let services = containers_on(topology, host)
        .map(|component| composer.service(component))
        .collect::<Result<Vec<_>, _>>()?;
    match services.is_empty() {
        true => Ok(Composed::default()),
        false => composer.finish(services),
    }
}

/// The components of a host that run in containers which Backstay writes, by name.
pub(super) fn containers_on<'t>(
    topology: &'t Topology,
    host: &'t Host,
) -> impl Iterator<Item = &'t Component> {
    let components = host
        .runs
        .iter()
        .filter_map(|name| topology.components.get(name));
    let mut containers: Vec<&Component> = components
        .filter(|component| topology.writes_container(component, host))
        .collect();
    containers.sort_by_key(|component| &component.name);
    containers.into_iter()
}

struct Composer<'a> {
    inputs: &'a Inputs<'a>,
    engines: &'a Engines<'a>,
    topology: &'a Topology,
    host: &'a Host,
    circles: &'a Circles,
    limits: BTreeMap<&'a ComponentName, Limits>,
    folder: String,
    /// Files with credentials, by name.
    secrets: BTreeMap<String, String>,
    /// Lines of the host's `.env`.
    variables: BTreeMap<SecretId, Line>,
    composed: Composed,
}

impl<'a> Composer<'a> {
    fn service(&mut self, component: &Component) -> Result<ServiceView, GenerateError> {
        let common = self.common(component);
        let view = match &component.what {
            What::App(app) => compose_container::of_app(common, component, app),
            What::Service(service) if !component.is_from_catalog() => {
                self.plain_view(common, component, service)?
            }
            What::Service(service) => self.service_view(common, component, service)?,
        };
        for name in component.container.secrets_in_words() {
            self.add_variable(SecretId::of(component, name));
        }
        let plan_folder = self.inputs.plan_folder;
        Ok(compose_container::said(view, component, plan_folder))
    }

    /// What apps and services have in common.
    fn common(&self, component: &Component) -> ServiceView {
        let instance = self.instance(component);
        let links = self.topology.uses_of(&instance);
        let publications = self.topology.publications_of(&instance);
        // Only what is published or connects to the outside leaves the inner network.
        let goes_out = component.app().is_some()
            || !publications.is_empty()
            || links
                .iter()
                .any(|link| link.connection.via.locality() == Locality::External);
        let beside = |link: &&Link| link.connection.via.locality() == Locality::Internal;
        let to_process = |link: &Link| link.target_component.runs_as == RunsAs::Process;
        let limits = self.limits.get(&component.name).copied();
        let limits = limits.unwrap_or_default();
        ServiceView {
            name: component.name.to_string(),
            restart: match (component.runs_as, self.topology.tier) {
                (RunsAs::Job, _) | (_, Some(Tier::Local | Tier::Test)) => "no".to_owned(),
                _ => "unless-stopped".to_owned(),
            },
            init: true,
            depends_on: dependencies::of(
                (self.topology, self.host),
                component,
                &links,
                self.circles,
            ),
            ports: ports(publications, self.host),
            extra_hosts: match links.iter().filter(beside).any(to_process) {
                true => vec![format!("{}:host-gateway", crate::topology::HOST_GATEWAY)],
                false => Vec::new(),
            },
            networks: if goes_out {
                vec![INSIDE, OUTSIDE]
            } else {
                vec![INSIDE]
            },
            no_new_privileges: true,
            memory: limits.memory.map(compose_size),
            cpus: limits.cpus.map(|cpus| cpus.to_string()),
            pids: Some(match component.what {
                What::App(_) => APP_PIDS,
                What::Service(_) => PIDS,
            }),
            ..ServiceView::default()
        }
    }

    fn service_view(
        &mut self,
        common: ServiceView,
        component: &Component,
        service: &Service,
    ) -> Result<ServiceView, GenerateError> {
        let container = service
            .kind
            .container
            .as_ref()
            .expect("components without a container are filtered out");
        let mut text = self.text(component);
        let environment = self.environment(&mut text, component, container)?;
        let entrypoint = text.render_all("entrypoint", &container.entrypoint)?;
        let command = text.render_all("command", &container.command)?;
        let test = text.render_all("healthcheck", &container.healthcheck.test)?;
        let (files, labels) = self.files(&mut text, component, &container.files)?;
        let before_start = text.render_all("before-start", &container.before_start)?;
        self.add_before_start(component, container, before_start);
        let secrets = self.secret_files(&text);
        self.add_variables(&text);
        let volumes = container
            .volumes
            .iter()
            .filter(|volume| volume.applies_to(&service.version));
        Ok(ServiceView {
            image: self.image(component, service)?,
            hostname: container.fixed_hostname.then(|| component.name.to_string()),
            user: container.user.clone(),
            consent: container.consent.as_ref().map(|consent| consent.to.clone()),
            entrypoint,
            command,
            environment,
            healthcheck: Some(HealthcheckView {
                test,
                interval: Some(container.healthcheck.interval.clone()),
                timeout: Some(container.healthcheck.timeout.clone()),
                retries: Some(container.healthcheck.retries),
                start_period: Some(container.healthcheck.start_period.clone()),
                disable: false,
            }),
            volumes: volumes
                .map(|volume| MountView {
                    source: format!("{}-{}", component.name, volume.name),
                    target: volume.path.clone(),
                    read_only: false,
                })
                .collect(),
            files,
            labels,
            secrets,
            read_only: container.read_only,
            tmpfs: container.tmpfs.clone(),
            drop_capabilities: vec!["ALL".to_owned()],
            capabilities: container.capabilities.clone(),
            no_new_privileges: container.no_new_privileges,
            ulimits: container.ulimits.clone(),
            shared_memory: container.shared_memory.map(compose_size),
            stop_grace: container.stop_grace.clone(),
            ..common
        })
    }

    /// A service that the catalog only knows by name: as the plan says, and no more.
    fn plain_view(
        &mut self,
        common: ServiceView,
        component: &Component,
        service: &Service,
    ) -> Result<ServiceView, GenerateError> {
        let mut environment = self.settings(component);
        self.add_secret_settings(&mut environment, component);
        let variables = environment.into_iter();
        Ok(ServiceView {
            image: self.image(component, service)?,
            environment: variables
                .map(|(name, value)| VariableView { name, value })
                .collect(),
            ..common
        })
    }

    /// The settings of a component, with the addresses that stand in them.
    fn settings(&self, component: &Component) -> BTreeMap<String, String> {
        let settings = all_addressed(self.topology, &self.instance(component)).into_iter();
        let settings = settings.map(|(name, value)| (name, unmarked(&value).into_owned()));
        settings.collect()
    }

    /// Settings that are credentials come from the host's `.env`.
    fn add_secret_settings(
        &mut self,
        environment: &mut BTreeMap<String, String>,
        component: &Component,
    ) {
        for name in &component.secret_settings {
            let id = SecretId::of(component, name.as_str());
            environment.insert(name.to_string(), variable_mark(&id.variable()));
            self.add_variable(id);
        }
    }

    /// The texts of a component's container.
    fn text<'c>(&self, component: &'c Component) -> ContainerText<'c>
    where
        'a: 'c,
    {
        let place = ContainerInputs {
            templates: self.engines.templates,
            catalog: self.inputs.catalog,
            plan: self.inputs.plan,
            topology: self.topology,
            instance: &self.instance(component),
        };
        let context = minijinja::Value::from(container_context::of(&place));
        self.engines.texts.of(self.topology, component, context)
    }

    /// What a consent says and what the kind says, for the runbook.
    fn add_before_start(
        &mut self,
        component: &Component,
        container: &Container,
        said: Vec<String>,
    ) {
        let consent = container.consent.iter();
        let accepted = consent.map(|consent| format!("Starting it accepts {}.", consent.to));
        let place = format!("{} on {}", component.name, self.host.name);
        let lines = accepted.chain(said).map(|line| format!("{place}: {line}"));
        self.composed.before_start.extend(lines);
    }

    fn environment(
        &mut self,
        text: &mut ContainerText,
        component: &Component,
        container: &Container,
    ) -> Result<Vec<VariableView>, GenerateError> {
        let mut variables = BTreeMap::new();
        let of_kind = container.environment.iter();
        for (name, template) in of_kind.filter(|(name, _)| !component.says_otherwise(name)) {
            if let Some(value) = text.render_some(name, template)? {
                variables.insert(name.clone(), value);
            }
        }
        if let Some(consent) = &container.consent {
            variables.insert(consent.variable.clone(), consent.value.clone());
        }
        variables.extend(self.settings(component));
        self.add_secret_settings(&mut variables, component);
        Ok(variables
            .into_iter()
            .map(|(name, value)| VariableView { name, value })
            .collect())
    }

    /// The files that are mounted, and the label that changes with their texts: Compose does not see those, and would
    /// leave a container running with what it has read before.
    fn files(
        &mut self,
        text: &mut ContainerText,
        component: &Component,
        files: &[crate::catalog::ContainerFile],
    ) -> Result<(Vec<MountView>, Vec<LabelView>), GenerateError> {
        let (mut mounts, mut texts) = (Vec::new(), Vec::new());
        for file in files {
            let beside = format!("config/{}/{}", component.name, file.name);
            let text = text.render_file(&file.name, &file.text)?;
            texts.push((file.path.as_str(), text.clone()));
            self.composed.artifacts.push(Artifact {
                path: format!("{}/{beside}", self.folder),
                text,
                audience: Audience::Everybody,
            });
            mounts.push(MountView {
                source: format!("./{beside}"),
                target: file.path.clone(),
                read_only: true,
            });
        }
        let texts = texts.iter().map(|(path, text)| (*path, text.as_str()));
        let label = (!mounts.is_empty()).then(|| LabelView {
            name: FILES_LABEL.to_owned(),
            value: fingerprint::of_texts(texts),
        });
        Ok((mounts, label.into_iter().collect()))
    }

    fn secret_files(&mut self, text: &ContainerText) -> Vec<String> {
        let mut names = Vec::new();
        for id in &text.files {
            let value = self.inputs.secrets.get(id).cloned().unwrap_or_default();
            self.secrets.insert(id.file_name(), value);
            names.push(id.file_name());
        }
        names
    }

    fn add_variables(&mut self, text: &ContainerText) {
        for id in &text.variables {
            self.add_variable(id.clone());
        }
    }

    fn add_variable(&mut self, id: SecretId) {
        let title = &self.topology.components[&id.service].kind().title;
        let line = Line {
            name: id.variable(),
            value: self.inputs.secrets.get(&id).cloned().unwrap_or_default(),
            comment: format!("{}: {title}", id.service),
            note: None,
            is_secret: true,
        };
        self.variables.insert(id, line);
    }

    fn image(&self, component: &Component, service: &Service) -> Result<String, GenerateError> {
        if let Some(image) = &service.image {
            return Ok(unmarked(image).into_owned());
        }
        // What is built without a name gets one from Compose; the catalog's is another image.
        if component.build.is_some() {
            return Ok(String::new());
        }
        let image = service
            .kind
            .image
            .as_ref()
            .expect("a kind with a container has an image");
        let version = unmarked(&service.version).into_owned();
        let context = minijinja::context! { version => version };
        let tag =
            self.engines
                .templates
                .render(&image.tag, crate::catalog::Encoding::Plain, context);
        let tag = tag.map_err(|error| GenerateError::Unsayable {
            path: self.folder.clone(),
            name: component.name.to_string(),
            reason: error.to_string(),
        })?;
        Ok(format!("{}:{tag}", image.name))
    }

    fn instance(&self, component: &Component) -> Instance {
        Instance {
            component: component.name.clone(),
            host: self.host.name.clone(),
        }
    }

    fn finish(mut self, services: Vec<ServiceView>) -> Result<Composed, GenerateError> {
        let mut volumes: Vec<String> = services
            .iter()
            .flat_map(|service| service.volumes.iter().map(|volume| volume.source.clone()))
            .collect();
        volumes.sort();
        volumes.dedup();
        let used = |network: &str| {
            services
                .iter()
                .any(|service| service.networks.contains(&network))
        };
        let networks = [(INSIDE, true), (OUTSIDE, false)];
        let view = ComposeView {
            plan: self.inputs.plan.to_owned(),
            environment: self.topology.environment.to_string(),
            host: self.host.name.to_string(),
            has_loose_job: dependencies::has_loose_job(self.topology, self.host),
            project: format!("{}-{}", self.inputs.plan, self.topology.environment),
            networks: networks
                .into_iter()
                .filter(|(name, _)| used(name))
                .map(|(name, internal)| NetworkView { name, internal })
                .collect(),
            volumes,
            secrets: self
                .secrets
                .keys()
                .map(|name| SecretView {
                    name: name.clone(),
                    file: format!("./secrets/{name}"),
                })
                .collect(),
            services,
        };
        let artifacts = &mut self.composed.artifacts;
        artifacts.push(Artifact {
            path: format!("{}/compose.yaml", self.folder),
            text: self.inputs.renderer.render("compose.yaml.j2", &view)?,
            audience: Audience::Everybody,
        });
        for (name, value) in &self.secrets {
            artifacts.push(Artifact {
                path: format!("{}/secrets/{name}", self.folder),
                text: value.clone(),
                audience: Audience::Container,
            });
        }
        if !self.variables.is_empty() {
            let path = format!("{}/.env", self.folder);
            let lines: Vec<Line> = self.variables.into_values().collect();
            let renderer = self.inputs.renderer;
            let style = Style {
                header: "host.env.header",
                quoting: Quoting::Compose,
            };
            secret_file::push(renderer, &path, style, &lines, artifacts)?;
        }
        Ok(self.composed)
    }
}
