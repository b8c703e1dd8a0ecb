//! Tables as CSV files.

use crate::app::App;
use crate::asked::{answer, plain_page};
use crate::clock;
use crate::limits;
use crate::routes::Shared;
use akrida_report::csv;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_DISPOSITION, HeaderValue};
use http_body::Frame;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::fs::File;
use tokio::io::{AsyncRead as _, ReadBuf};

const CSV: &str = "text/csv";

pub(super) async fn requests(State(app): State<Shared>) -> Response {
    file(&app, "requests", csv::stats(&app.board.sheet().snapshot))
}

pub(super) async fn failures(State(app): State<Shared>) -> Response {
    file(&app, "failures", csv::failures(&app.board.sheet().snapshot))
}

pub(super) async fn exceptions(State(app): State<Shared>) -> Response {
    file(&app, "exceptions", csv::exceptions(&app.board.sheet().snapshot))
}

/// The file that `--csv-full-history` writes.
pub(super) async fn full_history(State(app): State<Shared>) -> Response {
    let Some(path) = &app.about.full_history else {
        let text = "Error: Server was not started with option to generate full history.";
        return answer(StatusCode::NOT_FOUND, crate::asked::HTML, text);
    };
    match File::open(path).await {
        Ok(history) => file(&app, "requests_full_history", Body::new(Whole(history))),
        Err(_) => plain_page(StatusCode::NOT_FOUND, "The history cannot be read any more."),
    }
}

fn file(app: &App, what: &str, content: impl Into<Body>) -> Response {
    named(answer(StatusCode::OK, CSV, content), &file_name(app, &format!("_{what}.csv")))
}

/// Lets the browser keep the answer as a file.
pub(crate) fn named(mut response: Response, name: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(&format!("attachment;filename={name}")) {
        response.headers_mut().insert(CONTENT_DISPOSITION, value);
    }
    response
}

/// `Locust_2026-11-22-15h47_scenario.yaml_http://example.org_requests.csv`, as Locust calls it.
pub(super) fn file_name(app: &App, ending: &str) -> String {
    let start = app.board.sheet().snapshot.start;
    let time = clock::for_files(if start > 0.0 { start } else { app.began });
    let host = app.present().host.as_ref().map(|host| format!("_{host}")).unwrap_or_default();
    let name = format!("Locust_{time}_{}{host}{ending}", app.about.locustfile);
    // What ends a parameter, or a header, has no place in a name.
    name.chars().map(|c| if c.is_ascii_alphanumeric() || "-._~:/,".contains(c) { c } else { '_' }).collect()
}

/// A file, a piece at a time.
struct Whole(File);

impl http_body::Body for Whole {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let mut piece = vec![0; limits::CHUNK];
        let mut buffer = ReadBuf::new(&mut piece);
        let read = std::task::ready!(Pin::new(&mut self.0).poll_read(context, &mut buffer));
        let length = buffer.filled().len();
        Poll::Ready(match read {
            Err(error) => Some(Err(error)),
            Ok(()) if length == 0 => None,
            Ok(()) => {
                piece.truncate(length);
                Some(Ok(Frame::data(piece.into())))
            }
        })
    }
}
