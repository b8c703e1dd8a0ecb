//! What a file imports, and what its names stand for by that.

use super::file::File;
use super::refuse::Refusals;
use ruff_python_ast::{self as ast, Expr};

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
                refusals.python_only(alias.range, format!("the module `{module}` is not translated"));
            }
        }
    }

    pub(super) fn import_from(&mut self, import: &'f ast::StmtImportFrom, refusals: &mut Refusals) {
        let module = import.module.as_ref().map_or("", |module| module.as_str());
        let root = module.split('.').next().unwrap_or(module);
        if import.level > 0 || !(root == "locust" || HARMLESS.contains(&root)) {
            let dots = ".".repeat(import.level as usize);
            refusals.python_only(import.range, format!("the module `{dots}{module}` is not translated"));
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

/// What Locust offers is the same whichever of its modules it comes from.
fn canonical(path: &str) -> String {
    match path.strip_prefix("locust.") {
        Some(rest) => format!("locust.{}", rest.rsplit('.').next().unwrap_or(rest)),
        None => path.to_owned(),
    }
}
