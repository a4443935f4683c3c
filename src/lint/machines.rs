//! Which hosts are one machine: environments that share a machine say the same address for it.

use std::collections::BTreeMap;

use crate::model::Address;
use crate::topology::{Host, Topology};

/// A host and the environment that declares it.
pub(super) type HostIn<'t> = (&'t Topology, &'t Host);

/// The machines that environments run things on themselves, each with the hosts that it is. A host without
/// an address of its own is a machine of its own: two laptops may be one, but nothing says so.
pub(super) fn machines(topologies: &[Topology]) -> Vec<Vec<HostIn<'_>>> {
    let mut by_address: BTreeMap<&Address, usize> = BTreeMap::new();
    let mut machines: Vec<Vec<HostIn>> = Vec::new();
    for topology in topologies {
        for host in topology.hosts.values().filter(|host| host.is_own_machine()) {
            let place = (topology, host);
            match host.address.as_ref().filter(|address| means_one(address)) {
                Some(address) => {
                    let number = *by_address.entry(address).or_insert(machines.len());
                    match machines.get_mut(number) {
                        Some(machine) => machine.push(place),
                        None => machines.push(vec![place]),
                    }
                }
                None => machines.push(vec![place]),
            }
        }
    }
    machines
}

/// Whether an address means one machine, and not whichever asks.
fn means_one(address: &Address) -> bool {
    match address.ip() {
        Some(ip) => !ip.is_loopback() && !ip.is_unspecified(),
        None => !address.as_str().eq_ignore_ascii_case("localhost"),
    }
}
