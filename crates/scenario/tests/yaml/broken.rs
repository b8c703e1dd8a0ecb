//! Each broken file beside its rendering. `UPDATE_EXPECT=1` rewrites the renderings.

use super::{expect_file, files};
use akrida_scenario::yaml::load;
use std::path::Path;

#[test]
fn broken_files_are_told_with_a_place_and_a_remedy() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken");
    let files = files(&folder, "yaml");
    assert!(files.len() >= 35);
    for (path, text) in files {
        let name = path.file_name().unwrap().to_string_lossy();
        let Err(problems) = load(&name, &text) else { panic!("{name} is not broken") };
        for problem in &problems.list {
            assert!(!problem.message.is_empty() && !problem.remedy.is_empty(), "{name}: {problem:?}");
            assert!(!problem.message.contains('\n') && !problem.remedy.contains('\n'), "{name}: {problem:?}");
            assert!(text.get(problem.span.clone()).is_some(), "{name}: {problem:?}");
        }
        expect_file(&path.with_extension("txt"), &problems.render(false));
    }
}
