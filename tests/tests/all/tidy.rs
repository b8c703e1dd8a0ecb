//! The rules of the house that a reader of text can hold.

use crate::repository::{files, root, text};
use std::env::temp_dir;
use std::path::Path;

/// Widest line of code, in characters. rustfmt breaks what it can at 110, but neither comments nor texts; texts may
/// be as wide as they are.
const WIDTH: usize = 120;

/// Longest file of code, in lines. Tests at its end do not count: tables are long.
const LENGTH: usize = 500;

/// Files that are longer, and why each may be.
const LONG: &[(&str, &str)] = &[];

#[test]
fn code_is_tidy() {
    // Put together here, so that this file does not hold them.
    let unfinished = [["TO", "DO"].concat(), ["FIX", "ME"].concat(), ["XX", "X"].concat()];
    let mut wrong = Vec::new();
    for file in code() {
        let path = file.to_string_lossy();
        let text = text(&file).unwrap_or_else(|| panic!("{path} is not UTF-8"));
        // Snapshots of what Locust prints are wide and end with spaces; they stand in tests.
        let tests = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
        let (mut offset, mut length) = (0, 0);
        for (number, line) in text.lines().enumerate() {
            let mut complain = |what: &str| wrong.push(format!("{path}:{}: {what}", number + 1));
            if offset < tests {
                length += 1;
            }
            if offset < tests && !path.contains("/tests/") {
                if line.contains('\t') {
                    complain("has a tab");
                }
                if line.ends_with(' ') {
                    complain("ends with a space");
                }
                if line.chars().count() > WIDTH && !line.contains('"') {
                    complain("is too wide");
                }
            }
            if unfinished.iter().any(|mark| has_word(line, mark)) {
                complain("is unfinished");
            }
            offset += line.len() + 1;
        }
        match (length > LENGTH, LONG.iter().find(|(long, _)| *long == path)) {
            (true, None) => {
                wrong.push(format!("{path} has {length} lines: split it, or list it with a reason"));
            }
            (false, Some(_)) => {
                wrong.push(format!("{path} is listed as long but has {length} lines"));
            }
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn nothing_was_left_behind() {
    let stray = |name: &str| {
        [".snap.new", ".pending-snap", ".orig", ".rej", "~"].iter().any(|end| name.ends_with(end))
    };
    let left: Vec<_> = files().into_iter().filter(|file| stray(&file.to_string_lossy())).collect();
    assert!(left.is_empty(), "{left:#?}");
}

#[test]
fn each_library_says_what_it_may_not_know() {
    let (mut libraries, mut wrong) = (0, Vec::new());
    for file in code().filter(|file| file.ends_with("src/lib.rs") && file.starts_with("crates")) {
        libraries += 1;
        let text = text(&file).unwrap_or_default();
        let head: String = text.lines().take_while(|line| line.starts_with("//!")).collect();
        if !head.contains("May not know: ") {
            wrong.push(file);
        }
    }
    assert!(wrong.is_empty(), "these do not say what they may not know: {wrong:#?}");
    assert!(libraries >= 10, "{libraries} libraries only");
}

#[test]
fn manifests_inherit() {
    for file in files().into_iter().filter(|file| file.ends_with("Cargo.toml")) {
        let text = text(&file).unwrap_or_default();
        let path = file.display();
        if file == Path::new("Cargo.toml") {
            for line in section(&text, "workspace.dependencies").filter(|line| !line.contains("path = ")) {
                assert!(line.contains(" # "), "{path}: without a reason: {line}");
            }
            continue;
        }
        assert!(text.contains("[lints]\nworkspace = true"), "{path} does not inherit the lints");
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for line in section(&text, kind) {
                let inherited = line.contains(".workspace = true") || line.contains("workspace = true");
                assert!(inherited, "{path}: not from the workspace's table: {line}");
            }
        }
    }
}

#[test]
fn no_file_knows_the_machine_it_was_written_on() {
    // The folder that holds this checkout, unless it is one that any text may name.
    let holder = root().parent().filter(|holder| holder.components().count() > 1 && **holder != temp_dir());
    let here = holder.unwrap_or(root()).join("").display().to_string();
    let mut wrong = Vec::new();
    for file in files() {
        for (number, line) in text(&file).unwrap_or_default().lines().enumerate() {
            if line.contains(&here) || line.contains(&["/ro", "ot/"].concat()) {
                wrong.push(format!("{}:{}: {line}", file.display(), number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn links_lead_somewhere() {
    let mut wrong = Vec::new();
    for file in files().into_iter().filter(|file| file.extension().is_some_and(|extension| extension == "md"))
    {
        let folder = root().join(&file).parent().map(Path::to_owned).unwrap_or_default();
        for link in links(&text(&file).unwrap_or_default()) {
            let path = link.split('#').next().unwrap_or_default();
            if !link.contains("://") && !link.starts_with("mailto:") && !folder.join(path).exists() {
                wrong.push(format!("{} -> {link}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn code() -> impl Iterator<Item = std::path::PathBuf> {
    files().into_iter().filter(|file| file.extension().is_some_and(|extension| extension == "rs"))
}

/// Whether the line has this word, not as a part of a longer one.
fn has_word(line: &str, word: &str) -> bool {
    line.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|other| other == word)
}

/// The entries of a section of a manifest.
fn section<'a>(manifest: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let head = format!("[{name}]");
    let lines = manifest.lines().skip_while(move |line| *line != head).skip(1);
    lines.take_while(|line| !line.starts_with('[')).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Where the links of a Markdown text lead.
fn links(markdown: &str) -> Vec<&str> {
    let mut code = false;
    let prose = markdown.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        code ^= fence;
        !code && !fence
    });
    prose.flat_map(|line| line.split("](").skip(1).filter_map(|rest| rest.split(')').next())).collect()
}

#[test]
fn the_readers_of_text_read() {
    assert_eq!(links("a [b](c.md) [d](e#f)\n```\n[x](y)\n```\n[g](h)"), ["c.md", "e#f", "h"]);
    let manifest = "[a]\nx = 1\n\n[dependencies]\n# why\nb.workspace = true\nc = 1\n[d]\ne = 2";
    assert_eq!(section(manifest, "dependencies").collect::<Vec<_>>(), ["b.workspace = true", "c = 1"]);
    assert!(has_word("// AB: x", "AB") && !has_word("ABC", "AB"));
}
