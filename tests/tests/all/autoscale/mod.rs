//! The autoscaler with real processes: a stand-in for the API server, whose replicas are processes of a service.

mod beside;
mod controller;
mod on_master;
mod site;
mod start;
mod steps;
