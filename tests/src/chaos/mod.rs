//! Jobs that are killed again and again, and must make what a job makes that was left alone.
//!
//! | file | what is in it |
//! |---|---|
//! | [`seed`] | numbers that look random, the same for the same seed |
//! | [`feed`] | the lines that a job is given, and how they come |
//! | [`job`] | the job: a word count with all that remembers something |
//! | [`received`] | lines that come over a connection |
//! | [`swapped`] | a plugin that is swapped meanwhile |
//! | [`outside`] | a broker and a database, which go away and come back |
//! | [`ground`] | a folder in which the program runs on the job, is killed, and starts again |
//! | [`outcome`] | what is in the outputs, and what should be |
//! | [`kinds`] | the kinds of jobs, by where their lines come from |
//! | [`storm`] | a run with many kills |
//! | [`points`] | runs that are killed at a named place of the program |
//! | [`rivals`] | runs in which a second driver takes over from one that lives |
//! | [`spike`] | a run that is sent ten times what it can do |
//!
//! What comes in which batch is never the same twice, so what a run should have made can't be said beforehand. It is said afterwards: one of the outputs says
//! which lines were in which batch. First these must be all that were fed, each once; then another job is given the same batches, in one go, undisturbed, and
//! what it writes must be what the disturbed job wrote, batch by batch and row for row.

pub mod feed;
pub mod ground;
pub mod job;
pub mod kinds;
pub mod outcome;
pub mod outside;
pub mod points;
pub mod received;
pub mod rivals;
pub mod seed;
pub mod spike;
pub mod storm;
pub mod swapped;
