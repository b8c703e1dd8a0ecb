//! The rules for text in a scenario. Each is written twice, as a function and as a pattern for the schema; a test
//! holds the two together.

use super::shape::Rule;
use crate::duration;

/// Begins every expression; what text comes of it is known only while users run.
const OPEN: &str = "{{";

pub(super) static ANY: Rule =
    Rule { what: "text", remedy: "put it on one line or between quotes", pattern: None, accepts: |_| true };

pub(super) static NAME: Rule = Rule {
    what: "a name",
    remedy: "write text on one line",
    pattern: Some(r"^[^\x00-\x1f\x7f]+$"),
    accepts: |text| !text.is_empty() && one_line(text),
};

pub(super) static CLASS: Rule = Rule {
    what: "a class name",
    remedy: "use letters, digits and `_`, such as `WebsiteUser`",
    pattern: Some(r"^[A-Za-z_][A-Za-z0-9_]*$"),
    accepts: identifier,
};

pub(super) static VARIABLE: Rule = Rule {
    what: "a variable name",
    remedy: "use letters, digits and `_`, such as `item_id`",
    pattern: Some(r"^[A-Za-z_][A-Za-z0-9_]*$"),
    accepts: identifier,
};

/// Whether Python does not take `name` for a variable.
pub(super) fn is_keyword(name: &str) -> bool {
    KEYWORDS.contains(&name)
}

const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
    "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

pub(super) static TAG: Rule = Rule {
    what: "a tag",
    remedy: "write text without white space",
    pattern: Some(r"^[^ \t\r\n\x00-\x1f\x7f]+$"),
    accepts: |text| !text.is_empty() && !text.contains([' ', '\t']) && one_line(text),
};

pub(super) static HOST: Rule = Rule {
    what: "a base address",
    remedy: "begin it with `http://` or `https://`, and leave out user name and query: `https://example.org`",
    pattern: Some(r"^https?://[A-Za-z0-9._~\[\]:-]+(/[!$%&'()*+,./0-9:;=@A-Z_a-z~-]*)?$"),
    accepts: |text| {
        let Some(rest) = after_scheme(text) else { return false };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let in_authority = |c: char| c.is_ascii_alphanumeric() || "._~[]:-".contains(c);
        let in_path = |c: char| c.is_ascii_alphanumeric() || "!$%&'()*+,./:;=@_~-".contains(c);
        !authority.is_empty() && authority.chars().all(in_authority) && path.chars().all(in_path)
    },
};

pub(super) static PATH: Rule = Rule {
    what: "a path or an address",
    remedy: "begin it with `/`, or with `http://` or `https://` and a host",
    pattern: Some(r"^(/|https?://[^/\x00-\x1f\x7f]|\{\{)[^\x00-\x1f\x7f]*$"),
    accepts: |text| {
        let absolute = after_scheme(text).is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'));
        (text.starts_with('/') || text.starts_with(OPEN) || absolute) && one_line(text)
    },
};

pub(super) static METHOD: Rule = Rule {
    what: "an HTTP method",
    remedy: "write it in capitals, such as `GET`",
    pattern: Some(r"^[A-Z][A-Z0-9_-]*$"),
    accepts: |text| {
        text.starts_with(|c: char| c.is_ascii_uppercase())
            && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || "_-".contains(c))
    },
};

