//! Each refused locustfile beside what is told of it. `UPDATE_EXPECT=1` rewrites the texts.

use super::{expect_file, files, here};
use akrida_scenario::python::load;
use std::collections::BTreeSet;

#[test]
fn what_cannot_be_translated_is_told_with_a_place_and_a_way_out() {
    let files = files(&here().join("broken_python"));
    assert!(files.len() >= 35);
    for (path, text) in files {
        let name = path.file_name().unwrap().to_string_lossy();
        let Err(problems) = load(&name, &text) else { panic!("{name} is not broken") };
        for problem in &problems.list {
            assert!(!problem.message.is_empty() && !problem.remedy.is_empty(), "{name}: {problem:?}");
            let way_out = problem.remedy.contains("run this file on Python workers");
            assert_eq!(problem.untranslated, way_out, "{name}: {problem:?}");
            assert!(text.get(problem.span.clone()).is_some(), "{name}: {problem:?}");
        }
        expect_file(&path.with_extension("txt"), &problems.render(false));
    }
}

/// What a problem is about, whatever the names in it are.
fn construct(message: &str) -> String {
    let pieces = message.split('`').enumerate();
    pieces.map(|(place, piece)| if place % 2 == 0 { piece } else { "..." }).collect()
}

#[test]
fn many_constructs_are_refused_each_with_place_excerpt_and_remedy() {
    let mut constructs = BTreeSet::new();
    for (path, text) in files(&here().join("broken_python")) {
        let name = path.file_name().unwrap().to_string_lossy();
        let told = load(&name, &text).unwrap_err().render(false);
        for problem in told.split("\n\n").filter(|problem| problem.starts_with("error: ")) {
            let lines: Vec<&str> = problem.lines().map(str::trim_start).collect();
            let [message, place, _, excerpt, mark, _, remedy] = lines.as_slice() else {
                panic!("{name}: {problem}")
            };
            assert!(place.starts_with(&format!("--> {name}:")), "{problem}");
            let (number, excerpt) = excerpt.split_once(" | ").unwrap();
            let line: usize = number.parse().unwrap();
            assert!(place.starts_with(&format!("--> {name}:{line}:")), "{problem}");
            assert!(!excerpt.trim().is_empty() && mark.contains('^'), "{problem}");
            assert!(remedy.starts_with("= help: ") && remedy.len() > 12, "{problem}");
            constructs.insert(construct(message));
        }
    }
    assert!(constructs.len() >= 120, "only {} constructs: {constructs:#?}", constructs.len());
}
