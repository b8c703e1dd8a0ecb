//! How everybody else speaks with a master.

use crate::class_edit::ClassEdit;
use crate::event::{Amend, Command, Edit, Refusal, Start};
use akrida_run::metrics::Series;
use akrida_run::{FleetEvent, Snapshot};
use akrida_scenario::model::OptionValue;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::{broadcast, mpsc, oneshot, watch};

/// Speaks with a running [`Master`](crate::Master). Cheap to clone.
#[derive(Clone, Debug)]
pub struct Handle {
    pub(crate) orders: mpsc::Sender<Order>,
    pub(crate) snapshots: watch::Receiver<Arc<Snapshot>>,
    pub(crate) events: broadcast::Sender<FleetEvent>,
}

/// A wish, and where the answer goes.
#[derive(Debug)]
pub(crate) enum Order {
    Command(Command, oneshot::Sender<Result<(), Refusal>>),
    Logs(oneshot::Sender<BTreeMap<String, Arc<[String]>>>),
    Series(oneshot::Sender<Vec<Series>>),
}

/// Why a wish is not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandleError {
    /// The master refuses.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The master is not there any more.
    #[error("the master has ended")]
    Ended,
}

impl Handle {
    /// Starts a run. Answered when users are on their way, not when they have arrived.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn start(&self, start: Start) -> Result<(), HandleError> {
        self.command(Command::Start(start)).await
    }

    /// Changes the numbers of the run.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn edit(&self, edit: Edit) -> Result<(), HandleError> {
        self.command(Command::Edit(edit)).await
    }

    /// Changes what is said of the run, which may have stages.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn amend(&self, amend: Amend) -> Result<(), HandleError> {
        self.command(Command::Amend(amend)).await
    }

    /// Changes a user class, on the workers too.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn edit_class(&self, edit: ClassEdit) -> Result<(), HandleError> {
        self.command(Command::EditClass(edit)).await
    }

    /// Gives users to the classes of these names only, in the run that goes on and in runs to come.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn choose(&self, user_classes: Vec<String>) -> Result<(), HandleError> {
        self.command(Command::Choose(user_classes)).await
    }

    /// Gives options of the scenario these values, in the run that goes on and in runs to come.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn set_options(&self, values: Vec<(String, OptionValue)>) -> Result<(), HandleError> {
        self.command(Command::SetOptions(values)).await
    }

    /// The newest lines of the log of each worker that sends some, oldest first, by its node id.
    ///
    /// # Errors
    /// When the master has ended already.
    pub async fn logs(&self) -> Result<BTreeMap<String, Arc<[String]>>, HandleError> {
        let (reply, answer) = oneshot::channel();
        self.orders.send(Order::Logs(reply)).await.map_err(|_| HandleError::Ended)?;
        answer.await.map_err(|_| HandleError::Ended)
    }

    /// Marks the run: because of the load that workers carry, as `why` says, another number of them was asked for.
    ///
    /// # Errors
    /// When the master is at its end.
    pub async fn rescaled(&self, from: u64, to: u64, why: String) -> Result<(), HandleError> {
        self.command(Command::Rescaled { from, to, why }).await
    }

    /// What was counted by method and name, with histograms, which no snapshot has. It is walked anew for each call.
    ///
    /// # Errors
    /// When the master has ended already.
    pub async fn series(&self) -> Result<Vec<Series>, HandleError> {
        let (reply, answer) = oneshot::channel();
        self.orders.send(Order::Series(reply)).await.map_err(|_| HandleError::Ended)?;
        answer.await.map_err(|_| HandleError::Ended)
    }

    /// Begins to stop the run; a snapshot whose state is stopped tells when it is.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn stop(&self) -> Result<(), HandleError> {
        self.command(Command::Stop).await
    }

    /// Zeroes the figures; the run goes on.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn reset(&self) -> Result<(), HandleError> {
        self.command(Command::Reset).await
    }

    /// Stops the run, if there is one, sends the workers home and ends the master.
    ///
    /// # Errors
    /// When the master has ended already.
    pub async fn quit(&self) -> Result<(), HandleError> {
        self.command(Command::Quit).await
    }

    /// Writes the journal and ends the master, but not the run: its workers go on, and the master that begins with the
    /// journal takes them over.
    ///
    /// # Errors
    /// When no run is going on, no journal is kept, the run is to end with the master already, or the master has ended.
    pub async fn hand_over(&self) -> Result<(), HandleError> {
        self.command(Command::HandOver).await
    }

    /// The newest snapshot, and each one after it: one each second, and one at each change of state.
    #[must_use]
    pub fn snapshots(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.snapshots.clone()
    }

    /// What happens from now on. A reader that falls behind misses the oldest and is told how many.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<FleetEvent> {
        self.events.subscribe()
    }

    async fn command(&self, command: Command) -> Result<(), HandleError> {
        let (reply, answer) = oneshot::channel();
        self.orders.send(Order::Command(command, reply)).await.map_err(|_| HandleError::Ended)?;
        Ok(answer.await.map_err(|_| HandleError::Ended)??)
    }
}
