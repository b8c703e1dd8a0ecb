//! Comma-separated values, as RFC 4180 and spreadsheets write them.

use std::borrow::Cow;

/// Reads record after record. Lines end with LF or CRLF; empty ones are skipped; a byte order mark is too. A field
/// between double quotes may hold commas, line ends and, doubled, quotes.
pub(crate) struct Reader<'a> {
    rest: &'a str,
    /// The line on which `rest` begins, from 1.
    line: usize,
}

/// A line of a table.
#[derive(Debug, PartialEq)]
pub(crate) struct Record<'a> {
    /// On which line it begins, from 1.
    pub(crate) line: usize,
    /// At least one.
    pub(crate) fields: Vec<Cow<'a, str>>,
}

/// What is wrong with a line.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("{what}")]
pub(crate) struct CsvError {
    /// Which, from 1.
    pub(crate) line: usize,
    pub(crate) what: &'static str,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { rest: text.trim_start_matches('\u{feff}'), line: 1 }
    }

    /// The next field, and whether the record goes on after it.
    fn field(&mut self) -> Result<(Cow<'a, str>, bool), CsvError> {
        let field = if self.rest.starts_with('"') {
            self.quoted()?
        } else {
            let end = self.rest.find([',', '\n', '"']).unwrap_or(self.rest.len());
            let (field, rest) = self.rest.split_at(end);
            self.rest = rest;
            Cow::Borrowed(if rest.starts_with(',') {
                field
            } else {
                field.strip_suffix('\r').unwrap_or(field)
            })
        };
        if let Some(rest) = self.rest.strip_prefix(',') {
            self.rest = rest;
            return Ok((field, true));
        }
        let rest = self.rest.strip_prefix('\r').unwrap_or(self.rest);
        match rest.strip_prefix('\n') {
            Some(rest) => {
                self.rest = rest;
                self.line += 1;
            }
            None if rest.is_empty() => self.rest = rest,
            None => return Err(self.error("a quote stands within a field that is not all between quotes")),
        }
        Ok((field, false))
    }

    /// A field that begins with a quote, up to the one that ends it.
    fn quoted(&mut self) -> Result<Cow<'a, str>, CsvError> {
        let error = self.error("a quote is never closed");
        let inner = &self.rest[1..];
        let mut place = 0;
        loop {
            let Some(quote) = inner[place..].find('"') else { return Err(error) };
            place += quote + 1;
            if !inner[place..].starts_with('"') {
                break;
            }
            place += 1;
        }
        let (field, rest) = (&inner[..place - 1], &inner[place..]);
        self.line += field.matches('\n').count();
        self.rest = rest;
        Ok(if field.contains('"') { Cow::Owned(field.replace("\"\"", "\"")) } else { Cow::Borrowed(field) })
    }

    fn error(&self, what: &'static str) -> CsvError {
        CsvError { line: self.line, what }
    }
}

impl<'a> Iterator for Reader<'a> {
    type Item = Result<Record<'a>, CsvError>;

    fn next(&mut self) -> Option<Self::Item> {
        while let Some(rest) = self.rest.strip_prefix("\r\n").or_else(|| self.rest.strip_prefix('\n')) {
            self.rest = rest;
            self.line += 1;
        }
        if self.rest.is_empty() {
            return None;
        }
        let (line, mut fields) = (self.line, Vec::new());
        loop {
            match self.field() {
                Ok((field, more)) => {
                    fields.push(field);
                    if !more {
                        return Some(Ok(Record { line, fields }));
                    }
                }
                Err(error) => {
                    self.rest = "";
                    return Some(Err(error));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn records(text: &str) -> Result<Vec<(usize, Vec<String>)>, String> {
        let record = |record: Record<'_>| {
            (record.line, record.fields.into_iter().map(Cow::into_owned).collect::<Vec<_>>())
        };
        Reader::new(text)
            .map(|found| found.map(record).map_err(|error| format!("{}: {error}", error.line)))
            .collect()
    }

    #[test]
    fn reads_what_spreadsheets_write() {
        let check = |text: &str, expected: &[(usize, &[&str])]| {
            let expected: Vec<(usize, Vec<String>)> = expected
                .iter()
                .map(|(line, fields)| (*line, fields.iter().map(ToString::to_string).collect()))
                .collect();
            assert_eq!(records(text), Ok(expected), "{text:?}");
        };
        check("", &[]);
        check("\n\r\n", &[]);
        check("a,b\n1,2", &[(1, &["a", "b"]), (2, &["1", "2"])]);
        check("\u{feff}a,b\r\n\r\n1,\r\n", &[(1, &["a", "b"]), (3, &["1", ""])]);
        check(",\n,,\n", &[(1, &["", ""]), (2, &["", "", ""])]);
        check("\"a,\"\"b\"\"\",\"c\nd\"\ne", &[(1, &["a,\"b\"", "c\nd"]), (3, &["e"])]);
        check("\"\",\"\"\"\"\r\n", &[(1, &["", "\""])]);
        check(" a , b\tc", &[(1, &[" a ", " b\tc"])]);
        check("a\rb\r\n", &[(1, &["a\rb"])]);
    }

    #[test]
    fn tells_the_line_of_what_is_wrong() {
        let check =
            |text: &str, expected: &str| assert_eq!(records(text), Err(expected.to_owned()), "{text:?}");
        check("a\n\"b\nc", "2: a quote is never closed");
        check("a\nb\"c\"\n", "2: a quote stands within a field that is not all between quotes");
        check("\"a\nb\"c", "2: a quote stands within a field that is not all between quotes");
    }

    proptest! {
        #[test]
        fn what_is_written_by_the_rules_is_read_back(
            rows in prop::collection::vec(prop::collection::vec("[a\",\r\n é]{0,5}", 1..4), 1..6)
        ) {
            let quote = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
            let line = |row: &Vec<String>| row.iter().map(quote).collect::<Vec<_>>().join(",");
            let text = rows.iter().map(line).collect::<Vec<_>>().join("\r\n");
            let found: Vec<_> = records(&text).unwrap().into_iter().map(|(_, fields)| fields).collect();
            prop_assert_eq!(found, rows);
        }

        #[test]
        fn any_text_ends(text in "[a\",\r\n]{0,40}") {
            prop_assert!(Reader::new(&text).count() <= text.len());
        }
    }
}
