//! What an address says about the network that it is on.

use std::net::IpAddr;

use crate::model::Address;

/// The IP address, if the whole internet can reach it.
pub(super) fn public_ip(address: &Address) -> Option<IpAddr> {
    let real = Some(address).filter(|address| !address.is_placeholder());
    real?.ip().filter(|ip| is_public(*ip))
}

fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [first, second, ..] = ip.octets();
            // Carriers and overlay networks share 100.64.0.0/10 among themselves.
            let shared = first == 100 && (64..128).contains(&second);
            let near = ip.is_private() || ip.is_loopback() || ip.is_link_local();
            !(near || shared || ip.is_unspecified() || is_no_host(ip.into()))
        }
        IpAddr::V6(ip) => {
            let near = ip.is_unique_local() || ip.is_unicast_link_local() || ip.is_loopback();
            !(near || ip.is_unspecified() || is_no_host(ip.into()))
        }
    }
}

/// Whether no single machine can have this address: it means many, or everybody.
pub(super) fn is_no_host(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_multicast() || ip.is_broadcast(),
        IpAddr::V6(ip) => ip.is_multicast(),
    }
}
