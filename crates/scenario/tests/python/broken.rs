//! Each refused locustfile beside what is told of it. `UPDATE_EXPECT=1` rewrites the texts.

use super::{expect_file, files, here};
use akrida_scenario::python::load;

#[test]
fn what_cannot_be_translated_is_told_with_a_place_and_a_way_out() {
    let files = files(&here().join("broken_python"));
    assert!(files.len() >= 25);
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
