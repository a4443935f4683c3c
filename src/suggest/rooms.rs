//! The hosts of one environment, and where an answer runs among them.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::catalog::{Kind, Part};
use crate::model::{
    App, Choice, ComponentName, Edit, EditValue, Environment, EnvironmentName, Expose, Host,
    HostKind, HostName, Plan, PlanPath, Role, RunsAs, Tier,
};
use crate::suggest::layout::Places;
use crate::suggest::remarks::{OF_ADDRESS, OF_PROVIDER};
use crate::suggest::target::{Target, offered_by_stack, target};
use crate::suggest::{Answer, AnswerSource, Basis, kind_of};

/// The hosts of an environment.
pub(super) struct Rooms {
    pub environment: EnvironmentName,
    pub tier: Option<Tier>,
    hosts: Vec<Room>,
}

/// A host.
#[derive(Clone)]
struct Room {
    name: String,
    kind: HostKind,
    runs: Vec<String>,
    /// The ports of the machine that are taken.
    ports: BTreeSet<u16>,
    /// Those that its apps take in containers, which they leave to a proxy before them.
    app_ports: BTreeSet<u16>,
    is_own: bool,
    has_address: bool,
    is_new: bool,
}

impl Rooms {
    /// The hosts that an environment declares.
    pub fn of(basis: &Basis, name: &EnvironmentName, declared: &Environment) -> Rooms {
        let room = |(name, host): (&HostName, &Host)| Room {
            name: name.to_string(),
            kind: host.kind.unwrap_or(HostKind::Machine),
            runs: host.runs.iter().map(ToString::to_string).collect(),
            ports: host
                .runs
                .iter()
                .flat_map(|name| ports_of(basis, declared, name))
                .collect(),
            app_ports: host
                .runs
                .iter()
                .filter_map(|name| app_port(basis, name))
                .collect(),
            is_own: host.borrow.is_none(),
            has_address: host.address.is_some(),
            is_new: false,
        };
        Rooms {
            environment: name.clone(),
            tier: basis.plan.tier(name),
            hosts: declared.hosts.iter().map(room).collect(),
        }
    }

