use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use http::Uri;

/// Decides which servers a client talks to, for clients whose servers are named by others: a
/// customer who enters an issuer, or a server whose metadata lead to other hosts. Without a policy,
/// anyone who names a server can have requests sent to everything that this machine can reach
/// (server-side request forgery).
///
/// A request is sent only if both methods return true. They must return without blocking, so an
/// implementation must not look up hosts. Redirects are not asked about, because none is followed.
/// A refusal is [`NoAnswer::DestinationRefused`](oauth_core::error::NoAnswer::DestinationRefused),
/// with the code `OAUTH_DESTINATION_REFUSED`.
///
/// Most applications need only [`PublicAddresses`]. A policy with a list of servers:
///
/// ```
/// use std::net::IpAddr;
///
/// use openid_client::http::{DestinationPolicy, PublicAddresses, Uri};
///
/// struct KnownServers(Vec<String>);
///
/// impl DestinationPolicy for KnownServers {
///     fn allows_url(&self, url: &Uri) -> bool {
///         url.host().is_some_and(|host| self.0.iter().any(|known| known == host))
///     }
///
///     fn allows_address(&self, host: &str, address: IpAddr) -> bool {
///         // The owner of a known name may have pointed it elsewhere.
///         PublicAddresses.allows_address(host, address)
///     }
/// }
///
/// let policy = KnownServers(vec!["id.example.com".to_owned()]);
/// assert!(policy.allows_url(&Uri::from_static("https://id.example.com/token")));
/// assert!(!policy.allows_url(&Uri::from_static("https://intranet.example.com/")));
/// assert!(!policy.allows_address("id.example.com", [10, 0, 0, 1].into()));
/// ```
pub trait DestinationPolicy: Send + Sync {
    /// Whether a request may be sent to this URL, which is absolute. Called before every request
    /// and before the host is looked up, also for metadata and key sets, and also on a connection
    /// that is used again. The query may hold secrets.
    fn allows_url(&self, url: &Uri) -> bool;

    /// Whether a connection may be opened to this address. Called after the lookup for every
    /// address of the host. The connection goes to one of the allowed addresses, so a name that is
    /// changed a moment later does not bypass the check. A host that is an address itself is asked
    /// about with every request; `host` is then without the brackets of IPv6.
    fn allows_address(&self, host: &str, address: IpAddr) -> bool;
}

impl<T: DestinationPolicy + ?Sized> DestinationPolicy for Arc<T> {
    fn allows_url(&self, url: &Uri) -> bool {
        (**self).allows_url(url)
    }

    fn allows_address(&self, host: &str, address: IpAddr) -> bool {
        (**self).allows_address(host, address)
    }
}

/// Allows only addresses of the public internet.
///
/// Refuses addresses that are loopback, private, shared by a carrier, link-local, for documentation
/// or measurement, multicast or reserved, as the registries of special-purpose addresses list them
/// (RFC 6890). An IPv6 address is public if it lies within `2000::/3` and outside of the blocks
/// that hide an IPv4 address. An address of NAT64 (`64:ff9b::/96`) is judged by the IPv4 address in
/// it.
///
/// A service that a network offers under a public address to those inside of it stays allowed, as
/// the `168.63.129.16` of one cloud: where there is such a thing, refuse it in a
/// [`DestinationPolicy`] around this one.
///
/// ```no_run
/// use openid_client::{Client, Error};
/// use openid_client::http::PublicAddresses;
///
/// async fn connect(issuer_of_a_customer: &str) -> Result<Client, Error> {
///     Client::discover(issuer_of_a_customer, "my-app").destination_policy(PublicAddresses).await
/// }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PublicAddresses;

impl DestinationPolicy for PublicAddresses {
    /// Always: it is the address behind it that matters.
    fn allows_url(&self, _: &Uri) -> bool {
        true
    }

    fn allows_address(&self, _: &str, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => is_public(address),
            IpAddr::V6(address) => match translated(address) {
                Some(address) => is_public(address),
                None => is_public_ipv6(address),
            },
        }
    }
}

fn is_public(address: Ipv4Addr) -> bool {
    !SPECIAL
        .iter()
        .any(|&(block, length)| (block.to_bits() ^ address.to_bits()).leading_zeros() >= length)
}

fn is_public_ipv6(address: Ipv6Addr) -> bool {
    let within = |&(block, length): &(Ipv6Addr, u32)| {
        (block.to_bits() ^ address.to_bits()).leading_zeros() >= length
    };
    within(&GLOBAL_UNICAST) && !SPECIAL_IPV6.iter().any(within)
}

/// The IPv4 address inside a NAT64 address (RFC 6052 sections 2.1 and 2.2).
fn translated(address: Ipv6Addr) -> Option<Ipv4Addr> {
    match address.octets() {
        [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, a, b, c, d] => {
            Some(Ipv4Addr::new(a, b, c, d))
        }
        _ => None,
    }
}

