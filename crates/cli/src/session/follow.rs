//! Workers that follow load: looks at each second, and asks Kubernetes for other numbers of them.

use super::watch::{SECOND, every};
use crate::environment;
use crate::log::{Log, Speaker};
use crate::plan::FollowPlan;
use akrida_autoscaler::workers::{Change, Follower, Seen};
use akrida_master::Handle;
use akrida_scaler::{Cluster, ScaleError, Scaler};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Between two questions to the API server about what is wanted: somebody else may change it.
const ASK: Duration = Duration::from_secs(5);

/// Follows the load of one master until it is dropped.
pub(super) async fn follow(plan: FollowPlan, handle: Handle, log: Log) {
    let FollowPlan { target, rules } = plan;
    log.info(Speaker::Main, &format!("Workers follow load: {rules}"));
    let cluster = Arc::new(Cluster::new(environment::cluster_access()));
    let mut wish = Wish { scaler: Scaler::new(cluster, target), read: None };
    let (began, mut follower, snapshots) = (Instant::now(), Follower::new(rules), handle.snapshots());
    let (mut looks, mut failing) = (every(SECOND), false);
    loop {
        looks.tick().await;
        let seen = Seen::of(&snapshots.borrow());
        match wish.follow(&mut follower, began, seen).await {
            Ok(change) => {
                failing = false;
                if let Some(Change { from, to, why }) = change {
                    // A master that is at its end has no run to mark.
                    let _ = handle.rescaled(from.into(), to.into(), why).await;
                }
            }
            Err(error) => {
                // Once, until it works again.
                if !std::mem::replace(&mut failing, true) {
                    log.warning(Speaker::Main, &format!("Workers do not follow load: {error}"));
                }
                tokio::time::sleep(ASK).await;
            }
        }
    }
}

/// The number of workers that the Deployment is asked for.
struct Wish {
    scaler: Scaler,
    /// As it was read last, and when.
    read: Option<(Instant, u32)>,
}

impl Wish {
    /// Looks once, and returns the change that was made.
    async fn follow(
        &mut self,
        follower: &mut Follower,
        began: Instant,
        seen: Seen,
    ) -> Result<Option<Change>, ScaleError> {
        let wanted = match self.read {
            Some((at, wanted)) if at.elapsed() < ASK => wanted,
            _ => self.ask().await?,
        };
        let Some(change) = follower.look(began.elapsed(), seen, wanted) else { return Ok(None) };
        // Somebody may have changed it since it was read: the next look sees that.
        if self.ask().await? != change.from {
            return Ok(None);
        }
        let set = self.scaler.set(change.to).await.inspect_err(|_| follower.refused(began.elapsed()))?;
        self.read = Some((Instant::now(), set.wanted));
        Ok(Some(change))
    }

    async fn ask(&mut self) -> Result<u32, ScaleError> {
        let wanted = self.scaler.get().await?.wanted;
        self.read = Some((Instant::now(), wanted));
        Ok(wanted)
    }
}
