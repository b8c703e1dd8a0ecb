//! Each broken file beside its rendering. `UPDATE_EXPECT=1` rewrites the renderings.

use super::{Folder, SECRET, expect_file, files};
use akrida_scenario::yaml::load_with;
use std::path::Path;

#[test]
fn broken_files_are_told_with_a_place_and_a_remedy() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken");
    let files = files(&folder, "yaml");
    assert!(files.len() >= 100);
    let given = Folder(folder.join("given"));
    let secrets = [SECRET, "hunter2-of-the-file"];
    for (path, text) in files {
        let name = path.file_name().unwrap().to_string_lossy();
        let Err(problems) = load_with(&name, &text, &given) else { panic!("{name} is not broken") };
        for problem in &problems.list {
            assert!(!problem.message.is_empty() && !problem.remedy.is_empty(), "{name}: {problem:?}");
            assert!(!problem.message.contains('\n') && !problem.remedy.contains('\n'), "{name}: {problem:?}");
            assert!(text.get(problem.span.clone()).is_some(), "{name}: {problem:?}");
        }
        let rendered = problems.render(false);
        assert!(secrets.iter().all(|secret| !rendered.contains(secret)), "{name} shows a secret");
        expect_file(&path.with_extension("txt"), &rendered);
    }
}
