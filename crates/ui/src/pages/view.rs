//! Which part of the page is looked at. It stands in the address, so that the page's script and the server agree on it.

use akrida_run::RunState;

/// A view, as the page's navigation lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum View {
    Start,
    Statistics,
    Charts,
    Failures,
    Exceptions,
    Tasks,
    Workers,
    Logs,
    Downloads,
}

impl View {
    pub(crate) const ALL: [Self; 9] = [
        Self::Start,
        Self::Statistics,
        Self::Charts,
        Self::Failures,
        Self::Exceptions,
        Self::Tasks,
        Self::Workers,
        Self::Logs,
        Self::Downloads,
    ];

    /// The one that an address names, else whichever suits.
    pub(crate) fn find(named: Option<&str>, state: RunState) -> Self {
        let found = Self::ALL.into_iter().find(|view| Some(view.name()) == named);
        found.unwrap_or(if state == RunState::Ready { Self::Start } else { Self::Statistics })
    }

    /// Its name in addresses.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Statistics => "statistics",
            Self::Charts => "charts",
            Self::Failures => "failures",
            Self::Exceptions => "exceptions",
            Self::Tasks => "tasks",
            Self::Workers => "workers",
            Self::Logs => "logs",
            Self::Downloads => "downloads",
        }
    }

    /// Its name for people.
    pub(crate) fn label(self, goes_on: bool) -> &'static str {
        match self {
            Self::Start if goes_on => "Edit",
            Self::Start => "Start",
            Self::Statistics => "Statistics",
            Self::Charts => "Charts",
            Self::Failures => "Failures",
            Self::Exceptions => "Exceptions",
            Self::Tasks => "Tasks",
            Self::Workers => "Workers",
            Self::Logs => "Logs",
            Self::Downloads => "Downloads",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_views() {
        assert_eq!(View::find(Some("workers"), RunState::Ready), View::Workers);
        assert_eq!(View::find(Some("nonsense"), RunState::Ready), View::Start);
        assert_eq!(View::find(None, RunState::Stopped), View::Statistics);
    }
}