    /// Those of some components that it runs itself, on machines or in clusters.
    pub fn run_here<'n>(&self, names: &'n [ComponentName]) -> Vec<&'n ComponentName> {
        let is_here = |name: &&ComponentName| {
            let mut own = self
                .hosts
                .iter()
                .filter(|room| room.is_own && room.kind != HostKind::Managed);
            own.any(|room| room.runs.iter().any(|run| run == name.as_str()))
        };
        names.iter().filter(is_here).collect()
    }

    /// Lets an answer run where it belongs, if those run here who use it and it does not yet.
    pub fn place(
        &mut self,
        basis: &Basis,
        places: &mut Places,
        answer: &Answer,
        role: Role,
        users: &[ComponentName],
        reaches: &[String],
    ) -> Vec<Edit> {
        let near = self.near(users);
        let is_there = self.host_of(&answer.service).is_some();
        let Some(near) = near.filter(|_| !is_there) else {
            return Vec::new();
        };
        self.place_near(basis, places, answer, role, (near, reaches))
    }

    /// As `place`, whoever runs here: where nobody does who uses it, as if an app used it, or somebody on a machine.
    pub fn place_anyway(
        &mut self,
        basis: &Basis,
        places: &mut Places,
        answer: &Answer,
        role: Role,
        users: &[ComponentName],
    ) -> Vec<Edit> {
        let apps: Vec<ComponentName> = basis.plan.apps.keys().cloned().collect();
        let own = |room: &Room| room.is_own;
        let machine = |room: &Room| room.is_own && room.kind == HostKind::Machine;
        let near = self
            .near(users)
            .or_else(|| self.near(&apps))
            .or_else(|| self.hosts.iter().position(machine))
            .or_else(|| self.hosts.iter().position(own));
        match near {
            Some(near) => self.place_near(basis, places, answer, role, (near, &[])),
            None => Vec::new(),
        }
    }

    /// The first host of its own that runs one of these.
    fn near(&self, users: &[ComponentName]) -> Option<usize> {
        let has_user = |room: &Room| {
            let mut users = users.iter();
            users.any(|user| room.runs.iter().any(|run| run == user.as_str()))
        };
        let mut hosts = self.hosts.iter();
        hosts.position(|room| room.is_own && has_user(room))
    }

    /// The first host that runs a component.
    pub fn host_of(&self, name: &str) -> Option<&str> {
        let mut hosts = self.hosts.iter();
        let host = hosts.find(|room| room.runs.iter().any(|run| run == name));
        host.map(|room| room.name.as_str())
    }

    /// Lets an answer run where it belongs, seen from the host `near`.
    fn place_near(
        &mut self,
        basis: &Basis,
        places: &mut Places,
        answer: &Answer,
        role: Role,
        (near, reaches): (usize, &[String]),
    ) -> Vec<Edit> {
        let runs = |room: &Room, name: &str| room.runs.iter().any(|run| run == name);
        // What it connects to from another machine must have an address there.
        let unknown = self.hosts.iter().position(|room| {
            let is_near = room.is_own && room.kind == HostKind::Machine && !room.has_address;
            is_near && reaches.iter().any(|reached| runs(room, reached))
        });
        let target = target(basis, &answer.kind, role, self.tier);
        let at = match target {
            Target::Beside => self.beside(near),
            Target::Apart | Target::Managed
                if unknown.is_some() && answer.kind.runs_on_machines() =>
            {
                unknown.unwrap_or(near)
            }
            Target::Apart => self.apart(basis.plan, role, near),
            Target::Managed => self.at_provider(basis, &answer.kind),
            Target::Cluster => self.in_cluster(&answer.kind),
        };
        let mut edits = self.put(at, &answer.service, places);
        edits.extend(self.addresses(at, reaches, places));
        if answer.source == AnswerSource::New {
            edits.extend(self.told(basis, answer, at));
            edits.extend(self.port(basis, answer, role, at));
        }
        edits
    }

    /// Addresses for other machines without one that run what is reached from the one at `at`.
    fn addresses(&mut self, at: usize, reaches: &[String], places: &mut Places) -> Vec<Edit> {
        let mut edits = Vec::new();
        for (index, room) in self.hosts.iter_mut().enumerate() {
            let is_machine = room.is_own && room.kind == HostKind::Machine && !room.is_new;
            let is_reached = reaches.iter().any(|reached| room.runs.contains(reached));
            if index != at && is_machine && is_reached && !room.has_address {
                let path = PlanPath::host(self.environment.as_str(), &room.name);
                edits.extend(address(&path, &places.next()));
                room.has_address = true;
            }
        }
        edits
    }

    /// Another port for an answer whose own one is taken on its machine. What only containers beside it connect to takes
    /// none there.
    fn port(&mut self, basis: &Basis, answer: &Answer, role: Role, at: usize) -> Option<Edit> {
        let open = open_to_people(self.tier, &answer.kind);
        let kind = on_machine(basis, &answer.kind);
        let is_open = open.is_some() || role == Role::Proxy || kind.is_for_people();
        let is_closed = !is_open && self.is_all_inside(basis.plan, at);
        let room = &mut self.hosts[at];
        if room.kind != HostKind::Machine {
            return None;
        }
        let others = kind.ports.iter().skip(1).map(|port| port.number);
        room.ports.extend(others);
        if is_closed {
            return None;
        }
        // A server of files leaves the port of the web to a proxy, even to one that comes after it.
        let first = match open {
            Some(Expose::World) if role == Role::Proxy => WEB,
            _ => kind.port(),
        };
        let of_apps = |port: &u16| role != Role::Proxy && room.app_ports.contains(port);
        let free = (first..=u16::MAX).find(|port| !room.ports.contains(port) && !of_apps(port))?;
        room.ports.insert(free);
        let service = PlanPath::environment(self.environment.as_str()).key("services");
        (free != kind.port()).then(|| Edit::Set {
            path: service.key(&answer.service).key("port"),
            value: EditValue::Integer(free.into()),
        })
    }

    /// Whether all apps are on this machine, in containers.
    fn is_all_inside(&self, plan: &Plan, at: usize) -> bool {
        let is_inside = |name: &ComponentName, app: &App| {
            let here = self.environment_of(plan).and_then(|it| it.apps.get(name));
            let runs_as = here.and_then(|app| app.runs_as).or(app.runs_as);
            in_container(app) && runs_as != Some(RunsAs::Process)
        };
        self.hosts.iter().enumerate().all(|(index, room)| {
            let mut apps = plan.apps.iter().filter(|(name, _)| {
                let mut runs = room.runs.iter();
                runs.any(|run| run == name.as_str())
            });
            apps.all(|(name, app)| index == at && is_inside(name, app))
        })
    }

    fn environment_of<'p>(&self, plan: &'p Plan) -> Option<&'p Environment> {
        plan.environments.get(&self.environment)
    }

    /// On the host of whoever uses it, or on another machine where that is no machine.
    fn beside(&mut self, near: usize) -> usize {
        match self.hosts[near].kind {
            HostKind::Machine | HostKind::Cluster => near,
            HostKind::Managed => {
                let machine = self.hosts.iter();
                let mut own = machine.enumerate().filter(|(_, room)| room.is_own);
                let found = own.find(|(_, room)| room.kind == HostKind::Machine);
                found
                    .map(|(at, _)| at)
                    .unwrap_or_else(|| self.new_machine("data"))
            }
        }
    }

    fn apart(&mut self, plan: &Plan, role: Role, near: usize) -> usize {
        if self.hosts[near].kind == HostKind::Cluster && role != Role::Backup {
            return near;
        }
        let is_app = |run: &String| plan.apps.contains_key(run.as_str());
        let has_app = |room: &Room| room.runs.iter().any(is_app);
        let is_copy = role == Role::Backup;
        let stem = if is_copy { "backup" } else { "data" };
        // Whoever has everything on one machine in development wants it so.
        let machines = self
            .hosts
            .iter()
            .filter(|room| room.is_own && room.kind == HostKind::Machine);
        let shared = |room: &Room| has_app(room) && !room.runs.iter().all(is_app);
        if self.tier == Some(Tier::Development)
            && machines.clone().count() == 1
            && machines.clone().all(shared)
        {
            return near;
        }
        let fits = |room: &&Room| match is_copy {
            // Copies beside the data would be gone with it.
            true => room.name.starts_with(stem) || room.runs.is_empty(),
            false => !has_app(room) && !room.name.starts_with("backup"),
        };
        let found = machines
            .filter(fits)
            .max_by_key(|room| (room.has_address, room.is_new));
        let name = found.map(|room| room.name.clone());
        let place = |name: String| self.hosts.iter().position(|room| room.name == name);
        match name.and_then(place) {
            Some(at) => at,
            None => self.new_machine(stem),
        }
    }

    fn at_provider(&mut self, basis: &Basis, kind: &Kind) -> usize {
        let by_stack = offered_by_stack(basis, kind).then(|| basis.stack.provider.clone());
        let wanted = by_stack.flatten().unwrap_or_else(|| kind.id.clone());
        self.home(HostKind::Managed, &slug(&wanted))
    }

    fn in_cluster(&mut self, kind: &Kind) -> usize {
        self.home(HostKind::Cluster, &slug(&kind.id))
    }

    /// The host of this kind and name, or a new one.
    fn home(&mut self, kind: HostKind, wanted: &str) -> usize {
        let is_it = |room: &Room| room.is_own && room.kind == kind && room.name == wanted;
        match self.hosts.iter().position(is_it) {
            Some(at) => at,
            None => {
                let taken = |name: &str| self.hosts.iter().any(|room| room.name == name);
                let name = match taken(wanted) {
                    true => self.free(wanted, 2),
                    false => wanted.to_owned(),
                };
                self.add(name, kind)
            }
        }
    }

    fn new_machine(&mut self, stem: &str) -> usize {
        let name = self.free(stem, 1);
        self.add(name, HostKind::Machine)
    }

    fn free(&self, stem: &str, first: usize) -> String {
        let mut names = (first..).map(|number| format!("{stem}-{number}"));
        let free = |name: &String| self.hosts.iter().all(|room| room.name != *name);
        names.find(free).expect("there are more numbers than hosts")
    }

    fn add(&mut self, name: String, kind: HostKind) -> usize {
        self.hosts.push(Room {
            name,
            kind,
            runs: Vec::new(),
            ports: BTreeSet::new(),
            app_ports: BTreeSet::new(),
            is_own: true,
            has_address: false,
            is_new: true,
        });
        self.hosts.len() - 1
    }

    fn put(&mut self, at: usize, service: &str, places: &mut Places) -> Vec<Edit> {
        let room = &mut self.hosts[at];
        let path = PlanPath::host(self.environment.as_str(), &room.name);
        let mut edits = Vec::new();
        if room.is_new && room.runs.is_empty() {
            match room.kind {
                HostKind::Machine => {
                    edits.extend(address(&path, &places.next()));
                }
                kind => edits.push(Edit::set_text(path.clone().key("kind"), kind.to_string())),
            }
        }
        room.runs.push(service.to_owned());
        edits.push(Edit::Push {
            path: path.key("runs"),
            text: service.to_owned(),
        });
        edits
    }

    /// What the environment must say of a service where it runs.
    fn told(&self, basis: &Basis, answer: &Answer, at: usize) -> Vec<Edit> {
        let environment = PlanPath::environment(self.environment.as_str());
        let service = environment.key("services").key(&answer.service);
        if self.hosts[at].kind == HostKind::Machine {
            // Nobody could reach a web server otherwise, be it before an app or for files.
            let open = open_to_people(self.tier, &answer.kind).into_iter();
            let expose =
                open.map(|expose| Edit::set_text(service.clone().key("expose"), expose.as_str()));
            return expose.collect();
        }
        let kind = &answer.kind;
        let follows = kind
            .endpoint
            .as_ref()
            .and_then(|endpoint| endpoint.address.as_ref());
        let mut edits = Vec::new();
        if follows.is_none() {
            let host = format!(
                "{}.{}.example",
                slug(&answer.service),
                slug(self.environment.as_str())
            );
            edits.extend(address(&service, &host));
        }
        for (part, rule) in &kind.parts {
            if rule.provider_chooses || rule.default.is_none() {
                let path = service.clone().key(part);
                edits.push(Edit::set_text(
                    path.clone(),
                    name_for(basis.plan, &self.environment, rule),
                ));
                edits.push(Edit::comment(path, OF_PROVIDER));
            }
        }
        edits
    }
}

