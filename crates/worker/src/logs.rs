//! When the newest lines of this worker's log go to the master: every ten seconds, if there are new ones, by Locust's
//! rule. Locust's workers never send any again once they wrote too many between two reports; ours wait until they are
//! quieter.

use crate::event::Notice;
use crate::limits;

/// What is known of the lines that were sent.
#[derive(Debug, Default)]
pub(crate) struct LogReports {
    /// Too many were written before the last report.
    loud: bool,
    /// Some were held back.
    unsent: bool,
}

/// What is to be done with lines.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The master knows them.
    Keep,
    Send,
    /// They are sent, and there may be more than it should be troubled with.
    SendTheLast,
}

impl Verdict {
    pub(crate) fn notice(&self) -> Option<Notice> {
        let most = limits::LOG_LINES_PER_REPORT;
        let text = format!(
            "This log has more than {most} new lines; the master gets no further ones until it has fewer in ten seconds."
        );
        (*self == Self::SendTheLast).then_some(Notice::Warning(text))
    }
}

impl LogReports {
    /// So many lines were `added` since the last time.
    pub(crate) fn judge(&mut self, added: usize) -> Verdict {
        let loud = added > limits::LOG_LINES_PER_REPORT;
        let was_loud = std::mem::replace(&mut self.loud, loud);
        if loud && was_loud {
            self.unsent = true;
            return Verdict::Keep;
        }
        let unsent = std::mem::take(&mut self.unsent);
        match (loud, unsent || added > 0) {
            (true, _) => Verdict::SendTheLast,
            (false, true) => Verdict::Send,
            (false, false) => Verdict::Keep,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loud_worker_is_heard_once_and_again_when_it_is_quieter() {
        let mut reports = LogReports::default();
        let most = limits::LOG_LINES_PER_REPORT;
        let mut check = |added, expected| {
            assert_eq!(reports.judge(added), expected, "{added}");
        };
        check(0, Verdict::Keep);
        check(most, Verdict::Send);
        check(most + 1, Verdict::SendTheLast);
        check(most + 1, Verdict::Keep);
        check(0, Verdict::Send);
        check(0, Verdict::Keep);
        check(1, Verdict::Send);
    }
}
