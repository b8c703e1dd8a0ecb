//! What is remembered, in a file: replaced as a whole, so that whoever is killed leaves the old one or the new one.

use crate::files;
use akrida_autoscaler::limits::MEMORY_BYTES;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

/// What the file holds; an empty text if it is not there. What is too long, or no text, is returned as something that
/// cannot be read as memories either.
pub(super) fn read(path: &Path) -> io::Result<String> {
    match files::read_within(path, MEMORY_BYTES as u64) {
        Ok(Some(bytes)) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Ok(None) => Ok("too long".to_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(error),
    }
}

/// Writes beside the file, and puts that in its place.
pub(super) fn write(path: &Path, text: &str) -> io::Result<()> {
    files::make_folders(path)?;
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let mut file = File::create(&beside)?;
    file.write_all(text.as_bytes())?;
    // Else a machine that loses power may have the new name and no contents.
    file.sync_all()?;
    fs::rename(&beside, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shorter_text_leaves_nothing_of_a_longer_one() {
        // The first of these autoscalers wrote 0 over 10 and left a brace too many, which nothing could read again.
        let folder = std::env::temp_dir().join(format!("akrida-state-{}", std::process::id()));
        let path = folder.join("deep/state.json");
        assert_eq!(read(&path).unwrap(), "");
        for text in [r#"{"runs_since_change": 10}"#, r#"{"runs_since_change": 0}"#] {
            write(&path, text).unwrap();
            assert_eq!(read(&path).unwrap(), text);
        }
        assert_eq!(fs::read_dir(folder.join("deep")).unwrap().count(), 1);
        fs::write(&path, "x".repeat(MEMORY_BYTES + 1)).unwrap();
        assert_eq!(read(&path).unwrap(), "too long");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_folder_is_no_file() {
        assert!(read(Path::new("/")).is_err());
    }
}