/// Blocks of IPv4 that are not public, with the length of their prefix.
const SPECIAL: [(Ipv4Addr, u32); 15] = [
    // This host on this network.
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    // Private.
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    // Shared by the customers of a carrier.
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    // Loopback.
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    // Link-local; the metadata services of clouds are here.
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    // Protocol assignments.
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    // Documentation.
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    // Relays of 6to4, which are no more.
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    // Benchmarks.
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    // Multicast.
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    // Reserved, and broadcast.
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// All of IPv6 that is handed out to the public so far.
const GLOBAL_UNICAST: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Blocks within it that are not public.
const SPECIAL_IPV6: [(Ipv6Addr, u32); 4] = [
    // Protocol assignments, including Teredo.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    // Documentation.
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
    // 6to4.
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
];

#[cfg(test)]
mod tests {
    use super::{DestinationPolicy as _, PublicAddresses};

    /// Both ends of each block, and their neighbours.
    #[test]
    fn public_addresses_alone_are_allowed() {
        for (address, allowed) in [
            ("0.0.0.0", false),
            ("0.255.255.255", false),
            ("1.0.0.0", true),
            ("9.255.255.255", true),
            ("10.0.0.0", false),
            ("10.255.255.255", false),
            ("11.0.0.0", true),
            ("100.63.255.255", true),
            ("100.64.0.0", false),
            ("100.127.255.255", false),
            ("100.128.0.0", true),
            ("126.255.255.255", true),
            ("127.0.0.0", false),
            ("127.0.0.1", false),
            ("127.255.255.255", false),
            ("128.0.0.0", true),
            ("169.253.255.255", true),
            ("169.254.0.0", false),
            ("169.254.169.254", false),
            ("169.254.255.255", false),
            ("169.255.0.0", true),
            ("172.15.255.255", true),
            ("172.16.0.0", false),
            ("172.31.255.255", false),
            ("172.32.0.0", true),
            ("191.255.255.255", true),
            ("192.0.0.0", false),
            ("192.0.0.255", false),
            ("192.0.1.0", true),
            ("192.0.2.0", false),
            ("192.0.2.255", false),
            ("192.0.3.0", true),
            ("192.88.98.255", true),
            ("192.88.99.0", false),
            ("192.88.99.255", false),
            ("192.88.100.0", true),
            ("192.167.255.255", true),
            ("192.168.0.0", false),
            ("192.168.255.255", false),
            ("192.169.0.0", true),
            ("198.17.255.255", true),
            ("198.18.0.0", false),
            ("198.19.255.255", false),
            ("198.20.0.0", true),
            ("198.51.99.255", true),
            ("198.51.100.0", false),
            ("198.51.100.255", false),
            ("198.51.101.0", true),
            ("203.0.112.255", true),
            ("203.0.113.0", false),
            ("203.0.113.255", false),
            ("203.0.114.0", true),
            ("223.255.255.255", true),
            ("224.0.0.0", false),
            ("239.255.255.255", false),
            ("240.0.0.0", false),
            ("255.255.255.255", false),
            // Unspecified, loopback, IPv4-compatible and IPv4-mapped.
            ("::", false),
            ("::1", false),
            ("::8.8.8.8", false),
            ("::ffff:8.8.8.8", false),
            ("::ffff:127.0.0.1", false),
            // NAT64 by its well-known prefix, its neighbours, and the prefix for local use.
            ("64:ff9b::8.8.8.8", true),
            ("64:ff9b::127.0.0.1", false),
            ("64:ff9b::10.0.0.1", false),
            ("64:ff9b::169.254.169.254", false),
            ("64:ff9b::1:808:808", false),
            ("64:ff9b:1::8.8.8.8", false),
            // Discard-only.
            ("100::", false),
            ("1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false),
            ("2000::", true),
            ("2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true),
            // Protocol assignments: Teredo, benchmarks, ORCHID.
            ("2001::", false),
            ("2001:0:808:808::1", false),
            ("2001:2::1", false),
            ("2001:20::1", false),
            ("2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", false),
            ("2001:200::", true),
            ("2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", true),
            ("2001:db8::", false),
            ("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", false),
            ("2001:db9::", true),
            ("2001:4860:4860::8888", true),
            ("2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true),
            ("2002::", false),
            ("2002:808:808::1", false),
            ("2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false),
            ("2003::", true),
            ("3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true),
            ("3fff::", false),
            ("3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", false),
            ("3fff:1000::", true),
            ("3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true),
            ("4000::", false),
            // SRv6, unique local, link-local, site-local, multicast.
            ("5f00::1", false),
            ("fc00::1", false),
            ("fd00:ec2::254", false),
            ("fe80::1", false),
            ("fec0::1", false),
            ("ff02::1", false),
        ] {
            let parsed = address.parse().unwrap();
            assert_eq!(
                PublicAddresses.allows_address("host", parsed),
                allowed,
                "{address}"
            );
        }
    }
}
