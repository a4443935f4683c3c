//! Writes plans of any size that look like real ones: mixed services, apps that use four each.

use std::fmt::Write;

/// Services of one host.
const A_HOST: usize = 8;
/// Services that one app uses.
const AN_APP: usize = 4;
/// Kinds in turn, each with the role it is used in and what else its table says.
const KINDS: [(&str, &str, &str); 7] = [
    ("postgres", "database", "database = \"orders\"\n"),
    ("redis", "cache", ""),
    ("rabbitmq", "queue", ""),
    ("mysql", "database", "version = \"8.4\"\n"),
    ("memcached", "session", ""),
    ("seaweedfs", "files", "bucket = \"uploads\"\n"),
    ("victoriametrics", "metrics", ""),
];
const DIALECTS: [&str; 4] = ["dotnet", "spring", "node", "plain"];

/// Which environments a plan has.
#[derive(Clone, Copy)]
pub enum Environments {
    /// Production alone.
    Production,
    /// A laptop with everything, a laptop and a shared machine, and production.
    LocalDevelopmentProduction,
}

/// A plan with this many services, an app for every four of them, and eight services a host in production.
pub fn plan(n_services: usize, environments: Environments) -> String {
    let n_apps = n_services.div_ceil(AN_APP);
    let mut text = "name = \"figures\"\n".to_owned();
    for app in 0..n_apps {
        add_app(&mut text, app, n_services);
    }
    for service in 0..n_services {
        add_service(&mut text, service);
    }
    if let Environments::LocalDevelopmentProduction = environments {
        let apps = names("app", 0..n_apps);
        let services = names("service", 0..n_services);
        add_host(
            &mut text,
            "local",
            "laptop",
            None,
            &format!("{apps}, {services}"),
        );
        add_host(&mut text, "dev", "laptop", None, &apps);
        add_host(&mut text, "dev", "shared", Some("10.9.0.1"), &services);
    }
    add_production(&mut text, n_services, n_apps);
    text
}

fn add_app(text: &mut String, app: usize, n_services: usize) {
    let dialect = DIALECTS[app % DIALECTS.len()];
    let port = 3000 + app;
    add(
        text,
        format_args!(
            "\n[apps.app-{app}]\nimage = \"ghcr.io/acme/app-{app}:1.4.0\"\nport = {port}\n"
        ),
    );
    add(
        text,
        format_args!("dialect = \"{dialect}\"\nsettings = {{ LOG_LEVEL = \"info\" }}\n"),
    );
    add(text, format_args!("\n[apps.app-{app}.uses]\n"));
    for service in (app * AN_APP..n_services).take(AN_APP) {
        let (kind, role, _) = KINDS[service % KINDS.len()];
        // Two databases of one app need names of their own.
        let prefix = if kind == "mysql" {
            ", env = \"LEGACY\""
        } else {
            ""
        };
        add(
            text,
            format_args!("service-{service} = {{ role = \"{role}\"{prefix} }}\n"),
        );
    }
    if app % 3 == 1 {
        add(text, format_args!("app-{} = {{}}\n", app - 1));
    }
}

fn add_service(text: &mut String, service: usize) {
    let (kind, _, more) = KINDS[service % KINDS.len()];
    // A port of its own, so that any two can share a host.
    let port = 10_000 + service;
    add(
        text,
        format_args!("\n[services.service-{service}]\nkind = \"{kind}\"\nport = {port}\n{more}"),
    );
}

/// Eight services on each host, and the apps beside services that they do not use.
fn add_production(text: &mut String, n_services: usize, n_apps: usize) {
    let n_hosts = n_services.div_ceil(A_HOST);
    for host in 0..n_hosts {
        let first = host * A_HOST;
        let services = names("service", first..n_services.min(first + A_HOST));
        let mut runs = services;
        for app in (0..n_apps).filter(|app| (app * AN_APP / A_HOST + 1) % n_hosts == host) {
            add(&mut runs, format_args!(", \"app-{app}\""));
        }
        let address = format!(
            "10.{}.{}.{}",
            1 + host / 62_500,
            host / 250 % 250,
            1 + host % 250
        );
        add_host(text, "prod", &format!("host-{host}"), Some(&address), &runs);
    }
}

fn add_host(text: &mut String, environment: &str, host: &str, address: Option<&str>, runs: &str) {
    add(
        text,
        format_args!("\n[environments.{environment}.hosts.{host}]\n"),
    );
    if let Some(address) = address {
        add(text, format_args!("address = \"{address}\"\n"));
    }
    add(text, format_args!("runs = [{runs}]\n"));
}

fn names(prefix: &str, numbers: std::ops::Range<usize>) -> String {
    let names: Vec<String> = numbers
        .map(|number| format!("\"{prefix}-{number}\""))
        .collect();
    names.join(", ")
}

fn add(text: &mut String, what: std::fmt::Arguments) {
    text.write_fmt(what)
        .expect("a text takes whatever is written to it");
}
