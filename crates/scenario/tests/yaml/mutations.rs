//! Good files with random damage never panic, and every problem has a place within the file.

use super::{Folder, SECRET, files, root};
use akrida_scenario::yaml::load_with;
use std::path::Path;

const ROUNDS: usize = if option_env!("AKRIDA_FUZZ").is_some() { 1_000_000 } else { 10_000 };

/// What is put into files: what YAML, expressions and the table treat in their own ways.
const PIECES: [&str; 44] = [
    "\t",
    " ",
    "\n",
    "\r\n",
    "  ",
    ":",
    ": ",
    "- ",
    "? ",
    "#",
    " #",
    "{",
    "}",
    "{{",
    "}}",
    "[",
    "]",
    "\"",
    "'",
    "&a ",
    "*a",
    "!!str ",
    "|\n",
    ">-\n",
    "---\n",
    "...\n",
    "%TAG ! x\n",
    "\u{feff}",
    "ä",
    "\u{1f600}",
    "\0",
    "0x",
    "-1",
    "{{ x }}",
    "{{ api_key }}",
    "steps: [",
    "then: ",
    "file: good.csv",
    "file: ../",
    "env: API_KEY",
    "$..[?",
    "(\\w{9}){9}",
    "\u{85}",
    "1e999",
];

fn mutate(text: &str, rng: &mut fastrand::Rng) -> String {
    let mut text = text.to_owned();
    for _ in 0..rng.usize(1..6) {
        let at = text.floor_char_boundary(rng.usize(0..=text.len()));
        let end = text.floor_char_boundary((at + rng.usize(0..12)).min(text.len()));
        match rng.u8(0..4) {
            0 => text.insert_str(at, PIECES[rng.usize(0..PIECES.len())]),
            1 => text.replace_range(at..end, ""),
            2 => text.replace_range(at..end, PIECES[rng.usize(0..PIECES.len())]),
            _ => {
                let from = text.floor_char_boundary(rng.usize(0..=text.len()));
                let to = text.floor_char_boundary((from + rng.usize(0..60)).min(text.len()));
                let piece = text[from..to].to_owned();
                text.insert_str(at, &piece);
            }
        }
    }
    text
}

#[test]
fn damaged_files_never_panic() {
    let broken = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken");
    let mut texts: Vec<_> =
        files(&root().join("scenarios"), "yaml").into_iter().map(|(_, text)| text).collect();
    texts.extend(files(&broken, "yaml").into_iter().map(|(_, text)| text));
    let given = Folder(broken.join("given"));
    for seed in 0..ROUNDS as u64 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let text = mutate(&texts[rng.usize(0..texts.len())], &mut rng);
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            load_with("a.yaml", &text, &given).map_err(|problems| {
                let rendered = problems.render(false);
                assert!(!problems.list.is_empty() && !rendered.contains(SECRET));
                for problem in &problems.list {
                    assert!(problem.span.start <= text.len(), "{problem:?}");
                }
            })
        }));
        assert!(result.is_ok(), "seed {seed}:\n{text}");
    }
}
