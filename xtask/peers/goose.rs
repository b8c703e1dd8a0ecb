//! What goose does beside `akrida URL`: get one page over and over. `WAIT` is the pause between, in seconds.

use goose::prelude::*;
use std::time::Duration;

async fn index(user: &mut GooseUser) -> TransactionResult {
    if let Ok(response) = user.get("/").await?.response {
        let _ = response.bytes().await;
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), GooseError> {
    let mut scenario = scenario!("Plain").register_transaction(transaction!(index));
    if let Some(wait) = std::env::var("WAIT").ok().and_then(|wait| wait.parse().ok()) {
        scenario = scenario.set_wait_time(Duration::from_secs(wait), Duration::from_secs(wait))?;
    }
    GooseAttack::initialize()?.register_scenario(scenario).execute().await?;
    Ok(())
}
