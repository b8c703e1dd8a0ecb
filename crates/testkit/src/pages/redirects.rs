//! Pages that lead to others.

use crate::http1::{Answer, Request};

/// Longest chain.
const LONGEST: u32 = 100;

/// One redirect with this status, to the place that the query names.
pub(super) fn one(request: &Request, status: &str) -> Answer {
    let status = match status.parse() {
        Ok(status @ 300..=399) => status,
        _ => return Answer::status(400, "a status from 300 to 399, please"),
    };
    let to = request.parameter("to").unwrap_or("/");
    let to = if request.parameter("absolute").is_some() { absolute(request, to) } else { to.to_owned() };
    Answer::status(status, "over there")
        .header("location", &to)
        .header("set-cookie", &format!("hop={status}; Path=/"))
}

/// So many redirects: from `/chain/2` by a relative one to `1`, by an absolute one to `/chain/0`, which is the end.
pub(super) fn chain(request: &Request, left: &str) -> Answer {
    let left = match left.parse::<u32>() {
        Ok(0) => return Answer::ok("the end of the chain"),
        Ok(left @ 1..=LONGEST) => left,
        _ => return Answer::status(400, "a number from 0 to 100, please"),
    };
    let to = match left % 3 {
        0 => format!("/chain/{}", left - 1),
        1 => absolute(request, &format!("/chain/{}", left - 1)),
        _ => format!("{}", left - 1),
    };
    Answer::redirect(&to).header("set-cookie", &format!("link-{left}=1; Path=/chain"))
}

fn absolute(request: &Request, path: &str) -> String {
    format!("http://{}{path}", request.header("host").unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leads_there() {
        let request = |target: &str| Request {
            headers: vec![("host".to_owned(), "x:1".to_owned())],
            ..Request::new("GET", target)
        };
        let hop = |status: u16, to: &str| {
            let answer = Answer::status(status, "over there").header("location", to);
            answer.header("set-cookie", &format!("hop={status}; Path=/"))
        };
        assert_eq!(one(&request("/redirect/303?to=/a"), "303"), hop(303, "/a"));
        assert_eq!(one(&request("/redirect/308?to=/a&absolute=1"), "308"), hop(308, "http://x:1/a"));
        assert_eq!(one(&request("/"), "200"), Answer::status(400, "a status from 300 to 399, please"));

        let link = |left: u32, to: &str| {
            Answer::redirect(to).header("set-cookie", &format!("link-{left}=1; Path=/chain"))
        };
        assert_eq!(chain(&request("/"), "3"), link(3, "/chain/2"));
        assert_eq!(chain(&request("/"), "2"), link(2, "1"));
        assert_eq!(chain(&request("/"), "1"), link(1, "http://x:1/chain/0"));
        assert_eq!(chain(&request("/"), "0"), Answer::ok("the end of the chain"));
        assert_eq!(chain(&request("/"), "x"), Answer::status(400, "a number from 0 to 100, please"));
    }
}
