//! Commands as a POSIX shell splits them into words, with bash's `$'...'`: the form that browsers copy.
//!
//! Nothing is expanded: a variable or a command within the text is refused, for its value is known to the shell
//! alone.

use super::Refusal;
use std::iter::Peekable;
use std::str::Chars;

/// One command, and whether its output went elsewhere by `|`, `>` or `<`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Command {
    pub(super) words: Vec<String>,
    pub(super) redirected: bool,
}

/// The commands of a text, by order.
pub(super) fn commands(text: &str) -> Result<Vec<Command>, Refusal> {
    let mut splitter = Splitter {
        chars: text.chars().peekable(),
        commands: Vec::new(),
        command: Command::default(),
        word: None,
        elsewhere: false,
    };
    splitter.run()?;
    Ok(splitter.commands)
}

struct Splitter<'a> {
    chars: Peekable<Chars<'a>>,
    commands: Vec<Command>,
    command: Command,
    /// The word that is being read; quotes begin one even if nothing is in them.
    word: Option<Vec<u8>>,
    /// After `|`, `>` or `<`: words up to the next command belong to others.
    elsewhere: bool,
}

impl Splitter<'_> {
    fn run(&mut self) -> Result<(), Refusal> {
        while let Some(c) = self.chars.next() {
            match c {
                ' ' | '\t' | '\r' => self.end_word()?,
                '\n' | ';' | '&' => self.end_command()?,
                '|' if self.chars.next_if_eq(&'|').is_some() => self.end_command()?,
                '|' | '>' | '<' => {
                    // `2>` names a stream.
                    self.word.take_if(|word| c != '|' && word.iter().all(u8::is_ascii_digit));
                    self.end_word()?;
                    self.command.redirected |= !self.command.words.is_empty();
                    self.elsewhere = true;
                }
                '#' if self.word.is_none() => while self.chars.next_if(|c| *c != '\n').is_some() {},
                '\\' => match self.chars.next() {
                    Some('\n') => {}
                    Some('\r') if self.chars.next_if_eq(&'\n').is_some() => {}
                    Some(c) => self.push(c),
                    None => return Err(cut_off("\\")),
                },
                // Where a line goes on, and before each quote.
                '^' if self.chars.peek().is_some_and(|next| "\"\n\r".contains(*next)) => {
                    return Err(Refusal::new(
                        "this is the form for the command prompt of Windows",
                        "choose \"Copy as cURL (bash)\" or \"Copy as cURL (POSIX)\" in the browser",
                    ));
                }
                '\'' => self.single()?,
                '"' => self.double()?,
                '$' if self.chars.next_if_eq(&'\'').is_some() => self.ansi_c()?,
                '$' | '`' => self.dollar(c)?,
                c => self.push(c),
            }
        }
        self.end_command()
    }

    fn push(&mut self, c: char) {
        let word = self.word.get_or_insert_default();
        word.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }

    fn end_word(&mut self) -> Result<(), Refusal> {
        let Some(word) = self.word.take().filter(|_| !self.elsewhere) else { return Ok(()) };
        let word = String::from_utf8(word).map_err(|_| {
            Refusal::new(
                "the command holds bytes that are not UTF-8 text",
                "put the body into a file and name it: --data-binary @FILE",
            )
        })?;
        self.command.words.push(word);
        Ok(())
    }

    fn end_command(&mut self) -> Result<(), Refusal> {
        self.end_word()?;
        self.elsewhere = false;
        let command = std::mem::take(&mut self.command);
        if !command.words.is_empty() {
            self.commands.push(command);
        }
        Ok(())
    }

    fn single(&mut self) -> Result<(), Refusal> {
        self.word.get_or_insert_default();
        loop {
            match self.chars.next() {
                Some('\'') => return Ok(()),
                Some(c) => self.push(c),
                None => return Err(cut_off("'")),
            }
        }
    }

    fn double(&mut self) -> Result<(), Refusal> {
        self.word.get_or_insert_default();
        loop {
            match self.chars.next() {
                Some('"') => return Ok(()),
                Some('\\') => match self.chars.next() {
                    Some('\n') => {}
                    Some(c @ ('$' | '`' | '"' | '\\')) => self.push(c),
                    Some(c) => {
                        self.push('\\');
                        self.push(c);
                    }
                    None => return Err(cut_off("\"")),
                },
                Some(c @ ('$' | '`')) => self.dollar(c)?,
                Some(c) => self.push(c),
                None => return Err(cut_off("\"")),
            }
        }
    }

    /// `$'...'`: escapes as in C.
    fn ansi_c(&mut self) -> Result<(), Refusal> {
        self.word.get_or_insert_default();
        loop {
            match self.chars.next() {
                Some('\'') => return Ok(()),
                Some('\\') => self.escape()?,
                Some(c) => self.push(c),
                None => return Err(cut_off("$'")),
            }
        }
    }

    fn escape(&mut self) -> Result<(), Refusal> {
        let Some(c) = self.chars.next() else { return Err(cut_off("$'")) };
        match c {
            'n' => self.push('\n'),
            't' => self.push('\t'),
            'r' => self.push('\r'),
            'a' => self.push('\x07'),
            'b' => self.push('\x08'),
            'e' | 'E' => self.push('\x1b'),
            'f' => self.push('\x0c'),
            'v' => self.push('\x0b'),
            '\\' | '\'' | '"' | '?' => self.push(c),
            'x' | '0'..='7' => {
                let (radix, most, first) =
                    if c == 'x' { (16, 2, 0) } else { (8, 2, c.to_digit(8).unwrap_or(0)) };
                // bash keeps the low eight bits, too.
                let byte = self.digits(radix, most, first).to_le_bytes()[0];
                self.word.get_or_insert_default().push(byte);
            }
            'u' | 'U' => {
                let code = self.digits(16, if c == 'u' { 4 } else { 8 }, 0);
                let Some(c) = self.surrogates(code) else {
                    return Err(Refusal::new(
                        format!("\\u{code:04x} is no character"),
                        "copy the command again",
                    ));
                };
                self.push(c);
            }
            c => {
                self.push('\\');
                self.push(c);
            }
        }
        Ok(())
    }

    /// Browsers write a character beyond 16 bits as two halves.
    fn surrogates(&mut self, code: u32) -> Option<char> {
        if !(0xd800..0xdc00).contains(&code) {
            return char::from_u32(code);
        }
        let mut ahead = self.chars.clone();
        if (ahead.next(), ahead.next()) != (Some('\\'), Some('u')) {
            return None;
        }
        self.chars = ahead;
        let low = self.digits(16, 4, 0);
        let low = Some(low).filter(|low| (0xdc00..0xe000).contains(low))?;
        char::from_u32(0x1_0000 + ((code - 0xd800) << 10) + (low - 0xdc00))
    }

    /// Up to `most` digits after `value`; at most eight, so that they fit.
    fn digits(&mut self, radix: u32, most: usize, mut value: u32) -> u32 {
        for _ in 0..most {
            let Some(digit) = self.chars.peek().and_then(|c| c.to_digit(radix)) else { break };
            self.chars.next();
            value = value.wrapping_mul(radix).wrapping_add(digit);
        }
        value
    }

    /// A `$` that stands for itself; anything that a shell would put in is refused.
    fn dollar(&mut self, c: char) -> Result<(), Refusal> {
        let next = self.chars.peek().copied();
        let expands = next.is_some_and(|next| next.is_ascii_alphanumeric() || "_{(@*#?$!-".contains(next));
        if c == '$' && !expands {
            self.push('$');
            return Ok(());
        }
        let rest = self.chars.clone().take_while(|c| c.is_ascii_alphanumeric() || "_{(".contains(*c));
        let shown: String = std::iter::once(c).chain(rest.take(30)).collect();
        Err(Refusal::new(
            format!("only a shell knows what `{shown}` stands for"),
            "write its value; tokens and passwords are kept out of the scenario",
        ))
    }
}

