//! What a run's file says that the run is of: parameters and the test's text, without secrets.

use crate::exit::PASSED;
use crate::parts::Parts;
use crate::plan::{Plan, Role, Test};
use crate::system;
use akrida_report::run_file::About;
use akrida_scenario::Scenario;
use std::path::Path;

/// Most bytes of texts that are kept with each run.
const TEXTS: usize = 1 << 20;

/// What stands for what is not to be told.
const HIDDEN: &str = "***";

/// Shortest secret that is looked for in texts: shorter ones would hide half of them.
const SHORTEST: usize = 4;

/// Words in names whose values are not told, whoever wrote them into the file.
const TELLING: [&str; 10] = [
    "password",
    "passwd",
    "secret",
    "token",
    "api_key",
    "api-key",
    "apikey",
    "authorization",
    "cookie",
    "credential",
];

/// What runs of this plan are of.
pub(crate) fn about(plan: &Plan, scenario: &Scenario, parts: &Parts, test: u64) -> About {
    let secrets: Vec<&str> = scenario
        .classes
        .iter()
        .flat_map(|class| class.secrets.iter())
        .map(|secret| &*secret.value)
        .filter(|value| value.len() >= SHORTEST)
        .collect();
    let mut room = TEXTS;
    let texts = parts.tests.iter().map_while(|(name, text)| {
        room = room.checked_sub(text.len())?;
        Some((file_name(name), without_secrets(text, &secrets)))
    });
    let texts: Vec<_> = texts.collect();
    let files = match &plan.test {
        Test::Address(_) => without_secrets(&scenario.file, &secrets),
        _ if texts.is_empty() => file_name(&scenario.file),
        _ => texts.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", "),
    };
    About {
        started_us: 0,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        machine: system::host_name(),
        profile: plan.output.profile.clone(),
        distributed: matches!(plan.role, Role::Master(_)),
        files,
        texts,
        failures_pass: plan.verdict.on_error == PASSED,
        parameters: parameters(plan)
            .into_iter()
            .map(|(name, value)| (name, hidden_in_addresses(&value)))
            .collect(),
        test,
    }
}

fn file_name(path: &str) -> String {
    Path::new(path).file_name().map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned())
}

/// What was said on the command line and is not told by the run itself.
fn parameters(plan: &Plan) -> Vec<(String, String)> {
    let load = &plan.load;
    let mut parameters = Vec::new();
    let mut add = |name: &str, value: String| parameters.push((name.to_owned(), value));
    if plan.web.as_ref().is_none_or(|web| web.autostart) {
        if load.stages.is_empty() {
            add("users", load.users.to_string());
            add("spawn rate", load.spawn_rate.to_string());
        }
        if let Some(time) = load.run_time {
            add("run time", format!("{} s", time.as_secs_f64()));
        }
        if let Some(host) = &load.host {
            add("host", host.clone());
        }
    }
    for stage in &load.stages {
        let text =
            format!("{} users at {}/s for {} s", stage.users, stage.spawn_rate, stage.duration.as_secs_f64());
        add(&format!("stage {}", stage.name), text);
    }
    let selection = &plan.selection;
    for (name, values) in [
        ("classes", &selection.classes),
        ("tags", &selection.tags),
        ("excluded tags", &selection.exclude_tags),
    ] {
        if !values.is_empty() {
            add(name, values.join(" "));
        }
    }
    if !load.stop_timeout.is_zero() {
        add("stop timeout", format!("{} s", load.stop_timeout.as_secs_f64()));
    }
    if load.reset_stats {
        add("reset stats", "yes".to_owned());
    }
    if let Some(warm_up) = plan.verdict.warm_up {
        add("warm-up", format!("{} s", warm_up.as_secs_f64()));
    }
    add("seed", plan.engine.seed.to_string());
    if matches!(plan.role, Role::Alone) {
        add("cores", plan.engine.cores.to_string());
    }
    parameters
}

/// `text` without the values of `secrets`, without what stands behind names such as `password`, and without passwords
/// in addresses.
fn without_secrets(text: &str, secrets: &[&str]) -> String {
    let mut text = text.to_owned();
    for secret in secrets {
        text = text.replace(secret, HIDDEN);
    }
    let lines: Vec<String> =
        text.split('\n').map(|line| hidden_in_addresses(&hidden_in_line(line))).collect();
    lines.join("\n")
}

/// A line whose value is hidden if its name tells that it is a secret. What only says where the secret comes from
/// stays.
fn hidden_in_line(line: &str) -> String {
    let lower = line.to_ascii_lowercase();
    let Some((at, word)) = TELLING.iter().filter_map(|word| Some((lower.find(word)?, word))).min() else {
        return line.to_owned();
    };
    let behind = at + word.len();
    let Some(sign) = line[behind..].find([':', '=']).map(|found| behind + found) else {
        return line.to_owned();
    };
    // Between the word and the sign stands the rest of a name, and nothing else.
    let name = line[behind..sign].chars().all(|sign| sign.is_alphanumeric() || "_-\"' ]".contains(sign));
    let value = line[sign + 1..].trim();
    let says_where = value.is_empty() || value.starts_with(['{', '#', '&', '|', '>']) || value.contains("{{");
    if !name || says_where {
        return line.to_owned();
    }
    format!("{} {HIDDEN}", &line[..=sign])
}

/// `https://me:password@host` without the password.
fn hidden_in_addresses(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://").map(|at| at + 3) {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        rest = after;
        let end = after.find(['/', ' ', '"', '\'', '?', '#', ')']).unwrap_or(after.len());
        if let Some(at) = after[..end].rfind('@') {
            out.push_str(HIDDEN);
            rest = &after[at..];
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_told() {
        let check = |text: &str, expected: &str| assert_eq!(without_secrets(text, &["hunter22"]), expected);
        check("a: hunter22 b", "a: *** b");
        check("  Authorization: Bearer abc", "  Authorization: ***");
        check("  \"api-key\": \"abc\"", "  \"api-key\": ***");
        check("PASSWORD_OF_ADA = 'x'", "PASSWORD_OF_ADA = ***");
        check("headers['Cookie'] = x", "headers['Cookie'] = ***");
        check("token: {env: TOKEN}", "token: {env: TOKEN}");
        check("authorization: Bearer {{ secrets.token }}", "authorization: Bearer {{ secrets.token }}");
        check("secrets:", "secrets:");
        check("get: https://me:pw@shop/a?b=@c", "get: https://***@shop/a?b=@c");
        check("get: https://shop/a@b", "get: https://shop/a@b");
        check("# no password here\nget: /", "# no password here\nget: /");
    }
}
