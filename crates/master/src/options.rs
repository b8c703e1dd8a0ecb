//! The options of the scenario: values that people set for a run, and that travel with each job.

use crate::MasterCore;
use crate::event::Refusal;
use akrida_protocol::{ParsedOptions, Value};
use akrida_scenario::model::OptionValue;

impl MasterCore {
    /// Gives options these values, all or none. Users that run follow with their next task.
    pub(crate) fn set_options(&mut self, values: &[(String, OptionValue)]) -> Result<(), Refusal> {
        let mut options = self.config.options.clone();
        for (name, value) in values {
            let option = options.iter_mut().find(|option| option.name == *name).ok_or(Refusal::Options)?;
            option.value = option.accept(value).map_err(|_| Refusal::Options)?;
        }
        if options != self.config.options {
            self.config.options = options;
            // Everybody has to be told.
            self.registry.iter_mut().for_each(|(_, node)| node.job = None);
            (self.unplaced, self.changed) = (true, true);
        }
        Ok(())
    }

    /// What each job says of options: those of the command line, and those of the scenario.
    pub(crate) fn parsed_options(&self) -> ParsedOptions {
        let mut options = self.config.parsed_options.clone();
        for option in &self.config.options {
            let value = match &option.value {
                OptionValue::Bool(value) => Value::Bool(*value),
                OptionValue::Int(number) => Value::Int(*number),
                OptionValue::Float(number) => Value::Float(*number),
                OptionValue::Text(text) => Value::Text(text.as_ref().to_owned()),
            };
            options.set(&option.name, value);
        }
        options
    }

    /// For the journal.
    pub(crate) fn options_mark(&self) -> Vec<(String, String)> {
        self.config.options.iter().map(|option| (option.name.clone(), option.value.to_string())).collect()
    }

    /// What a journal tells; what the test does not know any more is left out.
    pub(crate) fn restore_options(&mut self, marks: &[(String, String)]) {
        for option in &mut self.config.options {
            let mark = marks.iter().find(|(name, _)| *name == option.name);
            if let Some(value) = mark.and_then(|(_, text)| option.read(text).ok()) {
                option.value = value;
            }
        }
    }
}
