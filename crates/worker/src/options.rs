//! The options of the scenario, as the master's jobs tell them.

use crate::WorkerCore;
use crate::event::{Effects, Notice, Work};
use akrida_protocol::{ParsedOptions, Value};
use akrida_scenario::model::{CustomOption, OptionValue};

/// Values by name, and what is to be told.
pub(crate) type Said = (Vec<(String, OptionValue)>, Vec<Notice>);

impl WorkerCore {
    /// Takes over what a job says, for the engine to have before it.
    pub(crate) fn take_options(&mut self, said: &ParsedOptions, effects: &mut Effects) {
        let said = read(&self.config.options, said);
        if self.options != said {
            effects.work.push(Work::SetOptions(said.0.clone()));
            effects.notices.extend(said.1.iter().cloned());
            self.options = said;
        }
    }
}

/// What the master says of options of the scenario, and what is to be told of what it says in vain. It says much more:
/// its own command line.
fn read(known: &[CustomOption], said: &ParsedOptions) -> Said {
    let (mut values, mut notices) = (Vec::new(), Vec::new());
    for option in known {
        let value = match said.get(&option.name) {
            // Locust's masters say so of an argument that nobody gave.
            None | Some(Value::Nil) => continue,
            Some(Value::Bool(value)) => Some(OptionValue::Bool(*value)),
            Some(Value::Int(number)) => Some(OptionValue::Int(*number)),
            Some(Value::Float(number)) => Some(OptionValue::Float(*number)),
            Some(Value::Text(text)) => Some(OptionValue::Text(text.as_str().into())),
            Some(_) => None,
        };
        match value.and_then(|value| option.accept(&value).ok()) {
            Some(value) => values.push((option.name.clone(), value)),
            None => notices.push(Notice::Warning(format!(
                "The master gives the option {} a value that it cannot have here; it stays {}.",
                option.name, option.value
            ))),
        }
    }
    (values, notices)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_scenario_knows_is_taken_over() {
        let option = |name: &str, value| CustomOption {
            name: name.to_owned(),
            value,
            choices: Vec::new(),
            help: None,
        };
        let known = [
            option("size", OptionValue::Int(20)),
            option("rate", OptionValue::Float(0.5)),
            option("tenant", OptionValue::Text("acme".into())),
            option("beta", OptionValue::Bool(false)),
        ];
        let mut said = ParsedOptions::default();
        said.set("spawn_rate", Value::Int(3));
        assert_eq!(read(&known, &said), (Vec::new(), Vec::new()));
        said.set("rate", Value::Int(2));
        said.set("tenant", Value::Text("zoo".to_owned()));
        said.set("beta", Value::Nil);
        let (values, notices) = read(&known, &said);
        let expected = [("rate", OptionValue::Float(2.0)), ("tenant", OptionValue::Text("zoo".into()))];
        assert_eq!(values, expected.map(|(name, value)| (name.to_owned(), value)));
        assert_eq!(notices, []);
        said.set("size", Value::Text("20".to_owned()));
        said.set("tenant", Value::List(Vec::new()));
        let told = |name: &str, stays: &str| {
            let text = format!(
                "The master gives the option {name} a value that it cannot have here; it stays {stays}."
            );
            Notice::Warning(text)
        };
        assert_eq!(read(&known, &said).1, [told("size", "20"), told("tenant", "acme")]);
    }
}
