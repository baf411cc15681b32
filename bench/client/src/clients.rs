//! The memory of many clients in one process, each with an open connection.

use std::env;

use tokio::runtime::Builder;

use crate::measure::raise_descriptor_limit;
use crate::operation::Operation;
use crate::ours::Ours;
use crate::{allocations, wire};

/// Measures the memory of clients. Reads `COUNT PROVIDER` from the end of the command line, and
/// prints the bytes of heap for each client, separated by a tab: of bare hyper, and of
/// `openid-client` after a login, with the keys of its issuer.
pub fn weigh() {
    let arguments: Vec<String> = env::args().skip(2).collect();
    let [count, provider] = arguments.try_into().expect("COUNT PROVIDER");
    let count: usize = count.parse().expect("a number");
    raise_descriptor_limit();
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let operation = Operation::CodeEs256;
        let document = format!("{}/jwks", operation.issuer(&provider));
        let floor = bytes_each(count, async || {
            let client = wire::hyper();
            wire::fetch(&client, &document).await;
            client
        });
        let floor = floor.await;
        let ours = bytes_each(count, async || Ours::new(operation, &provider).await).await;
        println!("{floor}\t{ours}");
    });
}

async fn bytes_each<T>(count: usize, client: impl AsyncFn() -> T) -> usize {
    // The first client creates what all of them share.
    let mut clients = vec![client().await];
    clients.reserve(count);
    let before = allocations::live();
    for _ in 0..count {
        clients.push(client().await);
    }
    (allocations::live() - before) / count
}
