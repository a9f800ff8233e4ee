//! Operators that use the whole SDK: every type, every kind of operator, configuration, rejections, log and counters. The host's tests run them.

mod aggregates;
mod outside;
mod pass;
mod reference;
mod rows;
mod states;
mod transforms;

use aggregates::{Concat, Mean, sum};
use outside::{Counting, Journal};
use pass::Pass;
use reference::{Locate, survey};
use rows::{echo, echo_nullable};
use sluicebox_sdk::prelude::*;
use states::{history, obey, total, visits, visits_once};
use transforms::{CountWords, add, digits, divide, even, gcd, mask, noisy, place, reject_odd};

plugin! {
    transforms: [
        echo, echo_nullable, Pass, gcd, divide, add, noisy, reject_odd, digits, even, mask, place, CountWords, Locate, survey,
    ],
    aggregates: [sum, Mean, Concat],
    sinks: [Journal],
    receivers: [Counting],
    states: [total, history, obey, visits, visits_once],
}
