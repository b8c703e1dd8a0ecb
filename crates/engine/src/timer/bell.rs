//! What wakes a core at a given time: on Linux the kernel's own timer, elsewhere tokio's.

#[cfg(target_os = "linux")]
pub(super) use linux::Bell;
#[cfg(not(target_os = "linux"))]
pub(super) use portable::Bell;

#[cfg(target_os = "linux")]
mod linux {
    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };
    use std::io;
    use std::os::fd::OwnedFd;
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    pub(in super::super) struct Bell(AsyncFd<OwnedFd>);

    impl Bell {
        #[expect(
            deprecated,
            reason = "it is so because a type may give another descriptor each time it is asked, which OwnedFd does \
                      not; what replaces it is unsafe"
        )]
        pub(in super::super) fn new() -> io::Result<Self> {
            let timer =
                timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
            Ok(Self(AsyncFd::with_interest(timer, Interest::READABLE)?))
        }

        /// Rings once, after so many microseconds; forgets when it should have rung before.
        pub(in super::super) fn set(&self, after: u64) {
            // A value of zero would mean never.
            let nanoseconds = after.saturating_mul(1_000).clamp(1, i64::MAX as u64);
            let value = Timespec {
                tv_sec: i64::try_from(nanoseconds / 1_000_000_000).unwrap_or(i64::MAX),
                tv_nsec: (nanoseconds % 1_000_000_000).try_into().unwrap_or(0),
            };
            let once = Itimerspec { it_interval: Timespec { tv_sec: 0, tv_nsec: 0 }, it_value: value };
            // It fails only for a descriptor that is no timer and for values out of range.
            let _ = timerfd_settime(&self.0, TimerfdTimerFlags::empty(), &once);
        }

        /// Waits until it rings.
        pub(in super::super) async fn rung(&self) {
            let read = |timer: &OwnedFd| Ok(rustix::io::read(timer, &mut [0; 8])?);
            // The runtime has no other error than its own end.
            if self.0.async_io(Interest::READABLE, read).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod portable {
    use std::cell::Cell;
    use std::io;
    use std::time::Duration;
    use tokio::sync::Notify;
    use tokio::time::Instant;

    #[derive(Default)]
    pub(in super::super) struct Bell {
        at: Cell<Option<Instant>>,
        changed: Notify,
    }

    impl Bell {
        pub(in super::super) fn new() -> io::Result<Self> {
            Ok(Self::default())
        }

        /// Rings once, after so many microseconds; forgets when it should have rung before.
        pub(in super::super) fn set(&self, after: u64) {
            self.at.set(Instant::now().checked_add(Duration::from_micros(after)));
            self.changed.notify_one();
        }

        /// Waits until it rings.
        pub(in super::super) async fn rung(&self) {
            loop {
                let Some(at) = self.at.get() else {
                    self.changed.notified().await;
                    continue;
                };
                tokio::select! {
                    () = tokio::time::sleep_until(at) => {
                        self.at.set(None);
                        return;
                    }
                    () = self.changed.notified() => {}
                }
            }
        }
    }
}
