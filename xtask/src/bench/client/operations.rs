//! The operations that are measured, and their targets.

/// One operation, as the programs of `bench/client` know it.
#[derive(Debug, PartialEq)]
pub(crate) struct Operation {
    /// On the command line.
    pub(crate) name: &'static str,
    /// In the report.
    pub(crate) title: &'static str,
    pub(crate) target: Target,
}

/// The bounds, all against the floor in the same run.
#[derive(Debug, PartialEq)]
pub(crate) struct Target {
    /// The most instructions, as a multiple.
    pub(crate) instructions: f64,
    /// The most allocations above those of the floor.
    pub(crate) allocations: Option<f64>,
    /// The fewest requests per second with [`LOAD`] in flight, as a part.
    pub(crate) rate: Option<f64>,
}

/// The number in flight for which the target states a rate.
pub(crate) const LOAD: u32 = 64;

/// How many are in flight, and how many are done in one measurement; Node does a tenth.
pub(crate) const IN_FLIGHT: [(u32, u32); 3] = [(1, 10_000), (LOAD, 16_000), (1_024, 8_192)];

/// How many clients are set up in one process to see what each keeps in memory.
pub(crate) const CLIENTS: u32 = 1_000;

/// The most bytes of heap for each of them, above those of its transport.
pub(crate) const CLIENT_BYTES: f64 = 65_536.0;

/// The most bytes of heap for each operation in flight, above those of its transport.
pub(crate) const FLIGHT_BYTES: f64 = 16_384.0;

/// In the order of the report.
pub(crate) const OPERATIONS: [Operation; 6] = [
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
