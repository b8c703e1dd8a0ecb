//! A recording as a [`Draft`]: what the user did, without what the browser did for itself.

use super::address::plain;
use super::body::{self, Part};
use super::draft::{Body, Content, Draft, Request, Step};
use super::har::{Entry, Log, Page, PostData};
use super::headers::{self, LeftOut};
use super::write::has_twice;
use super::{Refusal, instant, too_large};
use crate::limits::{FILE_BYTES, LONGEST_S};
use std::collections::{HashMap, HashSet};
use std::time::Duration;
use url::Url;

/// Shorter pauses are the browser's, not the user's; milliseconds.
const PAUSE_MS: i64 = 500;

/// How many requests after a redirect may come before the one that follows it: others run beside it.
const REDIRECT_WITHIN: usize = 50;

/// What a user of the recording does.
pub(super) fn draft(log: Log, no_static: bool) -> Result<Draft, Refusal> {
    let mut draft = Draft::default();
    let pages = names(&log.pages);
    let mut entries = usable(log.entries, no_static, &mut draft);
    follow_redirects(&mut entries);
    // A recording has to be cut, not worked on for minutes: nothing of it gets smaller when it is written.
    if entries.iter().map(size).sum::<usize>() > FILE_BYTES {
        return Err(too_large());
    }
    draft.network.http2 =
        entries.iter().filter(|entry| is_later_http(&entry.http_version)).count() * 2 > entries.len();

    let with_cookies = hosts_that_set_cookies(&entries);
    let mut left_out = LeftOut::default();
    let mut cookies_left_out = false;
    let mut steps = Steps::new(entries.iter().map(|entry| entry.pageref.as_str()), &pages);
    for entry in entries {
        let keep_cookies = entry.url.host_str().is_some_and(|host| with_cookies.contains(host));
        let mut request = Request::new(&entry.method, entry.url);
        for (name, value) in entry.headers {
            if keep_cookies && name.eq_ignore_ascii_case("cookie") {
                cookies_left_out = true;
            } else {
                headers::put(&mut request, &name, &value, true, &mut left_out);
            }
        }
        if request.auth.is_none() && request.header("authorization").is_none() {
            request.auth = entry.auth;
        }
        if let Some(data) = entry.post_data {
            put_body(&mut request, data, &mut draft);
        }
        request.status = u16::try_from(entry.final_status).ok().filter(|status| (400..600).contains(status));
        request.comment = match (entry.followed, request.status) {
            (_, Some(status)) => Some(format!("The recording has a {status} here.")),
            (0, None) => None,
            (1, None) => Some("A redirect is followed within.".to_owned()),
            (count, None) => Some(format!("{count} redirects are followed within.")),
        };
        steps.push(&entry.pageref, entry.started, entry.ended, request);
    }
    draft.steps = steps.finish();
    if draft.requests().is_empty() {
        return Err(Refusal::new(
            "no request is left of the recording",
            "record what users should do, from its first page on",
        ));
    }
    if cookies_left_out {
        draft.note("Cookies are left out: users keep those that the answers set.");
    }
    if let Some(note) = left_out.note() {
        draft.note(note);
    }
    Ok(draft)
}

/// A request of the recording that can be sent again.
struct Sent {
    method: String,
    url: Url,
    auth: Option<super::draft::Auth>,
    headers: Vec<(String, String)>,
    post_data: Option<PostData>,
    http_version: String,
    pageref: String,
    started: Option<i64>,
    ended: Option<i64>,
    status: i64,
    /// After all redirects.
    final_status: i64,
    location: String,
    sets_cookies: bool,
    /// How many redirects of it were taken in.
    followed: usize,
}

/// What can be sent again; what cannot is counted.
fn usable(entries: Vec<Entry>, no_static: bool, draft: &mut Draft) -> Vec<Sent> {
    let (mut sockets, mut inside, mut unanswered, mut strange, mut fixed) = (0, 0, 0, 0, 0);
    let mut usable = Vec::new();
    for entry in entries {
        let scheme = entry.request.url.split(':').next().unwrap_or_default().to_ascii_lowercase();
        let is_socket = matches!(scheme.as_str(), "ws" | "wss")
            || entry.resource_type == "websocket"
            || entry.response.status == 101;
        let counter = if is_socket {
            &mut sockets
        } else if !matches!(scheme.as_str(), "http" | "https") {
            &mut inside
        } else if entry.response.status <= 0 {
            &mut unanswered
        } else if no_static && is_static(&entry) {
            &mut fixed
        } else if let Some(sent) = sent(entry) {
            usable.push(sent);
            continue;
        } else {
            &mut strange
        };
        *counter += 1;
    }
    let mut note = |count: usize, what: &str| {
        if count > 0 {
            draft.note(format!("Left out: {what} ({count})."));
        }
    };
    note(sockets, "WebSocket connections");
    note(inside, "addresses within the browser, such as `data:`");
    note(unanswered, "requests without an answer");
    note(strange, "requests with an address or method that cannot be sent");
    note(fixed, "images, fonts, styles and scripts");
    // Browsers write by the time at which a request ended, or began; users do by the latter.
    if usable.iter().all(|sent| sent.started.is_some()) {
        usable.sort_by_key(|sent| sent.started);
    }
    usable
}

