//! Who a user is: the `Authorization` header.

use crate::http::origin::basic;
use akrida_scenario::expr::{EvalError, Frame};
use akrida_scenario::model::Auth;
use http::HeaderValue;

/// Whether it is the same each time.
pub(super) fn is_known(auth: &Auth) -> bool {
    match auth {
        Auth::Basic(name, password) => super::is_known(name) && super::is_known(password),
        Auth::Bearer(token) => super::is_known(token),
    }
}

pub(super) fn write(auth: &Auth, frame: &mut Frame<'_>) -> Result<HeaderValue, EvalError> {
    let value = match auth {
        Auth::Basic(name, password) => {
            let name = name.render(frame)?;
            basic(name.as_bytes(), password.render(frame)?.as_bytes())
        }
        Auth::Bearer(token) => HeaderValue::from_str(&format!("Bearer {}", token.render(frame)?)).ok(),
    };
    // Without the value: it is a secret.
    value.ok_or_else(|| EvalError("InvalidHeader('auth holds characters that no header may')".to_owned()))
}
