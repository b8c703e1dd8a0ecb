//! What a file imports, and what its names stand for by that.

use super::file::File;
use super::refuse::Refusals;
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::TextRange;

/// Modules of the standard library, and those that come with Locust, that may be imported as long as nothing of them
/// is used that is not translated: importing them changes nothing.
const HARMLESS: &[&str] = &[
    "__future__",
    "abc",
    "base64",
    "collections",
    "contextlib",
    "copy",
    "csv",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "gevent",
    "hashlib",
    "hmac",
    "http",
    "itertools",
    "json",
    "logging",
    "math",
    "os",
    "pathlib",
    "pprint",
    "random",
    "re",
    "requests",
    "string",
    "sys",
    "time",
    "traceback",
    "typing",
    "urllib",
    "urllib3",
    "uuid",
    "warnings",
];

impl<'f> File<'f> {
    pub(super) fn import(&mut self, import: &'f ast::StmtImport, refusals: &mut Refusals) {
        for alias in &import.names {
            let module = alias.name.as_str();
            let root = module.split('.').next().unwrap_or(module);
            if root == "locust" || HARMLESS.contains(&root) {
                let (name, path) = match &alias.asname {
                    Some(name) => (name.as_str(), module),
                    None => (root, root),
                };
                self.imports.insert(name, canonical(path));
            } else {
                self.told.insert(alias.asname.as_ref().map_or(root, |name| name.as_str()));
                refuse_module(alias.range, module, refusals);
            }
        }
    }

    pub(super) fn import_from(&mut self, import: &'f ast::StmtImportFrom, refusals: &mut Refusals) {
        let module = import.module.as_ref().map_or("", |module| module.as_str());
        let root = module.split('.').next().unwrap_or(module);
        if import.level > 0 || !(root == "locust" || HARMLESS.contains(&root)) {
            let dots = ".".repeat(import.level as usize);
            refuse_module(import.range, &format!("{dots}{module}"), refusals);
            let names =
                import.names.iter().map(|alias| alias.asname.as_ref().unwrap_or(&alias.name).as_str());
            self.told.extend(names);
            return;
        }
        for alias in &import.names {
            if alias.name.as_str() == "*" {
                refusals.untranslated(
                    alias.range,
                    "`import *` does not say what is imported",
                    "name what is used, as in `from locust import HttpUser, task`",
                );
                continue;
            }
            let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
            self.imports.insert(name, canonical(&format!("{module}.{}", alias.name)));
        }
    }

    /// The full name of something that was imported: `time.sleep`.
    pub(super) fn path(&self, python: &Expr) -> Option<String> {
        match python {
            Expr::Name(name) if self.loggers.contains(name.id.as_str()) => Some("logging.logger".to_owned()),
            Expr::Name(name) => self.imports.get(name.id.as_str()).cloned(),
            Expr::Attribute(attribute) => {
                Some(format!("{}.{}", self.path(&attribute.value)?, attribute.attr))
            }
            _ => None,
        }
    }

    /// Whether a function of this full name writes a log.
    pub(super) fn is_log(path: &str) -> bool {
        const LEVELS: &[&str] =
            &["critical", "debug", "error", "exception", "fatal", "info", "log", "warn", "warning"];
        path.strip_prefix("logging.")
            .and_then(|rest| rest.rsplit('.').next())
            .is_some_and(|last| LEVELS.contains(&last))
    }

    /// Code that only says how logs are written, or writes one.
    pub(super) fn is_about_logs(&self, python: &Expr) -> bool {
        let Expr::Call(call) = python else { return false };
        match self.path(&call.func) {
            Some(path) => path.starts_with("logging.") || path == "urllib3.disable_warnings",
            None => matches!(&*call.func, Expr::Name(name) if name.id == "print"),
        }
    }

    /// The full name of what was imported from Locust, without `locust.`: `HttpUser`, `task`, `between`.
    pub(super) fn locust_name<'a>(&'a self, python: &'a Expr) -> Option<&'a str> {
        let found = match python {
            Expr::Name(name) => self.imports.get(&*name.id).and_then(|path| path.strip_prefix("locust.")),
            Expr::Attribute(attribute) => match &*attribute.value {
                Expr::Name(module) if self.imports.get(&*module.id).is_some_and(|path| path == "locust") => {
                    Some(attribute.attr.as_str())
                }
                _ => None,
            },
            _ => None,
        };
        found.filter(|name| !name.is_empty())
    }
}

/// Libraries that people use in locustfiles, each with what can be written without it; those of Python beside them.
const LIBRARIES: &[(&str, Option<&str>)] = &[
    ("aiohttp", None),
    ("asyncio", None),
    ("atexit", None),
    ("boto3", None),
    ("botocore", None),
    ("bs4", Some("find what you need by `re.search(pattern, response.text)`")),
    ("concurrent", Some("have more users")),
    ("configparser", Some("read variables of the environment by `os.getenv(\"NAME\", \"default\")`")),
    ("cryptography", None),
    ("dotenv", Some("set the variables where Akrida is started, and read them by `os.getenv(\"NAME\")`")),
    ("faker", Some("make values by `random.choice([...])`, `uuid.uuid4()` and f-strings")),
    ("google", None),
    ("grpc", None),
    ("httpx", Some("send requests by `self.client`")),
    ("inspect", None),
    ("jwt", None),
    ("kafka", None),
    ("locust_plugins", None),
    ("lxml", Some("find what you need by `re.search(pattern, response.text)`")),
    ("multiprocessing", Some("have more users")),
    ("numpy", Some("use `random`, `math` and lists")),
    ("opentelemetry", None),
    ("paho", None),
    ("pandas", Some("read the file by `csv.DictReader(open(...))` at the top of the file")),
    ("pickle", None),
    ("playwright", None),
    ("prometheus_client", None),
    ("psycopg2", None),
    ("pymongo", None),
    ("queue", Some("keep the values in a list of the file, and take them by `pop()`")),
    ("redis", None),
    ("secrets", Some("use `random` or `uuid.uuid4()`")),
    ("selenium", None),
    ("signal", None),
    ("socket", None),
    ("socketio", None),
    ("sqlalchemy", None),
    ("sqlite3", None),
    ("ssl", None),
    ("statistics", None),
    ("subprocess", None),
    (
        "threading",
        Some("leave it out: each statement that changes a variable of the file is done as a whole"),
    ),
    ("websocket", None),
    ("websockets", None),
    ("xml", Some("find what you need by `re.search(pattern, response.text)`")),
    ("xmlrpc", None),
    ("yaml", Some("write the values into the file, or read JSON or CSV")),
    ("zlib", None),
];

/// A module that is not read: a library, or one of somebody's own.
fn refuse_module(range: TextRange, module: &str, refusals: &mut Refusals) {
    let root = module.split('.').next().unwrap_or(module);
    match LIBRARIES.iter().find(|(name, _)| *name == root) {
        Some((_, Some(instead))) => {
            refusals.untranslated(range, format!("the module `{module}` is not translated"), instead);
        }
        Some((_, None)) => {
            refusals.python_only(range, format!("the module `{module}` is not translated"));
        }
        None => refusals.untranslated(
            range,
            format!(
                "`{module}` is no module that is known here: a locustfile is read without others of its own"
            ),
            "move what is used of it into this file",
        ),
    }
}

/// What Locust offers is the same whichever of its modules it comes from.
fn canonical(path: &str) -> String {
    match path.strip_prefix("locust.") {
        Some(rest) => format!("locust.{}", rest.rsplit('.').next().unwrap_or(rest)),
        None => path.to_owned(),
    }
}
