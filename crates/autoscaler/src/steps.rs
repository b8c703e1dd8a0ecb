//! The steps of the Custom Pod Autoscaler framework: what it writes to a program's standard input, and what it reads
//! from its standard output.
//!
//! Two generations of it are spoken. The first gives the resource at the top and calls things `run_type` and
//! `target_replicas`; the present one puts the resource under `resource` and says `runType` and `targetReplicas`.
//! Each is answered in its own words.

use crate::evaluation::What;
use crate::measured::{Figures, Measured};
use akrida_run::{PERCENTILES, Snapshot};
use serde_json::{Map, Value, json};

/// Whose words an input is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// Before version 1 of the framework.
    First,
    /// Version 1 and later.
    Present,
}

/// Why an input is refused; one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// It is not JSON.
    #[error("standard input is not JSON: {0}")]
    Json(String),
    /// It is not what the framework sends.
    #[error("standard input is not what the framework sends: {0}")]
    Form(String),
}

/// What the metric step is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricInput {
    /// Whose words it is in.
    pub generation: Generation,
    /// Replicas that are wanted so far.
    pub replicas: u32,
}

/// What the evaluate step is given.
#[derive(Clone, Debug, PartialEq)]
pub struct EvaluateInput {
    /// Whose words it is in.
    pub generation: Generation,
    /// Whether nothing may change by this run.
    pub dry_run: bool,
    /// Replicas that were wanted when the metric was measured.
    pub replicas: u32,
    /// What the metric step measured.
    pub measured: Measured,
}

/// Reads the input of the metric step.
///
/// # Errors
/// When it is something else.
pub fn metric_input(text: &str) -> Result<MetricInput, StepError> {
    let input = object(text, "the input")?;
    let (generation, resource) = match input.get("resource") {
        Some(resource) => {
            (Generation::Present, resource.as_object().ok_or_else(|| form("`resource` is no object"))?)
        }
        None => (Generation::First, &input),
    };
    run_type(&input)?;
    let replicas = spec_replicas(resource)?.ok_or_else(|| {
        form("the resource has no `spec.replicas`: write `runMode: per-resource` into the framework's configuration")
    })?;
    Ok(MetricInput { generation, replicas })
}

/// Reads the input of the evaluate step.
///
/// # Errors
/// When it is something else.
pub fn evaluate_input(text: &str) -> Result<EvaluateInput, StepError> {
    let input = object(text, "the input")?;
    let generation = match (input.contains_key("runType"), input.contains_key("run_type")) {
        (true, _) => Generation::Present,
        (false, true) => Generation::First,
        (false, false) if input.contains_key("resource") => Generation::Present,
        (false, false) => Generation::First,
    };
    let dry_run = run_type(&input)?;
    let metrics =
        input.get("metrics").and_then(Value::as_array).ok_or_else(|| form("there are no `metrics`"))?;
    let [metric] = metrics.as_slice() else {
        return Err(form(&format!(
            "there are {} metrics where one is wanted: write `runMode: per-resource` into the framework's \
             configuration",
            metrics.len()
        )));
    };
    let value =
        metric.get("value").and_then(Value::as_str).ok_or_else(|| form("the metric has no `value`"))?;
    let value = object(value, "the metric's value")?;
    let replicas = match value.get("current_replicas") {
        Some(count) => whole(count).ok_or_else(|| form("`current_replicas` is no number of replicas"))?,
        None => {
            let resource = input.get("resource").and_then(Value::as_object);
            let of_resource = resource.map(spec_replicas).transpose()?.flatten();
            of_resource
                .ok_or_else(|| form("neither the metric nor the resource says how many replicas there are"))?
        }
    };
    Ok(EvaluateInput { generation, dry_run, replicas, measured: measured(&value)? })
}

/// What the metric step prints: what a run measured, and how many replicas there were.
#[must_use]
pub fn metric_output(snapshot: &Snapshot, replicas: u32) -> String {
    let mut requests = Map::new();
    for row in &snapshot.rows {
        let mut entry = json!({
            "request_type": row.method,
            "name": row.name,
            "num_requests": row.num_requests,
            "num_failures": row.num_failures,
            "avg_response_time": row.avg_response_time,
            "median_response_time": row.median_response_time,
            "min_response_time": row.min_response_time.unwrap_or_default(),
            "max_response_time": row.max_response_time,
            "total_rps": row.total_rps,
        });
        if let (Some(percentiles), Value::Object(entry)) = (row.percentiles, &mut entry) {
            entry.insert("response_times".to_owned(), named(&percentiles));
        }
        requests.insert(format!("{}_{}", row.method, row.name), entry);
    }
    let total = &snapshot.total;
    json!({
        "current_replicas": replicas,
        "num_requests": total.num_requests,
        "num_requests_fail": total.num_failures,
        "start_time": snapshot.start,
        "end_time": snapshot.end.unwrap_or(snapshot.at),
        "locust_host": snapshot.host,
        "requests": requests,
    })
    .to_string()
}