fn sent(entry: Entry) -> Option<Sent> {
    let (url, auth) = plain(Url::parse(&entry.request.url).ok()?)?;
    let method = entry.request.method.to_ascii_uppercase();
    let is_method = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || "_-".contains(c);
    if !method.starts_with(|c: char| c.is_ascii_uppercase()) || !method.chars().all(is_method) {
        return None;
    }
    let answer = |name: &str| {
        entry
            .response
            .headers
            .iter()
            .find(|pair| pair.name.eq_ignore_ascii_case(name))
            .map(|pair| &pair.value)
    };
    let started = instant::millis(&entry.started_date_time);
    let took = entry.time.filter(|time| (0.0..LONGEST_S * 1e3).contains(time)).unwrap_or(0.0) as i64;
    Some(Sent {
        method,
        url,
        auth,
        location: answer("location").unwrap_or(&entry.response.redirect_url).clone(),
        sets_cookies: answer("set-cookie").is_some(),
        headers: entry.request.headers.into_iter().map(|pair| (pair.name, pair.value)).collect(),
        post_data: entry.request.post_data,
        http_version: entry.request.http_version,
        pageref: entry.pageref,
        started,
        ended: started.map(|started| started + took),
        status: entry.response.status,
        final_status: entry.response.status,
        followed: 0,
    })
}

/// Whether it is the same for every user and every day.
fn is_static(entry: &Entry) -> bool {
    const ENDS: [&str; 19] = [
        ".js", ".mjs", ".css", ".map", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".avif", ".ico",
        ".woff", ".woff2", ".ttf", ".otf", ".mp3", ".mp4", ".webm",
    ];
    let kind = entry.response.content.mime_type.to_ascii_lowercase();
    let path = entry.request.url.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    matches!(entry.resource_type.as_str(), "image" | "font" | "stylesheet" | "script" | "media")
        || ["image/", "font/", "audio/", "video/", "text/css"].iter().any(|begin| kind.starts_with(begin))
        || kind.contains("javascript")
        || ENDS.iter().any(|end| path.ends_with(end))
}

/// Takes each request that a redirect led to into the one that was redirected.
fn follow_redirects(entries: &mut Vec<Sent>) {
    let mut gone = HashSet::new();
    for first in 0..entries.len() {
        if gone.contains(&first) {
            continue;
        }
        let mut last = first;
        while let Some(next) = redirected(entries, last).filter(|next| !gone.contains(next)) {
            gone.insert(next);
            last = next;
            let (status, ended, sets_cookies) =
                (entries[next].status, entries[next].ended, entries[next].sets_cookies);
            let entry = &mut entries[first];
            entry.followed += 1;
            entry.ended = ended.max(entry.ended);
            entry.sets_cookies |= sets_cookies;
            entry.final_status = status;
        }
    }
    let mut place = 0;
    entries.retain(|_| {
        place += 1;
        !gone.contains(&(place - 1))
    });
}

