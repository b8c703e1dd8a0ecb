//! The schema in docs/ is the one that the front end has.

use super::{expect_file, root};

#[test]
fn the_schema_of_the_guide_is_up_to_date() {
    let schema = serde_json::to_string_pretty(&akrida_scenario::yaml::schema()).unwrap();
    expect_file(&root().join("docs/scenario.schema.json"), &format!("{schema}\n"));
}