pub(super) static HEADER: Rule = Rule {
    what: "a header name",
    remedy: "use letters, digits and `-`, such as `Accept-Language`",
    pattern: Some(r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"),
    accepts: |text| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+.^_`|~-".contains(c))
    },
};

pub(super) static HEADER_VALUE: Rule = Rule {
    what: "a header value",
    remedy: "write text on one line",
    pattern: Some(r"^[^\x00-\x08\x0a-\x1f\x7f]*$"),
    accepts: |text| !text.chars().any(|c| c != '\t' && c.is_ascii_control()),
};

pub(super) static DURATION: Rule = Rule {
    what: "a duration",
    remedy: "write seconds, or numbers with units, the largest first: `1.5`, `250ms`, `20s`, `1h20m`",
    pattern: Some(duration::PATTERN),
    // That one is too long no pattern can say; the decoder does.
    accepts: |text| duration::parse_duration(text) != Err(duration::DurationError::Form),
};

/// One expression and nothing else, as far as a pattern can tell.
pub(super) static EXPRESSION: Rule = Rule {
    what: "an expression",
    remedy: "put it between braces and quotes: `\"{{ page < 5 }}\"`",
    pattern: Some(r"^\{\{[\s\S]*\}\}$"),
    accepts: |text| text.strip_prefix(OPEN).is_some_and(|rest| rest.ends_with("}}")),
};

/// The expression between the braces of [`EXPRESSION`].
pub(super) fn inside(text: &str) -> &str {
    text.strip_prefix(OPEN).and_then(|rest| rest.strip_suffix("}}")).unwrap_or(text).trim()
}

pub(super) static GROUP: Rule = Rule {
    what: "a group's name",
    remedy: "write a word such as `checkout`, without white space and `/`",
    pattern: Some(r"^[^ \t\r\n\x00-\x1f\x7f/]+$"),
    accepts: |text| (TAG.accepts)(text) && !text.contains('/'),
};

pub(super) static RATE: Rule = Rule {
    what: "a rate",
    remedy: "write starts per second such as `50`, or with their unit: `50/s`, `300/m`, `1000/h`",
    pattern: Some(r"^[0-9]+(\.[0-9]+)?/[smh]$"),
    // That one is too large no pattern can say; the decoder does.
    accepts: |text| rate(text).is_some(),
};

/// Starts per second of `300/m`.
pub(super) fn rate(text: &str) -> Option<f64> {
    let (number, unit) = text.split_once('/')?;
    let seconds = match unit {
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return None,
    };
    duration::parse_number(number).map(|number| number / seconds)
}

/// Of what it is made, the decoder tells.
pub(super) static THRESHOLD: Rule = Rule {
    what: "a threshold",
    remedy: "write a condition such as `p95 > 300ms` or `failures > 1%`",
    pattern: Some(r"^[^\x00-\x1f\x7f]+$"),
    accepts: |text| !text.is_empty() && one_line(text),
};

pub(super) static PROXY: Rule = Rule {
    what: "a proxy's address",
    remedy: "begin it with `http://`, such as `http://proxy.example:3128`",
    pattern: Some(r"^(http://[^/\x00-\x1f\x7f]|\{\{)[^\x00-\x1f\x7f]*$"),
    accepts: |text| {
        let host =
            text.strip_prefix("http://").is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'));
        (host || text.starts_with(OPEN)) && one_line(text)
    },
};

pub(super) static HOST_NAME: Rule = Rule {
    what: "a host name",
    remedy: "write it without scheme and port, such as `example.org`",
    pattern: Some(r"^[A-Za-z0-9._-]+$"),
    accepts: |text| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)),
};

/// The characters of one; the decoder reads it.
pub(super) static ADDRESS: Rule = Rule {
    what: "an IP address",
    remedy: "write one such as `127.0.0.1` or `\"::1\"`, without a port",
    pattern: Some(r"^[0-9A-Fa-f.:]+$"),
    accepts: |text| !text.is_empty() && text.chars().all(|c| c.is_ascii_hexdigit() || ".:".contains(c)),
};

pub(super) static FILE: Rule = Rule {
    what: "the name of a file",
    remedy: "write a path relative to the scenario, without expressions: it is read before the run",
    pattern: Some(r"^(([^{\x00-\x1f\x7f]|\{[^{\x00-\x1f\x7f])+\{?|\{)$"),
    accepts: |text| !text.is_empty() && !text.contains(OPEN) && one_line(text),
};

pub(super) static ENVIRONMENT: Rule = Rule {
    what: "the name of an environment variable",
    remedy: "use letters, digits and `_`, such as `API_KEY`",
    pattern: Some(r"^[A-Za-z_][A-Za-z0-9_]*$"),
    accepts: identifier,
};

pub(super) static MEDIA_TYPE: Rule = Rule {
    what: "a media type",
    remedy: "write one such as `image/png` or `text/plain; charset=utf-8`",
    pattern: Some(r"^[!#$&^_.+0-9A-Za-z-]+/[\x20-\x2e\x30-\x7e]+$"),
    accepts: |text| {
        let Some((kind, rest)) = text.split_once('/') else { return false };
        let word = |c: char| c.is_ascii_alphanumeric() || "!#$&^_.+-".contains(c);
        !kind.is_empty()
            && kind.chars().all(word)
            && !rest.is_empty()
            && rest.chars().all(|c| matches!(c, ' '..='~') && c != '/')
    },
};

/// Where one begins; the decoder reads it.
pub(super) static JSON_PATH: Rule = Rule {
    what: "a JSON path (RFC 9535)",
    remedy: "begin it with `$`, such as `$.token` or `$.items[0].id`",
    pattern: Some(r"^\$"),
    accepts: |text| text.starts_with('$'),
};

pub(super) static STATUS: Rule = Rule {
    what: "a range of statuses",
    remedy: "write one such as `2xx` or `200-299`",
    pattern: Some(r"^([1-5]xx|[1-5][0-9]{2}(-[1-5][0-9]{2})?)$"),
    accepts: |text| status_range(text).is_some(),
};

/// First and last status of `404`, `2xx` or `200-299`.
pub(super) fn status_range(text: &str) -> Option<(u16, u16)> {
    if let Some(class) = text.strip_suffix("xx") {
        let class = Some(class).filter(|class| matches!(*class, "1" | "2" | "3" | "4" | "5"))?;
        let first = class.parse::<u16>().ok()? * 100;
        return Some((first, first + 99));
    }
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Some((status(first)?, status(last)?))
}

fn status(text: &str) -> Option<u16> {
    let digits = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|status| digits && (100..600).contains(status))
}

fn after_scheme(text: &str) -> Option<&str> {
    text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"))
}

fn one_line(text: &str) -> bool {
    !text.chars().any(|c| c.is_ascii_control())
}

fn identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
