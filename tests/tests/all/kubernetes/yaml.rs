//! YAML as kubectl writes it, as JSON.

use saphyr_parser::{Event, Parser, ScalarStyle, StrInput};
use serde_json::{Map, Value};

/// The documents of a text.
pub(crate) fn documents(text: &str) -> Vec<Value> {
    let mut reader = Reader { parser: Parser::new_from_str(text) };
    let mut documents = Vec::new();
    loop {
        match reader.next() {
            Event::StreamEnd => return documents,
            Event::Nothing | Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd => {}
            event => documents.push(reader.node(event)),
        }
    }
}

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Event<'a> {
        self.parser.next_event().map_or(Event::StreamEnd, |event| event.expect("this is YAML").0)
    }

    fn node(&mut self, event: Event<'a>) -> Value {
        match event {
            Event::Scalar(text, ScalarStyle::Plain, ..) => plain(&text),
            Event::Scalar(text, ..) => Value::String(text.into_owned()),
            Event::SequenceStart(..) => {
                let mut list = Vec::new();
                loop {
                    match self.next() {
                        Event::SequenceEnd => return Value::Array(list),
                        event => list.push(self.node(event)),
                    }
                }
            }
            Event::MappingStart(..) => {
                let mut map = Map::new();
                loop {
                    let key = match self.next() {
                        Event::MappingEnd => return Value::Object(map),
                        Event::Scalar(text, ..) => text.into_owned(),
                        other => panic!("{other:?} is no key"),
                    };
                    let value = self.next();
                    let value = self.node(value);
                    assert!(map.insert(key.clone(), value).is_none(), "{key} stands there twice");
                }
            }
            other => panic!("{other:?} is not expected"),
        }
    }
}

/// What stands there without quotes.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" => Value::Null,
        "true" => true.into(),
        "false" => false.into(),
        _ => text.parse::<i64>().map_or_else(|_| text.into(), Value::from),
    }
}

#[test]
fn yaml_is_read() {
    let text = "a: 1\nb: [x, '1', true, ~]\nc: |\n  d: e\n---\n- {}\n";
    let expected = serde_json::json!([{"a": 1, "b": ["x", "1", true, null], "c": "d: e\n"}, [{}]]);
    assert_eq!(Value::Array(documents(text)), expected);
}
