//! A curl command as it was typed: its flags, read by the table.

use super::Refusal;
use super::flags::{self, Act, Flag, Switch, Value};
use super::shell::Command;

/// Most values of flags, and addresses, of one command.
const VALUES: usize = 1000;

/// One request that curl would make, or one for each address.
#[derive(Clone, Debug, Default)]
pub(super) struct Operation {
    switches: Vec<Switch>,
    values: Vec<(Value, String)>,
    /// Flags that a person should know to be missing, as typed.
    pub(super) dropped: Vec<String>,
}

impl Operation {
    pub(super) fn has(&self, switch: Switch) -> bool {
        self.switches.contains(&switch)
    }

    /// The values of these flags, by order.
    pub(super) fn all(&self, which: &'static [Value]) -> impl DoubleEndedIterator<Item = (Value, &str)> {
        self.values
            .iter()
            .filter(|(value, _)| which.contains(value))
            .map(|(value, text)| (*value, text.as_str()))
    }

    /// The value of a flag; of several the last counts.
    pub(super) fn last(&self, which: Value) -> Option<&str> {
        self.values.iter().rev().find(|(value, _)| *value == which).map(|(_, text)| text.as_str())
    }

    fn is_empty(&self) -> bool {
        self.switches.is_empty() && self.values.is_empty()
    }
}

/// The operations of a command; `--next` begins another.
pub(super) fn read(command: &Command) -> Result<Vec<Operation>, Refusal> {
    // What people copy from a page may have the shell's prompt before it.
    let words = command.words.iter().skip_while(|word| matches!(word.as_str(), "$" | "%" | "#"));
    let mut words = words.map(String::as_str);
    let program = words.next().unwrap_or_default();
    if !matches!(program.rsplit('/').next(), Some("curl" | "curl.exe")) {
        return Err(Refusal::new(
            format!("`{}` is not curl", shown(program)),
            "paste a curl command; put quotes around an address that holds `&` or `;`",
        ));
    }
    let mut reader = Reader { operations: vec![Operation::default()], words };
    reader.run()?;
    reader.operations.retain(|operation| !operation.is_empty());
    Ok(reader.operations)
}

struct Reader<I> {
    /// At least one.
    operations: Vec<Operation>,
    words: I,
}

impl<'a, I: Iterator<Item = &'a str>> Reader<I> {
    fn run(&mut self) -> Result<(), Refusal> {
        let mut flags_end = false;
        while let Some(word) = self.words.next() {
            match word.strip_prefix('-').filter(|rest| !flags_end && !rest.is_empty()) {
                None => self.value(Value::Url, word)?,
                Some("-") => flags_end = true,
                Some(rest) => match rest.strip_prefix('-') {
                    Some(name) => self.long(name)?,
                    None => self.letters(rest)?,
                },
            }
        }
        Ok(())
    }

    fn long(&mut self, name: &str) -> Result<(), Refusal> {
        let typed = format!("--{name}");
        if let Some(flag) = flags::long(name) {
            return self.flag(flag, &typed, None);
        }
        let negated = name.strip_prefix("no-").and_then(flags::long);
        if matches!(negated, Some(Flag { act: Act::Idle(false) | Act::Dropped(false), .. })) {
            return Ok(());
        }
        Err(unknown(&typed))
    }

    /// `-sXPOST`: switches, and a last one that may have its value behind it.
    fn letters(&mut self, letters: &str) -> Result<(), Refusal> {
        for (at, letter) in letters.char_indices() {
            let typed = format!("-{letter}");
            let flag = flags::short(letter).ok_or_else(|| unknown(&typed))?;
            let rest = &letters[at + letter.len_utf8()..];
            let takes = matches!(flag.act, Act::Value(_) | Act::Idle(true) | Act::Dropped(true));
            self.flag(flag, &typed, Some(rest).filter(|rest| takes && !rest.is_empty()))?;
            if takes {
                break;
            }
        }
        Ok(())
    }

    fn flag(&mut self, flag: &Flag, typed: &str, inline: Option<&str>) -> Result<(), Refusal> {
        let mut next = || {
            inline.or_else(|| self.words.next()).map(str::to_owned).ok_or_else(|| {
                Refusal::new(format!("{typed} has no value"), "write one behind it, or leave it out")
            })
        };
        match flag.act {
            Act::Value(value) => {
                let text = next()?;
                self.value(value, &text)?;
            }
            Act::Switch(Switch::Next) => self.operations.push(Operation::default()),
            Act::Switch(switch) => self.operation().switches.push(switch),
            Act::Idle(takes) => {
                if takes {
                    next()?;
                }
            }
            Act::Dropped(takes) => {
                if takes {
                    next()?;
                }
                let dropped = &mut self.operation().dropped;
                if !dropped.iter().any(|known| known == typed) {
                    dropped.push(typed.to_owned());
                }
            }
            Act::Refused(remedy) => {
                return Err(Refusal::new(format!("curl's {typed} has no counterpart in a scenario"), remedy));
            }
        }
        Ok(())
    }

    fn value(&mut self, value: Value, text: &str) -> Result<(), Refusal> {
        let values = &mut self.operation().values;
        values.push((value, text.to_owned()));
        if values.len() <= VALUES {
            return Ok(());
        }
        Err(Refusal::new(
            format!("a command has more than {VALUES} flags and addresses"),
            "put large data into a file and name it",
        ))
    }

    fn operation(&mut self) -> &mut Operation {
        if self.operations.is_empty() {
            self.operations.push(Operation::default());
        }
        let last = self.operations.len() - 1;
        &mut self.operations[last]
    }
}

fn unknown(typed: &str) -> Refusal {
    Refusal::new(
        format!("curl's {} is not known here", shown(typed)),
        "leave it out if the request is the same without it; write long flags in full",
    )
}

/// The beginning of what was typed, for a message.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(60).collect()
}