fn cut_off(open: &str) -> Refusal {
    Refusal::new(
        format!("the command ends within {open}"),
        "copy all of it; `--curl -` reads it from standard input, so that no shell takes quotes away",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Stdio;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found = commands(text).unwrap_or_else(|refusal| panic!("{text}: {refusal}"));
        assert_eq!(found.iter().map(|command| &command.words).collect::<Vec<_>>(), [expected], "{text}");
    }

    #[test]
    fn words() {
        check(r"curl http://a/", &["curl", "http://a/"]);
        check("curl \\\n  -s \\\r\n x\r\n", &["curl", "-s", "x"]);
        check(r#"a'b c'd "e f"g"#, &["ab cd", "e fg"]);
        check(r#"'' "" $''"#, &["", "", ""]);
        check(r#""a\"b\\c\d\$x$ \`""#, &[r#"a"b\c\d$x$ `"#]);
        check(r"a\ b\'c 'it'\''s'", &["a b'c", "it's"]);
        check(r"$'a\nb\t\'\\\x41\u00e9\u{'", &["a\nb\t'\\Aé\0{"]);
        check(r"$'\ud83d\ude00 \u0021 \101 \xc3\xa9 \q'", &["\u{1f600} ! A é \\q"]);
        check("a # comment ' \n", &["a"]);
        check("a#b", &["a#b"]);
        check("\u{e9}\u{1f600}", &["\u{e9}\u{1f600}"]);
        check("a$", &["a$"]);
    }

    #[test]
    fn several_commands() {
        let check = |text: &str, expected: &[(&str, bool)]| {
            let found = commands(text).unwrap();
            let found: Vec<_> =
                found.iter().map(|command| (command.words.join(" "), command.redirected)).collect();
            let expected: Vec<_> =
                expected.iter().map(|(words, elsewhere)| ((*words).to_owned(), *elsewhere)).collect();
            assert_eq!(found, expected, "{text}");
        };
        check("curl a ;\ncurl b", &[("curl a", false), ("curl b", false)]);
        check(
            "curl a && curl b & curl c || d",
            &[("curl a", false), ("curl b", false), ("curl c", false), ("d", false)],
        );
        check("curl a | jq . > x; curl b 2>/dev/null", &[("curl a", true), ("curl b", true)]);
        check("", &[]);
    }

    #[test]
    fn what_only_a_shell_knows_is_refused() {
        let check = |text: &str, expected: &str| {
            assert_eq!(commands(text).unwrap_err().message, expected, "{text}");
        };
        check(r#""Bearer $TOKEN x""#, "only a shell knows what `$TOKEN` stands for");
        check("${A} x", "only a shell knows what `${A` stands for");
        check("`date`", "only a shell knows what ``date` stands for");
        check("'a", "the command ends within '");
        check("\"a", "the command ends within \"");
        check("a\\", "the command ends within \\");
        check(r"$'a\", "the command ends within $'");
        check(r"$'\ud83d x'", "\\ud83d is no character");
        check(r"$'\xff'", "the command holds bytes that are not UTF-8 text");
        check("curl ^\"http://a^\" ^\n -s", "this is the form for the command prompt of Windows");
    }

    /// What bash makes of a word that browsers write.
    #[test]
    fn bash_agrees() {
        let text = r#"$'a\nb\'c\\d\x41\u00e9\041' 'x'"'"'y' "a\"b\\c\d" a\ b $'\ud7ff' 'tab	in'"#;
        let output = std::process::Command::new("bash")
            .args(["-c", &format!("printf '%s\\0' {text}")])
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        let expected: Vec<&str> = printed.split_terminator('\0').collect();
        check(text, &expected);
    }
}
