//! Runs that are kept in files, by the interface for programs.

use super::{Served, target};
use crate::binary::folder;
use serde_json::Value;
use std::fs;

fn runs(served: &Served) -> Vec<Value> {
    served.get("/api/v1/runs").json()["runs"].as_array().unwrap().clone()
}

#[test]
fn a_run_is_listed_reported_named_and_deleted() {
    let (target, runs_dir) = (target(), folder());
    let served = Served::alone(&target, &["--runs-dir", &runs_dir.display().to_string()]);
    assert!(runs(&served).is_empty());
    let before = served.get("/stats/report").body;
    assert!(before.contains("Nothing measured") && before.contains("web.yaml"), "{before}");

    served.post("/swarm", "user_count=4&spawn_rate=4");
    served.akrida.until(|| runs(&served).first().is_some_and(|run| run["num_requests"].as_u64() > Some(9)));
    let run = &runs(&served)[0];
    assert_eq!((&run["ended"], &run["files"]), (&Value::Bool(false), &Value::from("web.yaml")));
    let id = run["id"].as_str().unwrap().to_owned();
    // The report of a run that goes on has what its file tells beside the figures of this moment.
    let live = served.get("/stats/report").body;
    let has = ["canvas id=\"heat\"", "What happened", "<dt>seed</dt>", "<summary>web.yaml</summary>"];
    assert!(has.iter().all(|words| live.contains(words)) && !live.contains("Not at its end"), "{live}");
    let form = format!("id={id}");
    let refused = served.post("/api/v1/runs/delete", &form);
    assert!(refused.status == 409 && refused.body.contains("The run goes on"), "{refused:?}");

    served.get("/stop");
    served.akrida.until(|| runs(&served)[0]["ended"] == true);
    let total = served.snapshot()["total"]["num_requests"].clone();
    assert_eq!(runs(&served)[0]["num_requests"], total);
    assert_eq!(served.post("/api/v1/runs/name", &format!("{form}&name=before+%3Ci%3E")).status, 200);
    assert_eq!(runs(&served)[0]["name"], "before <i>");
    for path in ["/runs".to_owned(), format!("/run-report?run={id}")] {
        let page = served.get(&path).body;
        assert!(page.contains("before &#60;i&#62;") && !page.contains("<i>"), "{page}");
    }
    assert_eq!(served.get(&format!("/run-compare?run={id}")).status, 303, "one is not side by side");
    for wrong in ["..%2Fx", "", "none"] {
        assert_eq!(served.get(&format!("/run-report?run={wrong}")).status, 404, "{wrong}");
        assert_eq!(served.post("/api/v1/runs/delete", &format!("id={wrong}")).status, 404, "{wrong}");
    }
    assert_eq!(served.post("/api/v1/runs/delete", &form).status, 200);
    assert!(runs(&served).is_empty() && fs::read_dir(&runs_dir).unwrap().next().is_none());
    fs::remove_dir_all(runs_dir).unwrap();
}

#[test]
fn where_none_are_kept_that_is_told() {
    let target = target();
    let served = Served::alone(&target, &[]);
    for path in ["/runs", "/run-report?run=x", "/api/v1/runs"] {
        let answer = served.get(path);
        assert!(answer.status == 404 && answer.body.contains("--runs-dir"), "{path}: {answer:?}");
    }
    assert!(
        served.get("/stats/report").body.contains("<summary>web.yaml</summary>"),
        "the test is known all the same"
    );
}
