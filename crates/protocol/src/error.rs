//! Why a frame was refused, told by message and field.

use std::fmt;

/// A frame that is not one of Locust's messages, or not a sound one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {problem}", Place(message.as_deref(), field))]
pub struct DecodeError {
    /// The message's type; `None` if even that could not be read.
    pub message: Option<String>,
    /// Where in the message, such as `stats[3].num_requests`; empty for the message as a whole.
    pub field: String,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong with a frame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The frame ends within a value.
    #[error("the frame ends too early")]
    Truncated,
    /// Something follows the message.
    #[error("{0} bytes follow the message")]
    TrailingBytes(usize),
    /// An array of another length.
    #[error("expected {wanted} elements, found {found}")]
    Elements {
        /// How many are needed.
        wanted: u32,
        /// How many there are.
        found: u32,
    },
    /// A value of another type.
    #[error("expected {wanted}, found {found}")]
    Type {
        /// What is needed.
        wanted: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// A text that is not UTF-8.
    #[error("not valid UTF-8")]
    NotUtf8,
    /// A number that cannot be what it should be: negative, fractional, not finite or far too large.
    #[error("expected {wanted}, found {found}")]
    Range {
        /// What is needed.
        wanted: &'static str,
        /// What is there.
        found: String,
    },
    /// More than a bound in [`limits`](crate::limits) allows.
    #[error("more than {limit} {unit}")]
    TooMany {
        /// The bound.
        limit: usize,
        /// Of what.
        unit: &'static str,
    },
    /// A value nested deeper than [`limits::DEPTH`](crate::limits::DEPTH).
    #[error("nested too deeply")]
    TooDeep,
    /// A field that every such message has is not there.
    #[error("missing")]
    Missing,
}

struct Place<'a>(Option<&'a str>, &'a str);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str("frame")?,
            Some(message) => write!(f, "message {message:?}")?,
        }
        if !self.1.is_empty() {
            write!(f, ", {}", self.1)?;
        }
        Ok(())
    }
}

/// A problem on its way up through the reader, gathering its place. Boxed: nearly all that is read is sound, and should
/// not be carried up beside the room for a fault.
#[derive(Debug)]
pub(crate) struct Fault(Box<Trace>);

#[derive(Debug)]
struct Trace {
    /// Innermost first.
    path: Vec<Step>,
    problem: Problem,
}

#[derive(Debug)]
enum Step {
    Field(String),
    Index(usize),
}

/// What reading yields.
pub(crate) type Read<T> = Result<T, Fault>;

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        Self(Box::new(Trace { path: Vec::new(), problem }))
    }
}

impl Fault {
    /// The finished error, for a message of type `message`.
    pub(crate) fn into_error(self, message: Option<&str>) -> DecodeError {
        let mut field = String::new();
        for step in self.0.path.iter().rev() {
            match step {
                Step::Field(name) if field.is_empty() => field.push_str(name),
                Step::Field(name) => {
                    field.push('.');
                    field.push_str(name);
                }
                Step::Index(index) => field.push_str(&format!("[{index}]")),
            }
        }
        DecodeError { message: message.map(str::to_owned), field, problem: self.0.problem }
    }
}

/// Names the place of a fault.
pub(crate) trait At {
    /// Within the field `name`.
    fn at(self, name: &str) -> Self;
    /// Within the element `index`.
    fn nth(self, index: usize) -> Self;
}

impl<T> At for Read<T> {
    fn at(self, name: &str) -> Self {
        self.map_err(|mut fault| {
            fault.0.path.push(Step::Field(excerpt(name)));
            fault
        })
    }

    fn nth(self, index: usize) -> Self {
        self.map_err(|mut fault| {
            fault.0.path.push(Step::Index(index));
            fault
        })
    }
}

/// What stands of a peer's text in an error: neither much of it nor anything that moves a terminal's cursor.
pub(crate) fn excerpt(text: &str) -> String {
    text.chars().take(64).flat_map(char::escape_debug).collect()
}

/// The field, or the fault that it is missing.
pub(crate) fn required<T>(field: Option<T>, name: &str) -> Read<T> {
    field.ok_or_else(|| Fault::from(Problem::Missing)).at(name)
}
