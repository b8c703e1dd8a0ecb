//! Workers that come while nothing runs, and after that.

use super::*;

#[test]
fn a_worker_that_comes_while_nothing_runs_is_in_the_next_run_from_its_beginning() {
    let mut bench = Bench::new(&["a"]);
    // It has been idle for an hour, with nobody else.
    for _ in 0..3_600 {
        bench.pass(1, &[]);
        bench.say("a", &heartbeat(WorkerState::Ready, 0));
    }
    assert_eq!(bench.say("b", &ready()), [to("b", "ack")]);
    let (answer, jobs) = bench.command(start(4, None));
    assert_eq!((answer, &jobs), (Ok(()), &vec![to("a", "spawn 2"), to("b", "spawn 2")]));
    bench.carry_out(jobs);
    // The same after a run, and the first thing that the newcomer hears is its job.
    bench.command(Command::Stop).0.unwrap();
    for worker in ["a", "b"] {
        bench.say(worker, &ToMaster::ClientStopped);
        bench.say(worker, &ready());
    }
    bench.pass(1, &[]);
    assert_eq!(bench.snapshot.state, RunState::Stopped);
    assert_eq!(bench.say("c", &ready()), [to("c", "ack")]);
    let (_, jobs) = bench.command(start(6, None));
    assert_eq!(jobs, [to("a", "spawn 2"), to("b", "spawn 2"), to("c", "spawn 2")]);
    bench.carry_out(jobs);
    assert_eq!(bench.snapshot.user_count, 6);
}