/// What the evaluate step prints.
#[must_use]
pub fn evaluate_output(generation: Generation, replicas: u32) -> String {
    match generation {
        Generation::First => json!({ "target_replicas": replicas }),
        Generation::Present => json!({ "targetReplicas": replicas }),
    }
    .to_string()
}

fn form(why: &str) -> StepError {
    StepError::Form(why.to_owned())
}

fn object(text: &str, what: &str) -> Result<Map<String, Value>, StepError> {
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(form(&format!("{what} is no object"))),
        Err(error) => Err(StepError::Json(error.to_string())),
    }
}

/// Whether nothing may change by this run.
fn run_type(input: &Map<String, Value>) -> Result<bool, StepError> {
    match input.get("runType").or_else(|| input.get("run_type")) {
        None => Ok(false),
        Some(Value::String(word)) => match word.as_str() {
            "scaler" | "api" => Ok(false),
            "api_dry_run" => Ok(true),
            _ => Err(form("the run type is none of scaler, api and api_dry_run")),
        },
        Some(_) => Err(form("the run type is no word")),
    }
}

fn spec_replicas(resource: &Map<String, Value>) -> Result<Option<u32>, StepError> {
    match resource.get("spec").and_then(|spec| spec.get("replicas")) {
        None => Ok(None),
        Some(count) => whole(count).map(Some).ok_or_else(|| form("`spec.replicas` is no number of replicas")),
    }
}

fn whole(value: &Value) -> Option<u32> {
    value
        .as_u64()
        .and_then(|count| u32::try_from(count).ok())
        .filter(|count| *count <= i32::MAX.unsigned_abs())
}

/// Percentiles under the names that an evaluation file has for them.
fn named(percentiles: &[f64; PERCENTILES.len()]) -> Value {
    let entry = |what| match what {
        What::Percentile(index) => Some((what.to_string(), Value::from(*percentiles.get(index)?))),
        _ => None,
    };
    Value::Object(What::all().filter_map(entry).collect())
}

/// What the metric step measured, be it ours or the first autoscaler's. That one counts failures of the whole test
/// alone, so they are taken for failures of each endpoint.
fn measured(value: &Map<String, Value>) -> Result<Measured, StepError> {
    let requests = value.get("requests").and_then(Value::as_object);
    let requests = requests.ok_or_else(|| form("the metric's value has no `requests`"))?;
    let all_failures = value.get("num_requests_fail").and_then(Value::as_u64);
    let mut found = Measured::default();
    for (key, entry) in requests {
        let count = |name: &str| entry.get(name).and_then(Value::as_u64);
        let number = |name: &str| entry.get(name).and_then(Value::as_f64);
        let missing = |name: &str| form(&format!("the figures of an endpoint have no `{name}`"));
        let requests = count("num_requests").ok_or_else(|| missing("num_requests"))?;
        let (method, endpoint) = key.split_once('_').ok_or_else(|| form("an endpoint is not METHOD_name"))?;
        let figures = Figures {
            requests,
            failures: count("num_failures").or(all_failures).unwrap_or_default().min(requests),
            mean: number("avg_response_time").ok_or_else(|| missing("avg_response_time"))?,
            median: number("median_response_time").ok_or_else(|| missing("median_response_time"))?,
            max: number("max_response_time").ok_or_else(|| missing("max_response_time"))?,
            percentiles: entry.get("response_times").and_then(percentiles),
        };
        found.endpoints.insert((method.to_owned(), endpoint.to_owned()), figures);
    }
    Ok(found)
}

fn percentiles(times: &Value) -> Option<[f64; PERCENTILES.len()]> {
    let mut found = [f64::NAN; PERCENTILES.len()];
    for (index, slot) in found.iter_mut().enumerate() {
        if let Some(time) = times.get(What::Percentile(index).to_string()).and_then(Value::as_f64) {
            *slot = time;
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests;
