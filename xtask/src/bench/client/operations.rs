//! The operations that are measured, and their targets.

/// One operation of the programs in `bench/client`.
#[derive(Debug, PartialEq)]
pub(crate) struct Operation {
    /// The name on the command line.
    pub(crate) name: &'static str,
    /// The name in the report.
    pub(crate) title: &'static str,
    pub(crate) target: Target,
}

/// The limits, all relative to the floor in the same run.
#[derive(Debug, PartialEq)]
pub(crate) struct Target {
    /// The largest number of instructions, as a multiple.
    pub(crate) instructions: f64,
    /// The largest number of allocations above those of the floor.
    pub(crate) allocations: Option<f64>,
    /// The smallest number of requests per second with [`LOAD`] in flight, as a fraction.
    pub(crate) rate: Option<f64>,
}

/// The number in flight for which the targets state a rate.
pub(crate) const LOAD: u32 = 64;

/// The number in flight and the number of operations of each measurement; Node runs a tenth of
/// them.
pub(crate) const IN_FLIGHT: [(u32, u32); 3] = [(1, 10_000), (LOAD, 16_000), (1_024, 8_192)];

/// The number of clients that are created in one process to measure the memory of each.
pub(crate) const CLIENTS: u32 = 1_000;

/// The largest number of heap bytes for each client, above those of its transport.
pub(crate) const CLIENT_BYTES: f64 = 65_536.0;

/// The largest number of heap bytes for each operation in flight, above those of its transport.
pub(crate) const FLIGHT_BYTES: f64 = 16_384.0;

/// The operations in the order of the report.
pub(crate) const OPERATIONS: [Operation; 7] = [
    Operation {
        name: "client-credentials",
        title: "client credentials grant",
        target: Target {
            instructions: 1.30,
            allocations: Some(40.0),
            rate: Some(0.90),
        },
    },
    other("code-hs256", "code grant, ID Token HS256"),
    other("code-es256", "code grant, ID Token ES256"),
    other("user-info", "UserInfo"),
    other("dpop", "resource with DPoP, ES256"),
    other("refresh", "refresh"),
    Operation {
        name: "api",
        title: "API: access token and DPoP proof, both ES256, through the layer",
        target: Target {
            instructions: 1.15,
            allocations: None,
            rate: None,
        },
    },
];

const fn other(name: &'static str, title: &'static str) -> Operation {
    Operation {
        name,
        title,
        target: Target {
            instructions: 1.35,
            allocations: None,
            rate: None,
        },
    }
}
