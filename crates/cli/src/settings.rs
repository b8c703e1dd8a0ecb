//! Values of flags from all sources, before anybody has looked at what they mean.

use crate::args::Flag;
use std::collections::BTreeMap;
use std::fmt;

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The command line.
    Typed,
    /// An environment variable, by name.
    Environment(&'static str),
    /// A configuration file, by name.
    File(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Typed => f.write_str("the command line"),
            Self::Environment(name) => write!(f, "environment variable {name}"),
            Self::File(name) => f.write_str(name),
        }
    }
}

/// What one flag was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    /// One value, or any number for a flag that takes many; `true` or `false` for a switch.
    pub(crate) values: Vec<String>,
    pub(crate) origin: Origin,
}

impl Setting {
    /// The value that counts.
    pub(crate) fn last(&self) -> Option<&str> {
        self.values.last().map(String::as_str)
    }
}

/// Values of one source, or of several laid over each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Layer {
    settings: BTreeMap<&'static str, Setting>,
    /// User classes, or an address for quick mode.
    pub(crate) classes: Vec<String>,
}

impl Layer {
    pub(crate) fn set(&mut self, flag: &Flag, values: Vec<String>, origin: Origin) {
        self.settings.insert(flag.long, Setting { values, origin });
    }

    /// Takes a value away.
    pub(crate) fn take(&mut self, flag: &Flag) -> Option<Setting> {
        self.settings.remove(flag.long)
    }

    pub(crate) fn get(&self, flag: &Flag) -> Option<&Setting> {
        self.settings.get(flag.long)
    }

    /// The same values, as a variable gave them.
    pub(crate) fn given_by(mut self, name: &'static str) -> Self {
        for setting in self.settings.values_mut() {
            setting.origin = Origin::Environment(name);
        }
        self
    }

    /// This layer, and from `below` what it does not say itself.
    pub(crate) fn over(mut self, below: Self) -> Self {
        for (name, setting) in below.settings {
            self.settings.entry(name).or_insert(setting);
        }
        if self.classes.is_empty() {
            self.classes = below.classes;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::flags;

    #[test]
    fn upper_layers_win() {
        let layer = |users: Option<&str>, host: Option<&str>, classes: &[&str]| {
            let mut layer = Layer::default();
            for (flag, value) in [(&flags::USERS, users), (&flags::HOST, host)] {
                if let Some(value) = value {
                    layer.set(flag, vec![value.to_owned()], Origin::Typed);
                }
            }
            layer.classes = classes.iter().map(|&class| class.to_owned()).collect();
            layer
        };
        let upper = layer(Some("1"), None, &[]);
        let lower = layer(Some("2"), Some("http://a"), &["A"]);
        assert_eq!(upper.over(lower), layer(Some("1"), Some("http://a"), &["A"]));
    }
}
