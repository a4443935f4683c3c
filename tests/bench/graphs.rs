//! Graphs to lay out: the one of the drawings, those that other engines were measured on, and random ones.
//!
//! Shared by the integration tests and the benchmarks.

use std::collections::BTreeMap;

use backstay::layout::{Component, Frame, Graph, Host, Port, Sort, Use};

/// What services speak, in turn.
const PROTOCOLS: [(&str, u16); 7] = [
    ("http", 8080),
    ("grpc", 9000),
    ("pg", 5432),
    ("redis", 6379),
    ("amqp", 5672),
    ("s3", 9000),
    ("kafka", 9092),
];
/// The tiers of a tiered graph, with each one's share of the hosts in percent.
const TIERS: [(&str, u64); 5] = [
    ("edge", 10),
    ("web", 25),
    ("app", 30),
    ("work", 15),
    ("data", 20),
];
/// The first tier that may use others, counted from the end: data uses nothing.
const DATA: usize = 4;

/// A graph as it comes together.
#[derive(Default)]
pub struct Draft {
    pub hosts: Vec<Host>,
    pub components: Vec<Component>,
    pub ports: Vec<Port>,
    pub uses: Vec<Use>,
    pub port_ids: BTreeMap<(u32, u16, String), u32>,
}

impl Draft {
    pub fn host(&mut self, name: &str, rank: Option<u32>) -> u32 {
        self.hosts.push(Host {
            name: name.to_owned(),
            remark: String::new(),
            frame: Frame::default(),
            rank,
            finding: None,
        });
        self.hosts.len() as u32 - 1
    }

    pub fn component(&mut self, host: u32, name: &str) -> u32 {
        self.components.push(Component {
            host,
            name: name.to_owned(),
            remark: String::new(),
            finding: None,
            is_replica: false,
        });
        self.components.len() as u32 - 1
    }

    pub fn port(&mut self, component: u32, number: u16, protocol: &str) -> u32 {
        let key = (component, number, protocol.to_owned());
        *self.port_ids.entry(key).or_insert_with(|| {
            self.ports.push(Port {
                component,
                number: Some(number),
                protocol: protocol.to_owned(),
            });
            self.ports.len() as u32 - 1
        })
    }

    pub fn connect(&mut self, user: u32, target: u32, number: u16, protocol: &str) {
        let port = self.port(target, number, protocol);
        self.uses.push(Use { user, port });
    }

    pub fn finish(self) -> Graph {
        Graph::new(self.hosts, self.components, self.ports, self.uses)
    }
}

/// Three hosts, twelve services, fifteen uses.
pub fn demo() -> Graph {
    let hosts = [
        ("edge-1", "traefik web auth"),
        ("app-1", "api worker scheduler billing mailer"),
        ("data-1", "postgres redis rabbitmq minio"),
    ];
    let uses = "traefik web 3000 http, traefik api 8080 http, traefik auth 9000 http, web api 8080 http, \
                api auth 9000 grpc, api postgres 5432 pg, api redis 6379 redis, api rabbitmq 5672 amqp, \
                api billing 8081 grpc, worker rabbitmq 5672 amqp, worker postgres 5432 pg, \
                worker minio 9000 s3, billing postgres 5432 pg, scheduler redis 6379 redis, \
                mailer rabbitmq 5672 amqp";
    let mut draft = Draft::default();
    let mut ids = BTreeMap::new();
    for (host, components) in hosts {
        let host = draft.host(host, None);
        for name in components.split(' ') {
            ids.insert(name, draft.component(host, name));
        }
    }
    for used in uses.split(", ") {
        let words: Vec<&str> = used.split_whitespace().collect();
        let number = words[2].parse().expect("a port");
        draft.connect(ids[words[0]], ids[words[1]], number, words[3]);
    }
    draft.finish()
}

/// One of the graphs in `tests/graphs`: hosts with how many services each runs, a blank line, and uses as user,
/// target and `port/protocol`.
pub fn reference(text: &str) -> Graph {
    let (hosts, uses) = text.split_once("\n\n").expect("hosts, then uses");
    let mut draft = Draft::default();
    for line in hosts.lines() {
        let (name, n) = line.split_once(' ').expect("a name and a number");
        let (tier, _) = name.split_once('-').expect("a tier and a number");
        let rank = TIERS.iter().position(|it| it.0 == tier);
        let host = draft.host(name, rank.map(|rank| rank as u32));
        for _ in 0..n.parse().expect("a number") {
            let name = format!("{tier}svc-{}", draft.components.len());
            draft.component(host, &name);
        }
    }
    for line in uses.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let [user, target] = [words[0], words[1]].map(|word| word.parse().expect("a number"));
        let (number, protocol) = words[2].split_once('/').expect("a port and a protocol");
        draft.connect(user, target, number.parse().expect("a port"), protocol);
    }
    draft.finish()
}

