//! Who is logged in.

use super::users::random;
use crate::limits;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use tokio::time::Instant;

/// Sessions by the hash of what their cookies hold: whoever sees the memory has no cookie yet.
#[derive(Debug, Default)]
pub(super) struct Sessions(HashMap<[u8; 32], Session>);

#[derive(Debug)]
struct Session {
    user: String,
    until: Instant,
}

impl Sessions {
    /// A new one, and what its cookie holds; `None` where the system gives no randomness.
    pub(super) fn begin(&mut self, user: &str, now: Instant) -> Option<String> {
        self.0.retain(|_, session| session.until > now);
        if self.0.len() >= limits::SESSIONS
            && let Some(oldest) = self.0.iter().min_by_key(|(_, session)| session.until).map(|(key, _)| *key)
        {
            self.0.remove(&oldest);
        }
        let cookie = random().ok()?;
        let session = Session { user: user.to_owned(), until: now + limits::SESSION };
        self.0.insert(key(&cookie), session);
        Some(cookie)
    }

    pub(super) fn user(&self, cookie: &str, now: Instant) -> Option<&str> {
        let session = self.0.get(&key(cookie)).filter(|session| session.until > now)?;
        Some(&session.user)
    }

    pub(super) fn end(&mut self, cookie: &str) {
        self.0.remove(&key(cookie));
    }
}

fn key(cookie: &str) -> [u8; 32] {
    Sha256::digest(cookie).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn sessions_end_and_are_bounded() {
        let now = Instant::now();
        let mut sessions = Sessions::default();
        let first = sessions.begin("alice", now).unwrap();
        assert_eq!(sessions.user(&first, now), Some("alice"));
        assert_eq!(sessions.user("", now), None);
        assert_eq!(sessions.user(&first, now + limits::SESSION), None);
        for number in 0..limits::SESSIONS as u64 {
            sessions.begin("bob", now + Duration::from_millis(1 + number)).unwrap();
        }
        assert_eq!((sessions.0.len(), sessions.user(&first, now)), (limits::SESSIONS, None));
        let last = sessions.begin("carol", now + Duration::from_secs(2)).unwrap();
        sessions.end(&last);
        assert_eq!(sessions.user(&last, now), None);
    }
}
