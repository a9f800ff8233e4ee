//! What the control server answers with. Times are milliseconds since 1970-01-01T00:00:00Z, durations milliseconds, sizes bytes.

use std::collections::BTreeMap;

use super::schema::views;

views! {
    /// A running job.
    pub struct Job {
        /// Its name.
        pub name: String,
        /// Where it stands: active, paused, stopping or stopped.
        pub state: String,
        /// Whether it has recovered and its sources take rows in.
        pub ready: bool,
        /// The process that runs it.
        pub pid: u64,
        /// The program's version.
        pub version: String,
        /// The job file, if it is of one.
        pub job_file: Option<String>,
        /// When it was started.
        pub started_ms: i64,
        /// From one batch time to the next.
        pub batch_interval_ms: u64,
        /// Where it keeps what it needs to go on, if anywhere.
        pub checkpoint: Option<String>,
        /// The driver's term: 0 without a checkpoint, null until it has taken over.
        pub term: Option<u64>,
        /// The last batch that is done.
        pub last_batch_ms: Option<i64>,
        /// The batch that runs.
        pub running_batch_ms: Option<i64>,
        /// Batches that are planned and wait for their turn.
        pub batches_waiting: u64,
        /// How many may.
        pub batches_waiting_limit: u64,
        /// Batches done since the start.
        pub batches_completed: u64,
        /// Batches that failed for good since the start.
        pub batches_failed: u64,
        /// Rows of all sources that batches were given since the start, as far as they are known.
        pub rows: u64,
    }

    /// A job's streams.
    pub struct Streams {
        /// Streams and static tables, each after those it reads.
        pub streams: Vec<Stream>,
        /// Outputs, in the order of the job.
        pub outputs: Vec<Output>,
    }

    /// A stream or a static table.
    pub struct Stream {
        /// Its name.
        pub name: String,
        /// A source's type, an operation as a job file names it, or table.
        pub kind: String,
        /// Whether it is a source.
        pub source: bool,
        /// The streams and tables that it reads.
        pub inputs: Vec<String>,
        /// Its columns.
        pub columns: Vec<Column>,
        /// How often it has a dataset.
        pub slide_ms: u64,
        /// The column that says when its rows happened, if one does.
        pub event_time: Option<String>,
        /// The latest event time of rows in batches that are done.
        pub latest_event_ms: Option<i64>,
        /// Rows that came too late for its windows since the start.
        pub late_rows: u64,
    }

    /// A column.
    pub struct Column {
        /// Its name.
        pub name: String,
        /// Its type, as a job file names it.
        pub r#type: String,
        /// Whether it may be null.
        pub nullable: bool,
    }

    /// An output.
    pub struct Output {
        /// Its name.
        pub name: String,
        /// The stream that it writes.
        pub input: String,
        /// Its sink's type.
        pub kind: String,
        /// Rows written since the start.
        pub rows: u64,
        /// Failures and errors since the start.
        pub errors: u64,
        /// The last of them.
        pub last_error: Option<Problem>,
    }

    /// Something that went wrong.
    pub struct Problem {
        /// When; null where that isn't known.
        pub time_ms: Option<i64>,
        /// What.
        pub error: String,
    }

    /// A job's plugins and the uses of their operators.
    pub struct Operators {
        /// Plugins, in the order of the job.
        pub plugins: Vec<Plugin>,
        /// Uses of their operators: by streams, then by outputs.
        pub operators: Vec<Operator>,
    }

    /// A plugin.
    pub struct Plugin {
        /// Its name.
        pub name: String,
        /// The component that batches to come are planned with: the SHA-256 of its bytes.
        pub digest: Option<String>,
        /// The file that the job's own component was read from.
        pub component: Option<String>,
        /// What is done about rows that an operator rejects: fail or skip.
        pub on_reject: String,
        /// What an instance may use.
        pub limits: Vec<Limit>,
    }

    /// A limit of a plugin's instances.
    pub struct Limit {
        /// Its key in the job file.
        pub name: String,
        /// What it counts: bytes, nanoseconds, or things.
        pub unit: String,
        /// The most that is allowed; null where nothing limits it.
        pub allowed: Option<u64>,
        /// The most that was used since the start, where that is known.
        pub used: Option<u64>,
    }

    /// A use of a plugin's operator.
    pub struct Operator {
        /// The stream that it makes, or the output that it writes.
        pub of: String,
        /// The operation that calls it, or receiver or sink.
        pub kind: String,
        /// The plugin.
        pub plugin: String,
        /// The operator.
        pub operator: String,
        /// What it did since the start.
        pub work: Work,
        /// What its instances have used of each limit, at most.
        pub limits: Vec<Limit>,
    }

    /// What an operator did.
    pub struct Work {
        /// Partitions worked on.
        pub partitions: u64,
        /// Calls that took or made rows.
        pub calls: u64,
        /// Calls made again on a fresh instance.
        pub retries: u64,
        /// Rows handed over.
        pub rows_in: u64,
        /// Rows made.
        pub rows_out: u64,
        /// Rows rejected, and left out.
        pub rejected: u64,
        /// Rows left out because the operator failed at them.
        pub failed: u64,
        /// Rows of both kinds that are dead letters.
        pub dead_letters: u64,
        /// Lines logged over the limit, which were dropped.
        pub log_dropped: u64,
        /// The operator's own counters.
        pub counters: BTreeMap<String, u64>,
    }

    /// A job's batches.
    pub struct Batches {
        /// Those that wait and the one that runs, then those that are done or have failed, the last first.
        pub batches: Vec<Batch>,
    }

    /// A batch.
    pub struct Batch {
        /// Its time.
        pub batch_time_ms: i64,
        /// waiting, running, completed or failed.
        pub status: String,
        /// When it was planned.
        pub submission_ms: i64,
        /// When it began to run.
        pub processing_start_ms: Option<i64>,
        /// When it ended.
        pub processing_end_ms: Option<i64>,
        /// From its submission to the start of processing.
        pub scheduling_delay_ms: Option<u64>,
        /// From the start of processing to its end.
        pub processing_delay_ms: Option<u64>,
        /// From its submission to the end of processing.
        pub total_delay_ms: Option<u64>,
        /// Rows of all sources, as far as they are known.
        pub rows: u64,
        /// Lines of all sources that were left out.
        pub lines_dropped: u64,
        /// Rows rejected by operators and left out.
        pub rejected: u64,
        /// How many times it was run.
        pub attempts: u64,
        /// Why it failed.
        pub failure: Option<String>,
        /// What each source gave it.
        pub inputs: Vec<BatchInput>,
        /// What was written.
        pub outputs: Vec<BatchOutput>,
        /// What operators did.
        pub operators: Vec<BatchOperator>,
    }

    /// What a source gave a batch.
    pub struct BatchInput {
        /// The stream.
        pub stream: String,
        /// Rows; null where they aren't known before they are read, and weren't read yet.
        pub rows: Option<u64>,
        /// Rows received a second since the batch before was planned; null of sources that are read in place.
        pub rows_per_second: Option<u64>,
        /// The most rows that the source took in a second when the batch was done; null where nothing limits them.
        pub rate_limit: Option<f64>,
        /// Lines left out.
        pub lines_dropped: u64,
        /// Files of which the rest was left out.
        pub bad_files: u64,
    }

    /// One output of a batch.
    pub struct BatchOutput {
        /// The output.
        pub name: String,
        /// Rows written.
        pub rows: u64,
        /// When writing began.
        pub start_ms: Option<i64>,
        /// When writing ended.
        pub end_ms: Option<i64>,
        /// Why it failed.
        pub failure: Option<String>,
    }

    /// What an operator did in a batch.
    pub struct BatchOperator {
        /// The stream that it makes.
        pub of: String,
        /// The plugin.
        pub plugin: String,
        /// The operator.
        pub operator: String,
        /// What it did.
        pub work: Work,
        /// Some of the rows that it rejected.
        pub rejected_rows: Vec<RejectedRow>,
    }

    /// A row that an operator rejected.
    pub struct RejectedRow {
        /// The partition of the operator's input.
        pub partition: u64,
        /// The row's number in it, from 0.
        pub row: u64,
        /// The operator's reason, in the operator's words.
        pub reason: String,
    }

    /// A job's sources.
    pub struct Receivers {
        /// By the names of their streams.
        pub receivers: Vec<Receiver>,
    }

    /// A source.
    pub struct Receiver {
        /// The stream.
        pub stream: String,
        /// Its type.
        pub kind: String,
        /// Whether it takes rows in.
        pub active: bool,
        /// Rows received since the start, also those no batch has read yet; 0 for sources that are read in place.
        pub rows_received: u64,
        /// Rows received a second before the last batch was planned.
        pub rows_per_second: Option<u64>,
        /// The most rows that it takes in a second; null where nothing limits them.
        pub rate_limit: Option<f64>,
        /// Lines left out since the start, as they can't be read.
        pub lines_dropped: u64,
        /// Errors since the start that it went on after.
        pub errors: u64,
        /// The last of them.
        pub last_error: Option<Problem>,
    }

    /// What a job's stateful streams keep.
    pub struct States {
        /// By the names of their streams.
        pub state: Vec<State>,
    }

    /// What a stateful stream keeps.
    pub struct State {
        /// The stream.
        pub stream: String,
        /// The version of its state.
        pub version: u64,
        /// Keys that have state.
        pub keys: u64,
        /// About how much they and their state take.
        pub live_bytes: u64,
        /// Memory reserved for them, with what isn't cleared away yet.
        pub held_bytes: u64,
        /// The most that they may take, where the job says so.
        pub bound_bytes: Option<u64>,
    }

    /// A job's memory.
    pub struct Memory {
        /// What the job may use.
        pub total_bytes: u64,
        /// What is in use.
        pub used_bytes: u64,
        /// For what.
        pub shares: Vec<Share>,
    }

    /// One use of a job's memory.
    pub struct Share {
        /// blocks, engine, guests or state.
        pub name: String,
        /// What is in use.
        pub used_bytes: u64,
        /// What may be.
        pub limit_bytes: u64,
    }

    /// Whether a job is well.
    pub struct Health {
        /// The process answers, and the job hasn't ended.
        pub live: bool,
        /// The job has recovered, its sources take rows in, and it isn't stopping.
        pub ready: bool,
    }

    /// What became of a verb.
    pub struct Asked {
        /// Where the job stands now.
        pub state: String,
        /// Whether the verb has changed that; false where the job stood so already.
        pub changed: bool,
        /// Whether the job has ended, where it was to be waited for.
        pub end: Option<End>,
    }

    /// Whether the job has ended.
    pub struct End {
        /// It has.
        pub ended: bool,
        /// Why it failed, if it did.
        pub error: Option<String>,
    }

    /// A job's swaps.
    pub struct Swaps {
        /// Oldest first.
        pub swaps: Vec<Swap>,
    }

    /// Another component for a plugin.
    pub struct Swap {
        /// The plugin.
        pub plugin: String,
        /// The digest of the component that it was.
        pub from: String,
        /// The digest of the component that it is from then on.
        pub to: String,
        /// swap; rollback; failure, where the job went back by itself; filed, where it was started with another component in its file.
        pub kind: String,
        /// The last batch that was planned before.
        pub after_batch_ms: Option<i64>,
        /// Whether batches that were planned and had no result run with it too, as they failed with the other.
        pub planned_too: bool,
        /// When.
        pub time_ms: i64,
        /// Who wanted it.
        pub by: String,
        /// Why.
        pub why: String,
    }

    /// How the component stands that is tried now.
    pub struct Canary {
        /// Until now; null if none is tried.
        pub comparison: Option<Comparison>,
    }

    /// How a candidate did beside a plugin's component.
    pub struct Comparison {
        /// The plugin.
        pub plugin: String,
        /// The digest of its component.
        pub current: String,
        /// The candidate's digest.
        pub candidate: String,
        /// Batches that both have run.
        pub batches: u64,
        /// The first of them.
        pub first_batch_ms: Option<i64>,
        /// The last of them.
        pub last_batch_ms: Option<i64>,
        /// Whether both have made the same, and the candidate hasn't failed.
        pub same: bool,
        /// The streams that were compared, in the order of the job.
        pub streams: Vec<ComparedStream>,
        /// Streams of the plugin that weren't, and why.
        pub not_compared: BTreeMap<String, String>,
    }

    /// A stream that both have made.
    pub struct ComparedStream {
        /// The stream.
        pub stream: String,
        /// The plugin's operator.
        pub operator: String,
        /// By the plugin's component.
        pub current: Made,
        /// By the candidate.
        pub candidate: Made,
        /// Batches in which rows differ.
        pub differing_batches: u64,
        /// Some rows that only one has made: `-` before the component's, `+` before the candidate's.
        pub samples: Vec<String>,
        /// Batches in which the candidate failed.
        pub failed_batches: u64,
        /// Some of its errors.
        pub errors: Vec<String>,
    }

    /// What one component made of a stream.
    pub struct Made {
        /// Rows.
        pub rows: u64,
        /// Rows that the other hasn't made.
        pub only: u64,
        /// How long that took.
        pub took_ms: f64,
        /// The most linear memory that an instance had, in bytes; 0 where none was called.
        pub memory_bytes: u64,
    }

    /// A job file that is to be applied.
    pub struct JobFile {
        /// What mistakes call the file.
        pub name: String,
        /// Where it stands on the job's machine, from the root on: relative paths in it begin at its folder.
        pub path: String,
        /// What stands in it.
        pub text: String,
        /// What is put on top, as --set of the program takes it.
        pub settings: Vec<String>,
        /// Who wants it.
        pub by: String,
        /// Why.
        pub why: String,
        /// The digest of the job file that the plan was made from, or no text where it was none: if the job is of another one by then, nothing is applied. Not looked at if null.
        pub planned_from: Option<String>,
    }

    /// What applying a job file would do.
    pub struct ApplyPlan {
        /// The digest of the job file that the job is of; null of a job of a program.
        pub from: Option<String>,
        /// The digest of the file that is to be applied.
        pub to: Option<String>,
        /// What would be another.
        pub changes: Vec<Change>,
        /// What becomes of state, windows and sources.
        pub carried: Vec<Carried>,
        /// Whether something that the job holds would be dropped.
        pub drops: bool,
        /// Why it can't be applied; empty if it can.
        pub mistakes: Vec<Mistake>,
        /// What was probably not meant.
        pub warnings: Vec<Mistake>,
    }

    /// A part of the job that would be another.
    pub struct Change {
        /// added, changed or removed.
        pub kind: String,
        /// The part.
        pub part: String,
        /// What of it, in the words of the job file.
        pub how: Vec<String>,
    }

    /// Something that the job holds.
    pub struct Carried {
        /// The stream.
        pub name: String,
        /// What the job has of it.
        pub what: String,
        /// What becomes of it.
        pub fate: String,
        /// Whether it would be dropped.
        pub dropped: bool,
    }

    /// Something in a job file that is wrong, or probably not meant.
    pub struct Mistake {
        /// The file, where it is in one.
        pub file: Option<String>,
        /// The line, from 1.
        pub line: Option<u64>,
        /// The column, from 1.
        pub column: Option<u64>,
        /// What is wrong.
        pub message: String,
        /// What to do.
        pub help: Option<String>,
    }

    /// The job files that were applied.
    pub struct Applies {
        /// Oldest first.
        pub applies: Vec<Apply>,
    }

    /// Another job file.
    pub struct Apply {
        /// The digest of the job file until then; null of a job of a program.
        pub from: Option<String>,
        /// The digest of the job file from then on.
        pub to: Option<String>,
        /// applied; filed, where the job was started with another file than when one was applied.
        pub kind: String,
        /// The last batch that was planned before.
        pub after_batch_ms: Option<i64>,
        /// What was another than before.
        pub changes: Vec<String>,
        /// When.
        pub time_ms: i64,
        /// Who wanted it.
        pub by: String,
        /// Why.
        pub why: String,
    }

    /// Why a request was refused.
    pub struct Refusal {
        /// What is wrong.
        pub error: String,
        /// What to do.
        pub help: Option<String>,
    }
}