/// Where the request stands to which the answer of another led.
fn redirected(entries: &[Sent], from: usize) -> Option<usize> {
    let entry = &entries[from];
    if !matches!(entry.status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let mut target = entry.url.join(&entry.location).ok()?;
    target.set_fragment(None);
    let window = entries.iter().enumerate().skip(from + 1).take(REDIRECT_WITHIN);
    window.into_iter().find(|(_, next)| next.url == target).map(|(place, _)| place)
}

/// About how much of it gets into the scenario, bytes.
fn size(entry: &Sent) -> usize {
    let body = entry.post_data.as_ref().map_or(0, |data| {
        data.text.len() + data.params.iter().map(|param| param.name.len() + param.value.len()).sum::<usize>()
    });
    entry.url.as_str().len() + body
}

/// HTTP/2 or HTTP/3, however a browser calls it.
fn is_later_http(version: &str) -> bool {
    let version = version.to_ascii_lowercase();
    ["h2", "h3", "http/2", "http/3"].iter().any(|begin| version.starts_with(begin))
}

fn hosts_that_set_cookies(entries: &[Sent]) -> HashSet<String> {
    let setting = entries.iter().filter(|entry| entry.sets_cookies);
    setting.filter_map(|entry| entry.url.host_str().map(str::to_owned)).collect()
}

fn put_body(request: &mut Request, data: PostData, draft: &mut Draft) {
    if data.encoding.eq_ignore_ascii_case("base64") {
        draft.note(
            "Left out: bodies that are not text. Put them into files and name these: `body: { file: x }`.",
        );
        return;
    }
    let content_type = request.header("content-type").unwrap_or(&data.mime_type).to_owned();
    let (body, header) = match data.text.is_empty() {
        false => body::read(&content_type, data.text),
        true if data.params.is_empty() => return,
        true => (of_parameters(data, draft), false),
    };
    if !header {
        request.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
    } else if request.header("content-type").is_none() && !content_type.is_empty() {
        headers::put(request, "Content-Type", &content_type, true, &mut LeftOut::default());
    }
    request.body = body;
}

/// The body of which a browser tells only what is in it.
fn of_parameters(data: PostData, draft: &mut Draft) -> Body {
    let body = if data.mime_type.starts_with("multipart/") {
        if data.params.iter().any(|param| param.file_name.is_some() && param.value.is_empty()) {
            draft.note(
                "The recording does not hold the files that were sent; put their paths in: `file: PATH`.",
            );
        }
        body::of_parts(
            data.params
                .into_iter()
                .map(|param| Part {
                    name: param.name,
                    content: Content::Text(param.value),
                    filename: param.file_name,
                    content_type: param.content_type,
                })
                .collect(),
        )
    } else {
        let twice = has_twice(data.params.iter().map(|param| &param.name));
        let fields = data.params.into_iter().map(|param| (param.name, param.value));
        (!twice).then(|| Body::Form(fields.collect()))
    };
    body.unwrap_or_else(|| {
        draft.note("Left out: forms in which a name stands twice, or which have parts but no file.");
        Body::Empty
    })
}

/// What each page is called in the scenario, by its id: the words of its address or title.
fn names(pages: &[Page]) -> HashMap<String, String> {
    let mut names = HashMap::new();
    // How often each name was wanted, and all that are taken.
    let (mut wanted, mut taken): (HashMap<String, usize>, HashSet<String>) = Default::default();
    for page in pages {
        let path = Url::parse(&page.title).ok().map(|url| url.path().to_owned());
        let words = slug(path.as_deref().unwrap_or(&page.title));
        let base = if words.is_empty() { "home".to_owned() } else { words };
        let count = wanted.entry(base.clone()).or_default();
        let mut name = base.clone();
        while !taken.insert(name.clone()) {
            *count += 1;
            name = format!("{base}-{}", *count + 1);
        }
        names.entry(page.id.clone()).or_insert(name);
    }
    names
}

/// The letters and digits of `text`, with dashes between them.
fn slug(text: &str) -> String {
    let mut name = String::new();
    for c in text.chars().take(40) {
        match c {
            c if c.is_alphanumeric() => name.extend(c.to_lowercase()),
            _ if name.is_empty() || name.ends_with('-') => {}
            _ => name.push('-'),
        }
    }
    name.trim_end_matches('-').to_owned()
}

/// Puts steps into the groups of their pages, and pauses between them.
struct Steps<'a> {
    pages: &'a HashMap<String, String>,
    /// Whether there are several pages.
    grouped: bool,
    done: Vec<Step>,
    group: Option<(String, Vec<Step>)>,
    /// When the last answer so far was there.
    ended: Option<i64>,
}

impl<'a> Steps<'a> {
    fn new<'b>(mut pagerefs: impl Iterator<Item = &'b str>, pages: &'a HashMap<String, String>) -> Self {
        let first = pagerefs.next();
        let grouped = pagerefs.any(|other| Some(other) != first);
        Self { pages, grouped, done: Vec::new(), group: None, ended: None }
    }

    /// Adds a request that ran from `started` to `ended`, and before it the pause that the user made.
    fn push(&mut self, pageref: &str, started: Option<i64>, ended: Option<i64>, request: Request) {
        let name = self.pages.get(pageref).filter(|_| self.grouped);
        if self.group.as_ref().map(|(name, _)| name) != name {
            self.close();
        }
        let pause = self.pause(started, ended).map(Step::Sleep);
        let request = Step::Request(Box::new(request));
        match (&mut self.group, name) {
            (Some((_, steps)), _) => steps.extend(pause.into_iter().chain([request])),
            (None, Some(name)) => {
                self.done.extend(pause);
                self.group = Some((name.clone(), vec![request]));
            }
            (None, None) => self.done.extend(pause.into_iter().chain([request])),
        }
    }

    /// How long the user waited before what began at `started`.
    fn pause(&mut self, started: Option<i64>, ended: Option<i64>) -> Option<Duration> {
        let pause = started.zip(self.ended).map_or(0, |(started, ended)| started.saturating_sub(ended));
        self.ended = self.ended.max(ended);
        // Nobody thinks to the millisecond.
        let tenths = u64::try_from(pause).unwrap_or(0).div_ceil(100);
        let time = Duration::from_millis(tenths * 100).min(Duration::from_secs_f64(LONGEST_S));
        Some(time).filter(|_| pause >= PAUSE_MS)
    }

    fn close(&mut self) {
        if let Some((name, steps)) = self.group.take() {
            self.done.push(Step::Group(name, steps));
        }
    }

    fn finish(mut self) -> Vec<Step> {
        self.close();
        self.done
    }
}
