//! Open load: tasks that start when their time has come, however long others take.
//!
//! When the arrivals of the whole fleet are due is known beforehand ([`schedule`]), and so is whose each of them is
//! ([`deal`]): every core finds its own without asking anybody. What a core needs to agree on with the others of its
//! engine is only from which arrival on a new deal holds ([`book`]). It starts what is due on users that wait, and
//! counts what finds none ([`pool`]); an arrival is never late for the statistics, because its user is told when it
//! was due.

mod book;
mod deal;
mod pool;
mod schedule;

pub(crate) use book::Book;
pub(crate) use deal::Deal;
pub(crate) use pool::Pool;
