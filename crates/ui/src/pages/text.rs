//! Numbers and moments as people read them, beside those that reports have too; the page's script writes them likewise.

use crate::clock;

use akrida_report::numbers::fraction;
pub(crate) use akrida_report::numbers::{NOTHING, count, ms, ms_of, percent, plural, rate, span};

/// A whole number that may be below 0.
pub(crate) fn signed(value: f64) -> String {
    fraction(value, 0)
}

/// Bytes, in steps of 1024.
pub(crate) fn bytes(mut value: f64) -> String {
    let mut units = ["B", "KiB", "MiB", "GiB", "TiB"].into_iter();
    let mut unit = units.next().unwrap_or_default();
    for larger in units {
        if value < 1024.0 {
            break;
        }
        value /= 1024.0;
        unit = larger;
    }
    let digits = usize::from(unit != "B" && value < 100.0);
    format!("{} {unit}", fraction(value, digits))
}

/// Day and time of unix seconds, in the master's zone.
pub(crate) fn moment(at: Option<f64>) -> String {
    at.map_or_else(|| NOTHING.to_owned(), clock::for_pages)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page's script writes the same: its tests have the same table.
    #[test]
    fn numbers_are_written_as_the_pages_script_does() {
        let table = include_str!("../../../../web/tests/numbers.json");
        let table: serde_json::Value = serde_json::from_str(table).unwrap();
        let whole = |value: f64| count(value as u64);
        let formats: [(&str, &dyn Fn(f64) -> String); 7] = [
            ("count", &whole),
            ("signed", &signed),
            ("rate", &rate),
            ("ms", &ms),
            ("percent", &percent),
            ("bytes", &bytes),
            ("span", &span),
        ];
        assert_eq!(table.as_object().unwrap().len(), formats.len());
        for (name, format) in formats {
            let cases = table[name].as_array().unwrap();
            assert!(cases.len() > 3, "{name}");
            for case in cases {
                let value = case[0].as_f64().unwrap();
                assert_eq!(format(value), case[1].as_str().unwrap(), "{name} of {value}");
            }
        }
    }

    #[test]
    fn what_is_not_there_and_words() {
        assert_eq!(ms_of(None), NOTHING);
        assert_eq!([plural(1, "worker"), plural(2_000, "worker")], ["1 worker", "2,000 workers"]);
    }
}
