//! What `akrida demo` loads, and how.

mod fibonacci;
mod target;

pub(crate) use target::Target;

use crate::quick::one_request;
use akrida_scenario::Scenario;

/// One class of users that ask for the tenth number, over and over.
pub(crate) fn scenario(host: &str) -> Scenario {
    Scenario {
        file: "demo".to_owned(),
        classes: vec![one_request("DemoUser", "fibonacci", host, "/fibonacci?n=10")],
        ..Scenario::default()
    }
}
