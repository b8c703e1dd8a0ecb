//! Where a request goes.

use super::is_known;
use crate::http::origin::{Base, Origin, credentials};
use akrida_scenario::expr::{EvalError, Frame};
use akrida_scenario::model::{Request, Template};
use http::{HeaderValue, Uri};
use std::rc::Rc;
use url::{Position, Url};

/// Where a request goes, as it is written.
pub(super) struct Target {
    url: Template,
    query: Vec<(Template, Template)>,
    base: Option<Base>,
}

/// Where a request goes.
#[derive(Clone)]
pub(super) struct Aim {
    pub(super) origin: Rc<Origin>,
    /// Path and query.
    pub(super) uri: Uri,
    /// Who the user is, where the address says so.
    pub(super) credentials: Option<HeaderValue>,
}

impl Target {
    pub(super) fn new(request: &Request, base: Option<Base>) -> Self {
        Self { url: request.url.clone(), query: request.query.clone(), base }
    }

    /// Whether it is the same each time.
    pub(super) fn is_known(&self) -> bool {
        is_known(&self.url) && self.query.iter().all(|(name, value)| is_known(name) && is_known(value))
    }

    pub(super) fn aim(&self, frame: &mut Frame<'_>) -> Result<Aim, EvalError> {
        let text = self.url.render(frame)?;
        let invalid = || EvalError(format!("InvalidURL('{text}')"));
        let absolute = text.starts_with("http://") || text.starts_with("https://");
        let (mut url, base) = if absolute {
            (Url::parse(&text).map_err(|_| invalid())?, None)
        } else {
            let base = self.base.as_ref().ok_or_else(missing_host)?;
            let slash = if text.starts_with('/') { "" } else { "/" };
            // Only path and query are taken from it, so any host will do.
            let whole = format!("http://host{}{slash}{text}", base.path);
            (Url::parse(&whole).map_err(|_| invalid())?, Some(base))
        };
        if !self.query.is_empty() {
            let mut pairs = url.query_pairs_mut();
            for (name, value) in &self.query {
                let name = name.render(frame)?;
                pairs.append_pair(&name, &value.render(frame)?);
            }
        }
        let uri = url[Position::BeforePath..Position::AfterQuery].parse().map_err(|_| invalid())?;
        Ok(match base {
            Some(base) => Aim { origin: base.origin.clone(), uri, credentials: base.credentials.clone() },
            None => {
                let origin = Rc::new(Origin::of(&url).ok_or_else(invalid)?);
                Aim { origin, uri, credentials: credentials(&url) }
            }
        })
    }
}

fn missing_host() -> EvalError {
    EvalError(
        "LocustError('You must specify the base host. Either in the host attribute in the User class, or on the \
         command line using the --host option.')"
            .to_owned(),
    )
}
