//! The HTTP Archive format, as far as it says what was sent and when. Everything else, answers above all, is
//! skipped while it is read and takes no memory.

use super::Refusal;
use crate::limits::HAR_ENTRIES;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde::{Deserialize, de};
use std::fmt;

#[derive(Debug, Deserialize)]
struct Archive {
    log: Log,
}

/// A recording.
#[derive(Debug, Deserialize)]
pub(super) struct Log {
    #[serde(default)]
    pub(super) pages: Vec<Page>,
    #[serde(deserialize_with = "entries")]
    pub(super) entries: Vec<Entry>,
}

/// A page that was shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Page {
    pub(super) id: String,
    #[serde(deserialize_with = "text")]
    pub(super) title: String,
}

/// A request and its answer.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    #[serde(default, deserialize_with = "text")]
    pub(super) pageref: String,
    #[serde(default, deserialize_with = "text")]
    pub(super) started_date_time: String,
    /// How long it took, milliseconds.
    #[serde(default)]
    pub(super) time: Option<f64>,
    pub(super) request: Request,
    #[serde(default)]
    pub(super) response: Response,
    /// What the browser wanted it for.
    #[serde(default, rename = "_resourceType", deserialize_with = "text")]
    pub(super) resource_type: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) url: String,
    #[serde(default, deserialize_with = "text")]
    pub(super) http_version: String,
    #[serde(default)]
    pub(super) headers: Vec<Pair>,
    #[serde(default)]
    pub(super) post_data: Option<PostData>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Response {
    pub(super) status: i64,
    pub(super) headers: Vec<Pair>,
    #[serde(rename = "redirectURL", deserialize_with = "text")]
    pub(super) redirect_url: String,
    pub(super) content: Kind,
}

/// Of an answer's content, its type.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Kind {
    #[serde(deserialize_with = "text")]
    pub(super) mime_type: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct PostData {
    #[serde(deserialize_with = "text")]
    pub(super) mime_type: String,
    #[serde(deserialize_with = "text")]
    pub(super) text: String,
    pub(super) params: Vec<Parameter>,
    /// `base64` where the body was no text.
    #[serde(alias = "_encoding", deserialize_with = "text")]
    pub(super) encoding: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Parameter {
    pub(super) name: String,
    #[serde(deserialize_with = "text")]
    pub(super) value: String,
    pub(super) file_name: Option<String>,
    pub(super) content_type: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Pair {
    pub(super) name: String,
    #[serde(default, deserialize_with = "text")]
    pub(super) value: String,
}

/// The recording in `text`.
pub(super) fn read(text: &str) -> Result<Log, Refusal> {
    let archive: Archive = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
        Refusal::new(
            format!("this is no HTTP Archive: {error}"),
            "export the recording from the network panel of a browser, \"Save all as HAR\"",
        )
    })?;
    Ok(archive.log)
}

/// Text, or null, which some browsers write for none.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// A list that is not too long.
fn entries<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Entry>, D::Error> {
    struct Entries;

    impl<'de> Visitor<'de> for Entries {
        type Value = Vec<Entry>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of requests")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<Entry>, A::Error> {
            let mut entries = Vec::new();
            while let Some(entry) = list.next_element()? {
                if entries.len() == HAR_ENTRIES {
                    return Err(de::Error::custom(format_args!(
                        "there are more than {HAR_ENTRIES} requests"
                    )));
                }
                entries.push(entry);
            }
            Ok(entries)
        }
    }

    deserializer.deserialize_seq(Entries).map_err(D::Error::custom)
}
