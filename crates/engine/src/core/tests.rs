//! What a core holds on to, and what it lets go.

use super::*;
use akrida_scenario::UserClass;
use tokio::runtime::{Builder, LocalOptions};

#[test]
fn a_user_whose_task_panics_has_left() {
    let scenario = Scenario { classes: vec![UserClass::default()], ..Scenario::default() };
    let options = Options::default();
    let networks = Arc::new(Networks::new(&scenario, &options.roots).unwrap());
    let counts = Arc::new(vec![AtomicU64::new(1)]);
    let (exceptions, _raised) = mpsc::channel(1);
    let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default()).unwrap();
    runtime.block_on(async {
        let shared = (networks, exceptions);
        let core = Core::new(0, Clock::start(), scenario.into(), &options, shared, counts.clone()).unwrap();
        let (commands, inbox) = mpsc::channel(1);
        tokio::task::spawn_local(core.clone().serve(inbox));
        core.admit(0, |_, _| async { panic!("as a bug in the engine would") });
        while core.alive.get() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(counts[0].load(Ordering::Relaxed), 0, "it is not told as running");
        let (reply, done) = oneshot::channel();
        commands.send(Command::Stop { reply }).await.ok().unwrap();
        tokio::time::timeout(Duration::from_secs(60), done).await.unwrap().unwrap();
    });
}