/// The port of the web.
const WEB: u16 = 80;

/// From where people reach it directly, if it is a web server: on a developer's machine from there.
fn open_to_people(tier: Option<Tier>, kind: &Kind) -> Option<Expose> {
    let is_web_server = kind.usual_role() == Some(Role::Proxy);
    is_web_server.then_some(match tier {
        Some(Tier::Staging | Tier::Production) => Expose::World,
        _ => Expose::Machine,
    })
}

/// What a machine runs for a kind: itself, or its stand-in.
fn on_machine(basis: &Basis, kind: &Arc<Kind>) -> Arc<Kind> {
    let stand_in = kind
        .stand_in
        .as_deref()
        .filter(|_| !kind.runs_on_machines());
    let stand_in = stand_in.and_then(|id| basis.catalog.kind(id));
    stand_in.unwrap_or_else(|| kind.clone())
}

fn in_container(app: &App) -> bool {
    app.image.is_some() || app.build.is_some()
}

/// The port that an app takes on its machine from a container.
fn app_port(basis: &Basis, name: &ComponentName) -> Option<u16> {
    let app = basis.plan.apps.get(name)?;
    app.published.or(app.port).filter(|_| in_container(app))
}

/// The ports that a component takes on its machine, as far as the plan tells.
fn ports_of(basis: &Basis, environment: &Environment, name: &ComponentName) -> Vec<u16> {
    let plan = basis.plan;
    if let Some(app) = plan.apps.get(name) {
        return match in_container(app) {
            true => Vec::new(),
            false => app.port.into_iter().collect(),
        };
    }
    let over = environment.services.get(name);
    let said = over.and_then(|over| over.port);
    let said = said.or_else(|| plan.services.get(name)?.port);
    let kind = kind_of(plan, basis.catalog, name).map(|kind| on_machine(basis, &kind));
    let own = kind
        .iter()
        .flat_map(|kind| kind.ports.iter().map(|port| port.number));
    match said {
        Some(port) => own.skip(1).chain([port]).collect(),
        None => own.collect(),
    }
}

/// An address that keeps the place of one that is not known yet, with a comment that says so.
fn address(path: &PlanPath, address: &str) -> [Edit; 2] {
    let path = path.clone().key("address");
    [
        Edit::set_text(path.clone(), address),
        Edit::comment(path, OF_ADDRESS),
    ]
}

/// A name that a provider might give: the plan's and the environment's, in letters and digits.
fn name_for(plan: &Plan, environment: &EnvironmentName, rule: &Part) -> String {
    let plan = plan.name.as_ref().map_or("app", |name| name.as_str());
    let letters = format!("{plan}{environment}");
    let letters = letters.chars().filter(char::is_ascii_alphanumeric);
    letters.take(rule.longest.unwrap_or(24)).collect()
}

/// A word as a host may be called.
fn slug(text: &str) -> String {
    let lower = text.to_lowercase();
    let word = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    lower.chars().map(word).collect()
}
