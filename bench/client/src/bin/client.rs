//! Measures the floor and `openid-client`, and the memory of many clients.

use std::env;
use std::sync::Arc;

use bench_client::api::Api;
use bench_client::clients;
use bench_client::floor::Floor;
use bench_client::measure::Plan;
use bench_client::operation::Operation;
use bench_client::ours::Ours;

fn main() {
    if env::args().nth(1).as_deref() == Some("clients") {
        return clients::weigh();
    }
    let plan = Plan::from_arguments();
    if plan.operation == Operation::Api {
        let api = plan.runtime.block_on(Api::new(plan.runs()));
        return match &*plan.library {
            "hyper" => plan.measure(move || Arc::clone(&api).run_floor()),
            "openid-client" => plan.measure(move || Arc::clone(&api).run()),
            other => panic!("{other} is not measured by this program"),
        };
    }
    match &*plan.library {
        "hyper" => {
            let floor = Floor::new(plan.operation, &plan.provider);
            let floor = plan.runtime.block_on(floor);
            plan.measure(move || Arc::clone(&floor).run());
        }
        "openid-client" => {
            let ours = Ours::new(plan.operation, &plan.provider);
            let ours = plan.runtime.block_on(ours);
            plan.measure(move || Arc::clone(&ours).run());
        }
        other => panic!("{other} is not measured by this program"),
    }
}
