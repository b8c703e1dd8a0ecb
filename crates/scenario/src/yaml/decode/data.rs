//! Feeders: rows from files or from the scenario itself.

use super::super::node::{Name, Node};
use super::super::quote::{excerpt, quote};
use super::Decoder;
use super::value::{text, text_of};
use crate::csv::Reader;
use crate::expr::Value;
use crate::limits::{COLUMNS, DATA_VALUES};
use crate::model::{AtEnd, Feed, Feeder, Per, Slot, Take};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Where a data file is wrong, how, and what to do about it.
struct BadData {
    /// From 1; `None` where it is the file as a whole.
    line: Option<usize>,
    what: String,
    remedy: &'static str,
}

fn bad(line: impl Into<Option<usize>>, what: impl Into<String>, remedy: &'static str) -> BadData {
    BadData { line: line.into(), what: what.into(), remedy }
}

impl Decoder<'_> {
    /// The feeders of a scenario. Those with problems are there too, so that their names mean something.
    pub(super) fn feeders(&mut self, data: Option<&Node>) -> Vec<Feed> {
        self.names.class();
        let mut feeds = Vec::new();
        for (name, node) in data.map(Node::entries).unwrap_or_default() {
            if self.may_be_variable(name) {
                feeds.push(self.feeder(name, node));
            }
        }
        feeds
    }

    fn feeder(&mut self, name: &Name, node: &Node) -> Feed {
        let word = |key| node.get(key).and_then(text);
        let unique = word("pick") == Some("unique");
        if let (Some((at_end, _)), false) =
            (node.entries().iter().find(|(name, _)| &*name.text == "at_end"), unique)
        {
            self.problem(
                &at_end.span,
                "`at_end` has no meaning without `pick: unique`",
                "leave it out, or write `pick: unique`; other rows have no end",
            );
        }
        let take = match word("pick") {
            Some("unique") => Take::Unique(match word("at_end") {
                Some("stop_run") => AtEnd::StopRun,
                Some("restart") => AtEnd::Restart,
                _ => AtEnd::StopUser,
            }),
            Some("random") => Take::Random,
            _ => Take::Cycle,
        };
        let per = match word("per") {
            Some("user") => Per::User,
            Some("iteration") => Per::Iteration,
            _ if unique => Per::User,
            _ => Per::Iteration,
        };
        let rows = match node.get("file") {
            Some(file) => self.rows_of_file(file).unwrap_or_default(),
            None => {
                let rows = node.get("rows").map(Node::items).unwrap_or_default();
                rows.iter().filter_map(|row| self.constant(row)).collect()
            }
        };
        let feeder = Arc::new(Feeder { name: name.text.to_string(), rows, take });
        // The slot is another in each class that uses the row.
        Feed { feeder, slot: Slot::User(0), per }
    }

    fn rows_of_file(&mut self, node: &Node) -> Option<Vec<Value>> {
        let path = text_of(node);
        let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
        let read = match ending.as_str() {
            "csv" => csv_rows,
            "json" => json_rows,
            _ => {
                self.problem(
                    &node.span,
                    format!("{} ends neither in .csv nor in .json", quote(path)),
                    "name a .csv file, or a .json file with a list of objects",
                );
                return None;
            }
        };
        let bytes = self.file(node)?;
        let rows = match std::str::from_utf8(&bytes) {
            Ok(text) => read(text),
            Err(error) => {
                let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
                Err(bad(line, "this is not UTF-8 text", "save the file as UTF-8"))
            }
        };
        match rows {
            Ok(rows) => Some(rows),
            Err(found) => {
                let place = found.line.map_or_else(|| path.to_owned(), |line| format!("{path}:{line}"));
                self.problem(&node.span, format!("{}: {}", excerpt(&place), found.what), found.remedy);
                None
            }
        }
    }
}

