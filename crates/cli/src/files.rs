//! Files that the command line names.

use crate::exit::Failure;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

/// Reads a text file of at most `limit` bytes.
pub(crate) fn read_text(path: &Path, limit: u64) -> Result<String, Failure> {
    let bytes = read(path, limit)?;
    String::from_utf8(bytes)
        .map_err(|_| Failure::usage(format!("{} is not UTF-8 text", path.display()), "save it as UTF-8"))
}

/// Reads a file of at most `limit` bytes.
pub(crate) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    read_within(path, limit).map_err(|error| cannot("read", path, &error))?.ok_or_else(|| {
        Failure::usage(format!("{} is larger than {limit} bytes", path.display()), "name another file")
    })
}

/// Reads a file; `None` if it has more than `limit` bytes. The bound holds for devices and pipes too.
pub(crate) fn read_within(path: &Path, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= limit).then_some(bytes))
}

/// Makes the folders of `path` that are not there.
pub(crate) fn make_folders(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => fs::create_dir_all(folder),
        _ => Ok(()),
    }
}

/// Writes a file, in folders that are made if they are not there.
///
/// # Errors
/// When that cannot be done.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    make_folders(path).and_then(|()| fs::write(path, text)).map_err(|error| cannot("write", path, &error))
}

/// Adds `text` to the end of a file.
///
/// # Errors
/// When that cannot be done.
pub(crate) fn append(path: &Path, text: &str) -> Result<(), Failure> {
    let file = fs::OpenOptions::new().create(true).append(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| cannot("write", path, &error))
}

/// "cannot read x: No such file or directory"
pub(crate) fn cannot(what: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::usage(format!("cannot {what} {}: {error}", path.display()), "name another file")
}
