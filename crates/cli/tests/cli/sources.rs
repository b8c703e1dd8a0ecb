//! Where values come from, and which source wins.

use crate::binary::Akrida;

/// Each source names another test, none of which is there: the error tells who won.
#[test]
fn the_command_line_beats_the_environment_beats_files() {
    let everything = || {
        Akrida::new()
            .file(".locust.conf", "locustfile = home.yaml")
            .file("locust.conf", "locustfile = here.yaml")
            .file("pyproject.toml", "[tool.locust]\nlocustfile = \"project.yaml\"")
            .file("mine.conf", "locustfile = mine.yaml")
    };
    let check = |akrida: &Akrida, arguments: &str, winner: &str| {
        let error = akrida.run(arguments).stderr;
        assert!(error.starts_with(&format!("error: cannot read {winner}:")), "{arguments}: {error}");
    };
    check(&Akrida::new().file(".locust.conf", "locustfile = home.yaml"), "", "home.yaml");
    let with_both = Akrida::new()
        .file(".locust.conf", "locustfile = home.yaml")
        .file("locust.conf", "-f = x\nlocustfile: here.yaml");
    check(&with_both, "", "here.yaml");
    check(&everything(), "", "project.yaml");
    check(&everything(), "--config mine.conf", "mine.yaml");
    let old = everything().variable("LOCUST_FILE", "old.yaml");
    check(&old, "--config mine.conf", "old.yaml");
    let new = old.variable("LOCUST_LOCUSTFILE", "variable.yaml");
    check(&new, "", "variable.yaml");
    let options = new.variable("LOCUST_OPTS", "--no-web -f options.yaml");
    check(&options, "", "options.yaml");
    check(&options, "-f typed.yaml", "typed.yaml");
}

#[test]
fn broken_sources_are_told() {
    let ended = Akrida::new().file("locust.conf", "= 5").run("");
    insta::assert_snapshot!(ended, @r"
    error: locust.conf:1: `= 5` is not a setting
      help: write `name = value`
    exit code 2
    ");
    insta::assert_snapshot!(Akrida::new().run("--config missing.conf"), @r"
    error: cannot read missing.conf: No such file or directory (os error 2)
      help: name another file
    exit code 2
    ");
    insta::assert_snapshot!(Akrida::new().variable("LOCUST_USERS", "many").run("http://localhost"), @r"
    error: users (environment variable LOCUST_USERS): `many` is not a whole number such as 50
    exit code 2
    ");
}

#[test]
fn a_role_may_stand_anywhere() {
    let both = Akrida::new().variable("LOCUST_MODE", "worker").file("locust.conf", "master = true").run("");
    insta::assert_snapshot!(both, @r"
    error: a process is master or worker, not both
      help: leave one of them out
    exit code 2
    ");
}
