//! Bodies of requests.

use super::super::node::{Kind, Node};
use super::super::quote::quote;
use super::Decoder;
use super::value::{text, text_of};
use crate::model::{Body, Content, Field, Template};

impl Decoder<'_> {
    pub(super) fn request_body(&mut self, node: &Node) -> Body {
        let kinds = ["json", "form", "files", "body"];
        let mut given = node.entries().iter().filter(|(name, _)| kinds.contains(&&*name.text));
        let Some((first, value)) = given.next() else { return Body::Empty };
        let (form, files) = (node.get("form"), node.get("files"));
        for (second, _) in given {
            if form.is_some()
                && files.is_some()
                && [&*first.text, &*second.text].iter().all(|kind| kind.starts_with('f'))
            {
                continue;
            }
            self.problem(
                &second.span,
                format!("a request has one body, and {} gives one already", quote(&first.text)),
                "keep one of `json`, `form` and `body`; only `form` and `files` go together",
            );
        }
        match &*first.text {
            "json" => self.value(value).map(Body::Json),
            "body" => self.content(value).map(Body::Raw),
            _ => Some(match files {
                Some(files) => Body::Multipart(self.multipart(form, files)),
                None => match form.filter(|form| form.scalar().is_some()) {
                    Some(data) => self.expression(data).map_or(Body::Empty, Body::Data),
                    None => Body::Form(self.fields(form)),
                },
            }),
        }
        .unwrap_or(Body::Empty)
    }

    /// Text, or `{ file: name }`.
    fn content(&mut self, node: &Node) -> Option<Content> {
        match node.kind {
            Kind::Map(_) => self.file(node.get("file")?).map(Content::Bytes),
            _ => self.template(node).map(Content::Text),
        }
    }

    fn multipart(&mut self, form: Option<&Node>, files: &Node) -> Vec<Field> {
        if let Some(form) = form.filter(|form| form.scalar().is_some()) {
            let message = "beside files the fields of a form are known before the run";
            self.problem(&form.span, message, "write them one by one: `{ name: value }`");
        }
        let fields = self.fields(form).into_iter();
        let mut parts: Vec<Field> = fields
            .map(|(name, value)| Field {
                name,
                filename: None,
                content_type: None,
                content: Content::Text(value),
            })
            .collect();
        for (name, node) in files.entries() {
            let field = self.name_template(name);
            let file = node.get("file");
            let content = match file {
                Some(_) => self.content(node),
                None => node.get("content").and_then(|node| self.content(node)),
            };
            let filename = match (node.get("filename"), file) {
                (Some(node), _) => self.template(node),
                (None, Some(file)) => Some(Template::Fixed(base_name(text_of(file)).into())),
                // As Locust names it; without a name the field would be no file.
                (None, None) => field.clone(),
            };
            if let (Some(name), Some(filename), Some(content)) = (field, filename, content) {
                let content_type = node.get("type").and_then(text).map(str::to_owned);
                parts.push(Field { name, filename: Some(filename), content_type, content });
            }
        }
        parts
    }
}

/// The last part of a path.
fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