/// The rows of a table whose first line names the columns; all values are text.
fn csv_rows(text: &str) -> Result<Vec<Value>, BadData> {
    let close = "put quotes around a field with quotes in it, and double these: \"say \"\"hi\"\"\"";
    let mut records =
        Reader::new(text).map(|record| record.map_err(|error| bad(error.line, error.what, close)));
    let Some(header) = records.next().transpose()? else {
        return Err(bad(None, "the file is empty", "name the columns in its first line, and add rows"));
    };
    let columns = columns(&header.fields).map_err(|(what, remedy)| bad(header.line, what, remedy))?;
    let mut rows = Vec::new();
    for record in records {
        let record = record?;
        if record.fields.len() != columns.len() {
            let (found, wanted) = (record.fields.len(), columns.len());
            return Err(bad(
                record.line,
                format!(
                    "this row has {} where the first line has {wanted}",
                    counted(found, "field", "fields")
                ),
                "give each row as many fields as there are columns; put quotes around one with a comma in it",
            ));
        }
        if (rows.len() + 1) * columns.len() > DATA_VALUES {
            return Err(too_many(record.line));
        }
        let fields = record.fields.into_iter().map(|field| Value::Str(field.into()));
        rows.push(Value::Dict(Arc::new(columns.iter().cloned().zip(fields).collect())));
    }
    if rows.is_empty() {
        return Err(bad(None, "the file has no rows after its first line", "add rows"));
    }
    Ok(rows)
}

fn columns(fields: &[std::borrow::Cow<'_, str>]) -> Result<Vec<Arc<str>>, (String, &'static str)> {
    if fields.len() > COLUMNS {
        return Err((format!("there are more than {COLUMNS} columns"), "keep those that the test needs"));
    }
    let mut seen = HashSet::new();
    for field in fields {
        if field.trim().is_empty() {
            return Err(("a column has no name".to_owned(), "name every column in the first line"));
        }
        if field.trim() != field {
            let what = format!("the name of the column {} has white space around it", quote(field));
            return Err((what, "separate names by commas alone: `name,password`"));
        }
        if !seen.insert(field) {
            let what = format!("a second column is called {}", quote(field));
            return Err((what, "choose another name for one of them"));
        }
    }
    if let [only] = fields
        && only.contains([';', '\t'])
    {
        let what = format!("the only column is {}", quote(only));
        return Err((what, "separate columns by commas, not by semicolons or tabs"));
    }
    Ok(fields.iter().map(|field| Arc::from(&**field)).collect())
}

/// The objects of a JSON list.
fn json_rows(text: &str) -> Result<Vec<Value>, BadData> {
    let remedy = "write a list of objects: [{\"name\": \"ada\"}, {\"name\": \"bob\"}]";
    let json = crate::json::read_at_most(text.trim_start_matches('\u{feff}').as_bytes(), DATA_VALUES);
    let json =
        json.map_err(|error| bad((error.line() > 0).then(|| error.line()), error.to_string(), remedy))?;
    let serde_json::Value::Array(items) = json else {
        return Err(bad(None, "this is not a list of objects", remedy));
    };
    if items.is_empty() {
        return Err(bad(None, "the list is empty", "add rows"));
    }
    // Each name is kept once, not once a row.
    let mut names: HashMap<String, Arc<str>> = HashMap::new();
    let mut rows = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        let serde_json::Value::Object(members) = item else {
            return Err(bad(None, format!("item {} of the list is not an object", index + 1), remedy));
        };
        let mut row = Vec::with_capacity(members.len());
        for (name, value) in members {
            let name = names.entry(name).or_insert_with_key(|name| name.as_str().into());
            let value = crate::json::value(&value)
                .map_err(|error| bad(None, format!("item {}: {error}", index + 1), "make it smaller"))?;
            row.push((Arc::clone(name), value));
        }
        rows.push(Value::Dict(Arc::new(row)));
    }
    Ok(rows)
}

fn too_many(line: usize) -> BadData {
    bad(
        line,
        format!("here the file exceeds {DATA_VALUES} values"),
        "keep the rows and columns that the test needs",
    )
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