/// Numbers that look random and are the same everywhere.
pub struct Dice(pub u64);

impl Dice {
    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n.max(1) as u64) as usize
    }

    /// Whether something happens that happens so many times in a hundred.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// A number below `n`, low ones more often.
    fn low(&mut self, n: usize) -> usize {
        let least = [self.below(n), self.below(n), self.below(n)];
        least.into_iter().min().unwrap_or(0)
    }
}

/// A graph like the reference ones, of any size: hosts of six to ten services in five tiers, three uses for every
/// two services, most of them of a lower tier's host beside the user's.
pub fn tiered(n_services: usize, seed: u64) -> Graph {
    let mut dice = Dice(seed);
    let mut draft = Draft::default();
    let n_hosts = (n_services / 8).max(5);
    let mut tiers: Vec<usize> = Vec::new();
    for (tier, (_, share)) in TIERS.iter().enumerate() {
        let n = (n_hosts * *share as usize).div_ceil(100);
        tiers.extend(std::iter::repeat_n(tier, n));
    }
    let mut hosts_of: [Vec<u32>; 5] = Default::default();
    let mut services_of: Vec<Vec<u32>> = Vec::new();
    let mut tier_of: Vec<usize> = Vec::new();
    while draft.components.len() < n_services {
        let tier = tiers[draft.hosts.len() % tiers.len()];
        let name = format!("{}-{:04}", TIERS[tier].0, draft.hosts.len());
        let host = draft.host(&name, Some(tier as u32));
        let size = [6, 7, 8, 8, 9, 10][dice.below(6)].min(n_services - draft.components.len());
        let services = (0..size).map(|_| {
            let name = format!("{}svc-{}", TIERS[tier].0, draft.components.len());
            draft.component(host, &name)
        });
        services_of.push(services.collect());
        hosts_of[tier].push(host);
        tier_of.push(tier);
    }
    let mut tries = 0;
    while draft.uses.len() < n_services * 3 / 2 && tries < n_services * 100 {
        tries += 1;
        let user = dice.below(n_services) as u32;
        let host = draft.components[user as usize].host;
        let tier = tier_of[host as usize];
        if tier == DATA {
            continue;
        }
        let target_host = match dice.percent(25) {
            true => host,
            false => {
                let lower = tier + 1 + dice.below(DATA - tier);
                let hosts = &hosts_of[lower];
                let place = hosts_of[tier]
                    .iter()
                    .position(|it| *it == host)
                    .unwrap_or(0);
                match hosts.len() {
                    0 => continue,
                    n if dice.percent(75) => hosts[place * n / hosts_of[tier].len()],
                    n => hosts[dice.low(n)],
                }
            }
        };
        let services = &services_of[target_host as usize];
        let target = services[dice.low(services.len())];
        let (user, target) = match dice.percent(2) {
            true => (target, user),
            false => (user, target),
        };
        if target_host == host && target <= user {
            continue;
        }
        let (protocol, number) = PROTOCOLS[target as usize % PROTOCOLS.len()];
        draft.connect(user, target, number, protocol);
    }
    draft.finish()
}

/// A graph without any sense: hosts of any size, uses in all directions, several ports of one component, replicas,
/// everything framed in any way.
pub fn wild(n_uses: usize, seed: u64) -> Graph {
    let mut dice = Dice(seed);
    let mut draft = Draft::default();
    let n_hosts = 1 + dice.below(2 + n_uses / 3);
    for host in 0..n_hosts {
        let host = draft.host(&format!("h{host}"), None);
        let sorts = [Sort::Machine, Sort::Managed, Sort::Cluster, Sort::Borrowed];
        draft.hosts[host as usize].frame = Frame {
            sort: sorts[dice.below(4)],
            is_heavy: dice.percent(30),
        };
        if dice.percent(20) {
            draft.hosts[host as usize].remark = "10.0.0.1".to_owned();
        }
        for nth in 0..dice.below(7) {
            let name = match dice.percent(10) {
                true => format!("r{nth}"),
                false => format!("c{}", draft.components.len()),
            };
            let component = draft.component(host, &name);
            if dice.percent(20) {
                draft.components[component as usize].remark = "app, process".to_owned();
            }
        }
    }
    let n = draft.components.len();
    for _ in 0..n_uses.min(n * n) {
        let (user, target) = (dice.below(n) as u32, dice.low(n) as u32);
        let (protocol, number) = PROTOCOLS[(target as usize + dice.below(2)) % PROTOCOLS.len()];
        let protocol = if dice.percent(5) { "" } else { protocol };
        draft.connect(user, target, number, protocol);
    }
    draft.finish()
}
