//! An environment as a tree, for screens that are too narrow for its map: hosts, what runs on each, and below each
//! component what it uses and who uses it.

use crate::layout::{Charset, ComponentId, Graph, HostId, UseId};
use crate::report::map::mark;
use crate::report::table::aligned;

/// What the branches of a tree are drawn with.
struct Branches {
    middle: &'static str,
    last: &'static str,
    trunk: &'static str,
    to: &'static str,
    from: &'static str,
}

const UNICODE: Branches = Branches {
    middle: "├ ",
    last: "└ ",
    trunk: "│ ",
    to: "→",
    from: "←",
};
const ASCII: Branches = Branches {
    middle: "|-",
    last: "`-",
    trunk: "| ",
    to: "->",
    from: "<-",
};

/// Every host with its components.
pub fn tree(graph: &Graph, charset: Charset) -> String {
    let branches = match charset {
        Charset::Unicode => UNICODE,
        Charset::Ascii => ASCII,
    };
    let mut users: Vec<Vec<UseId>> = vec![Vec::new(); graph.components.len()];
    for used in 0..graph.uses.len() as u32 {
        users[graph.target_of(used) as usize].push(used);
    }
    let hosts = 0..graph.hosts.len() as u32;
    hosts
        .map(|host| host_text(graph, host, &users, charset, &branches))
        .collect()
}

fn host_text(
    graph: &Graph,
    host: HostId,
    users: &[Vec<UseId>],
    charset: Charset,
    branches: &Branches,
) -> String {
    let it = &graph.hosts[host as usize];
    let finding = match it.finding {
        Some(severity) => {
            let style = mark(severity);
            format!("{style}{}{style:#} ", charset.mark(severity))
        }
        None => String::new(),
    };
    let mut text = format!("{finding}{} {}", it.name, it.remark)
        .trim_end()
        .to_owned();
    text.push('\n');
    let components = graph.components_of(host);
    if components.is_empty() {
        text.push_str(&format!("{}(nothing)\n", branches.last));
    }
    let heads = components
        .clone()
        .map(|component| head(graph, component, charset));
    let heads = aligned(&heads.collect::<Vec<_>>(), "");
    for (component, head) in components.clone().zip(heads.lines()) {
        let is_last = component + 1 == components.end;
        let branch = if is_last {
            branches.last
        } else {
            branches.middle
        };
        text.push_str(&format!("{branch}{head}\n"));
        let trunk = if is_last { "  " } else { branches.trunk };
        for used in graph.uses_of(component) {
            let target = graph.host_of(graph.target_of(used));
            let name = graph.components[graph.target_of(used) as usize]
                .name
                .as_str();
            let port = graph.target_port(used);
            let place = place(graph, host, target);
            text.push_str(&format!("{trunk}  {} {name}{port} {place}\n", branches.to));
        }
        for used in &users[component as usize] {
            let user = graph.uses[*used as usize].user;
            let name = &graph.components[user as usize].name;
            let place = place(graph, host, graph.host_of(user));
            text.push_str(&format!("{trunk}  {} {name} {place}\n", branches.from));
        }
    }
    text
}

/// A component's own line: its name, its ports, and what it is.
fn head(graph: &Graph, component: ComponentId, charset: Charset) -> Vec<String> {
    let it = &graph.components[component as usize];
    let ports: Vec<String> = graph
        .ports_of(component)
        .map(|port| graph.port_label(port))
        .collect();
    let finding = it
        .finding
        .map(|severity| format!("{} ", charset.mark(severity)));
    vec![
        format!("{}{}", finding.unwrap_or_default(), it.name),
        ports.join(" "),
        it.remark.clone(),
    ]
}

/// Where the other end of a use is, in words.
fn place(graph: &Graph, here: HostId, there: HostId) -> String {
    match here == there {
        true => "internal".to_owned(),
        false => format!("external, {}", graph.hosts[there as usize].name),
    }
}
