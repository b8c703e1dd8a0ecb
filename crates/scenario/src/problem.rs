//! What is wrong with a file, where, and what to do about it.

use std::ops::Range;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where, as a range of bytes in the file.
    pub span: Range<usize>,
    /// What is wrong, in one line without a full stop.
    pub message: String,
    /// What to write or do instead, in one line without a full stop.
    pub remedy: String,
}

/// Everything that is wrong with one file, by place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems {
    /// What the file is called.
    pub file: String,
    /// Its text, for excerpts.
    pub text: String,
    /// At least one.
    pub list: Vec<Problem>,
}
