//! Every bound of this crate, with its unit and its reason.

/// Largest scenario file, bytes. A test that is larger is data, and data belongs into files of its own.
pub const FILE_BYTES: usize = 4 * 1024 * 1024;

/// Most YAML nodes after aliases are expanded, so that a few nested aliases cannot ask for gigabytes.
pub const YAML_NODES: usize = 100_000;

/// Most bytes of YAML scalars after aliases are expanded, for the same reason.
pub const YAML_BYTES: usize = 4 * FILE_BYTES;

/// Deepest nesting of YAML nodes, of expressions and of Python blocks.
pub const DEPTH: usize = 64;

/// Problems reported of one file; the rest is only counted.
pub const PROBLEMS: usize = 100;

/// Problems after which a file is searched no further: nobody reads them, and telling them takes time.
pub const FOUND: usize = 1_000;

/// Longest excerpt of a line beside a problem, bytes: what fits on a screen.
pub const EXCERPT_BYTES: usize = 240;

/// Largest weight of a class or task.
pub const WEIGHT: u32 = 1_000_000;

/// Most users of a class's `fixed_count` or of a stage.
pub const USERS: u64 = 10_000_000;

/// Most stages of a run.
pub const STAGES: usize = 1_000;

/// Most thresholds of a run: each is looked at several times a second.
pub const THRESHOLDS: usize = 200;

/// Most tasks of a class, user classes of a scenario, and variables of a class: more is data.
pub const NAMES: usize = 10_000;

/// Largest seed: what JSON and YAML readers keep exactly.
pub const SEED: u64 = i64::MAX as u64;

/// Most iterations that the whole fleet starts per second (`arrivals`).
pub const ARRIVALS_PER_S: f64 = 1e6;

/// Most times that `repeat` does something; who wants more writes `while: true`.
pub const REPEATS: u64 = 1_000_000_000;

/// Largest size or count that a check asks for.
pub const SIZE: u64 = 1 << 40;

/// Largest file that a scenario names, bytes: it is held in memory by each process of the fleet.
pub const DATA_BYTES: usize = 64 * 1024 * 1024;

/// Largest sum of all files that a scenario names, bytes.
pub const ALL_FILES_BYTES: usize = 256 * 1024 * 1024;

/// Most secrets, and most feeders, of a scenario: each is known to every class.
pub const SOURCES: usize = 1_000;

/// Longest text that an option may be, bytes: a path, a query, a token; each job holds all of them.
pub const OPTION_BYTES: usize = 4_096;

/// Most options of a scenario: a person has to see them in one form.
pub const OPTIONS: usize = 100;

/// Most choices of an option.
pub const CHOICES: usize = 1_000;

/// Most values of a data file, in all its rows. Each takes some hundred bytes while it is read, and fewer later.
pub const DATA_VALUES: usize = 4_000_000;

/// Most columns of a CSV file.
pub const COLUMNS: usize = 1_000;

/// Largest secret, bytes: keys and tokens are shorter.
pub const SECRET_BYTES: usize = 64 * 1024;

/// Most different regular expressions of a scenario: each may need megabytes.
pub const PATTERNS: usize = 1_000;

/// Longest regular expression, CSS selector or JSON path, bytes.
pub const PATTERN_BYTES: usize = 4096;

/// Most brackets within each other in one of these, so that reading it fits a thread's stack.
pub const PATTERN_DEPTH: usize = 16;

/// Most redirects that one request may ask to follow.
pub const REDIRECTS: u8 = 100;

/// Longest wait, timeout or stage, seconds (a year).
pub const LONGEST_S: f64 = 365.0 * 24.0 * 3600.0;

/// Most bytes of one value while expressions are evaluated.
pub const VALUE_BYTES: usize = 16 * 1024 * 1024;

/// Most steps of one evaluation: operations, items of loops, and what takes about as long. They last about a quarter
/// of a second, for which the other users of a core have to wait.
pub const EVALUATION_STEPS: usize = 5_000_000;

/// Most bytes of one compiled pattern of an expression, and of what it keeps while it searches.
pub const COMPILED_BYTES: usize = 1024 * 1024;

/// Deepest nesting of such a pattern.
pub const COMPILED_DEPTH: u32 = 64;

/// Most patterns of one expression.
pub const COMPILED: usize = 100;

/// Deepest nesting of one value: of JSON that was read (its parser allows 128), and of what is built of it.
pub const VALUE_DEPTH: usize = 160;

/// Most operators, dots, brackets and keywords that Python source may hold one within the other. A parser's tree
/// is this deep at most, so that walking it and dropping it fit a thread's stack.
pub const LINKS: usize = 256;

/// Most values of a JSON text, containers included. Each takes some hundred bytes while it is looked into.
pub const JSON_VALUES: usize = 500_000;

/// Largest width and precision of a format specification, characters.
pub const FORMAT_WIDTH: usize = 4096;

/// Most steps that a Python file is translated to; methods that call one another count as often as they are called.
pub const STEPS: usize = 50_000;

/// Most classes of a Python file.
pub const CLASSES: usize = 250;

/// Most members of one Python class, and most items of its list of tasks.
pub const MEMBERS: usize = 2_000;

/// Most task sets of a Python user; one that is entered from two others counts twice.
pub const SETS: u16 = 1000;

/// Most variables of a Python user, and most of one of its tasks; each user has memory for all of them.
pub const VARIABLES: u16 = 4096;

/// Longest text of curl commands that is converted, bytes: as much as a scenario may have.
pub const CURL_BYTES: usize = FILE_BYTES;

/// Largest recording that is converted, bytes. Most of one is answers, which are skipped.
pub const HAR_BYTES: usize = 64 * 1024 * 1024;

/// Most requests of a recording, those included that are left out.
pub const HAR_ENTRIES: usize = 100_000;
