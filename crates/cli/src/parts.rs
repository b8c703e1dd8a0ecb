//! The files that a test is made of, as they were read: what a master hands out, and what a worker gets.

use crate::environment::Variables;
use crate::files;
use akrida_scenario::{Source, limits};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A test that is on its way from a master to its workers.
#[derive(Default)]
pub(crate) struct Parts {
    /// Scenarios and locustfiles in their order: what they are called, and their texts.
    pub(crate) tests: Vec<(String, String)>,
    /// Files that scenarios name, by [`key`].
    pub(crate) data: BTreeMap<String, Arc<[u8]>>,
    /// What stands in files of secrets; it goes nowhere.
    secrets: Vec<Arc<[u8]>>,
}

impl Parts {
    /// What a data file is called that is the file of a secret too, under whatever name.
    pub(crate) fn secret_among_data(&self) -> Option<&str> {
        let same = |(_, bytes): &(&String, &Arc<[u8]>)| self.secrets.contains(bytes);
        self.data.iter().find(same).map(|(name, _)| name.as_str())
    }
}

/// What a file is called that `scenario` names as `path`: its way from where the scenario's own begins. So two files
/// of one name in different folders stay two.
fn key(scenario: &str, path: &str) -> String {
    match scenario.rfind('/') {
        Some(slash) if !path.starts_with('/') => format!("{}{path}", &scenario[..=slash]),
        _ => path.to_owned(),
    }
}

/// The disk, for a scenario that lies on it. Takes down in `parts` what it has served.
pub(crate) struct Disk<'a> {
    scenario: &'a str,
    folder: PathBuf,
    variables: Variables,
    parts: RefCell<&'a mut Parts>,
}

impl<'a> Disk<'a> {
    pub(crate) fn of(scenario: &'a str, path: &Path, variables: Variables, parts: &'a mut Parts) -> Self {
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        Self { scenario, folder, variables, parts: RefCell::new(parts) }
    }
}

impl Source for Disk<'_> {
    fn file(&self, path: &str) -> Result<Arc<[u8]>, String> {
        let bytes = read(&self.folder.join(path))?;
        self.parts.borrow_mut().data.insert(key(self.scenario, path), bytes.clone());
        Ok(bytes)
    }

    fn secret_file(&self, path: &str) -> Result<Arc<[u8]>, String> {
        let bytes = read(&self.folder.join(path))?;
        self.parts.borrow_mut().secrets.push(bytes.clone());
        Ok(bytes)
    }

    fn environment(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }
}

/// What a master has handed out; secrets are this machine's own.
pub(crate) struct HandedOut<'a> {
    pub(crate) scenario: &'a str,
    pub(crate) data: &'a BTreeMap<String, Arc<[u8]>>,
    pub(crate) variables: Variables,
}

impl Source for HandedOut<'_> {
    fn file(&self, path: &str) -> Result<Arc<[u8]>, String> {
        let found = self.data.get(&key(self.scenario, path)).cloned();
        found.ok_or_else(|| "it did not come with the test from the master".to_owned())
    }

    fn secret_file(&self, path: &str) -> Result<Arc<[u8]>, String> {
        read(Path::new(path)).map_err(|error| format!("{error}; no master hands out secrets"))
    }

    fn environment(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }
}

fn read(path: &Path) -> Result<Arc<[u8]>, String> {
    if path.is_dir() {
        return Err("it is a folder".to_owned());
    }
    let bytes = files::read_within(path, limits::DATA_BYTES as u64).map_err(|error| error.to_string())?;
    let bytes = bytes.ok_or_else(|| format!("it is larger than {} bytes", limits::DATA_BYTES))?;
    Ok(bytes.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str) -> Arc<[u8]> {
        text.as_bytes().into()
    }

    #[test]
    fn files_are_told_apart_by_their_folders() {
        let check = |scenario, path, expected| assert_eq!(key(scenario, path), expected);
        check("shop.yaml", "users.csv", "users.csv");
        check("tests/shop.yaml", "data/users.csv", "tests/data/users.csv");
        check("/srv/shop.yaml", "users.csv", "/srv/users.csv");
        check("tests/shop.yaml", "/srv/users.csv", "/srv/users.csv");
        check("tests/shop.yaml", "../users.csv", "tests/../users.csv");
    }

    #[test]
    fn what_a_scenario_names_lies_beside_it_and_is_taken_down() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenario.yaml");
        let mut parts = Parts::default();
        let variables = Variables::from([("NAME".to_owned(), "akrida".to_owned())]);
        let disk = Disk::of("cli/scenario.yaml", &path, variables, &mut parts);
        assert!(disk.file("src/main.rs").is_ok_and(|bytes| bytes.starts_with(b"//!")));
        assert!(disk.secret_file("src/log.rs").is_ok_and(|bytes| bytes.starts_with(b"//! Log")));
        assert_eq!(disk.file("src"), Err("it is a folder".to_owned()));
        assert!(disk.file("no-such-file").is_err_and(|why| why.contains("No such file")));
        assert_eq!(disk.file("/dev/zero"), Err(format!("it is larger than {} bytes", limits::DATA_BYTES)));
        assert_eq!(disk.environment("NO_SUCH_VARIABLE"), None);
        assert_eq!(disk.environment("NAME").as_deref(), Some("akrida"));
        assert_eq!(parts.data.keys().collect::<Vec<_>>(), ["cli/src/main.rs"]);
        assert_eq!(parts.secrets.len(), 1);
        assert_eq!(parts.secret_among_data(), None);
    }

    #[test]
    fn a_secret_is_one_whatever_it_is_called() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenario.yaml");
        let mut parts = Parts::default();
        let disk = Disk::of("scenario.yaml", &path, Variables::new(), &mut parts);
        disk.secret_file("src/log.rs").unwrap();
        disk.file("src/main.rs").unwrap();
        disk.file("src/../src/log.rs").unwrap();
        assert_eq!(parts.secret_among_data(), Some("src/../src/log.rs"));
    }

    #[test]
    fn what_was_handed_out_is_found_as_on_the_disk_and_secrets_only_here() {
        let data = BTreeMap::from([("tests/users.csv".to_owned(), bytes("name\nada\n"))]);
        let source = HandedOut { scenario: "tests/shop.yaml", data: &data, variables: Variables::default() };
        assert_eq!(source.file("users.csv"), Ok(bytes("name\nada\n")));
        assert!(source.file("other.csv").is_err_and(|why| why.contains("did not come")));
        assert!(source.file("Cargo.toml").is_err(), "files of this machine are no data");
        assert!(
            source.secret_file("users.csv").is_err_and(|why| why.contains("no master hands out secrets"))
        );
        assert!(source.secret_file("Cargo.toml").is_ok(), "by its way from the current folder");
    }
}
