//! Prints the first rows of each batch.
//!
//! A heading with the batch time, the rows, `...` if there are more, and an empty line. A row of one column prints as its value, of several as
//! `(a,b)`; nothing prints as `null`. The whole stream is read all the same: what feeds an output runs to its end. When the reader of a pipe has
//! gone, nothing more is printed, and the job is asked to stop.

use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::physical_plan::SendableRecordBatchStream;
use futures::TryStreamExt;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::clock::BatchTime;
use crate::error::{Error, Result};
use crate::output::{Sink, Staged, WriteId};

/// The most bytes of JSON that the rows kept of a partition may take; a row past it is cut off.
const KEPT_BYTES: usize = 60 * 1024;

/// Prints to standard output, or to any writer.
pub struct PrintSink {
    rows: usize,
    printer: Arc<Mutex<Printer>>,
    /// Says when nobody reads any more.
    closed: Arc<watch::Sender<bool>>,
}

struct Printer {
    writer: Box<dyn Write + Send>,
    /// Committing again prints nothing.
    last: Option<BatchTime>,
}

/// What is kept of a partition.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Head {
    rows: Vec<String>,
    /// Whether there are rows that weren't kept.
    more: bool,
}

impl fmt::Debug for PrintSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrintSink").field("rows", &self.rows).finish_non_exhaustive()
    }
}

impl PrintSink {
    /// A sink that prints the first `rows` rows of each batch to standard output.
    pub fn new(rows: usize) -> Self {
        Self::to(rows, Box::new(io::stdout()))
    }

    /// The same to another writer.
    pub fn to(rows: usize, writer: Box<dyn Write + Send>) -> Self {
        let printer = Arc::new(Mutex::new(Printer { writer, last: None }));
        Self { rows, printer, closed: Arc::new(watch::Sender::new(false)) }
    }
}

#[async_trait::async_trait]
impl Sink for PrintSink {
    fn bind(&self, schema: &SchemaRef) -> Result<()> {
        for field in schema.fields() {
            let array = arrow::array::new_empty_array(field.data_type());
            ArrayFormatter::try_new(&array, &FormatOptions::default())
                .map_err(|e| Error::invalid(format!("column {} can't be printed: {e}", field.name())))?;
        }
        Ok(())
    }

    async fn write(&self, id: WriteId, mut rows: SendableRecordBatchStream) -> Result<Staged> {
        let (mut head, mut room, mut n) = (Head::default(), KEPT_BYTES, 0);
        while let Some(batch) = rows.try_next().await.map_err(Error::failed)? {
            n += batch.num_rows() as u64;
            head.keep(&batch, self.rows, &mut room).map_err(Error::failed)?;
        }
        let committable = serde_json::to_value(head).map_err(Error::failed)?;
        Ok(Staged { id, rows: n, committable })
    }

    async fn commit(&self, batch: BatchTime, staged: &[Staged]) -> Result<()> {
        let mut partitions: Vec<&Staged> = staged.iter().collect();
        partitions.sort_by_key(|staged| staged.id.partition);
        let (mut lines, mut more) = (Vec::new(), false);
        for staged in partitions {
            let head = Head::deserialize(&staged.committable).map_err(Error::failed)?;
            lines.extend(head.rows);
            more |= head.more;
        }
        more |= lines.len() > self.rows;
        lines.truncate(self.rows);

        if *self.closed.borrow() {
            return Ok(());
        }
        let printer = Arc::clone(&self.printer);
        let printed = tokio::task::spawn_blocking(move || printer.lock().print(batch, &lines, more)).await;
        if let Ok(Err(error)) = &printed
            && error.kind() == io::ErrorKind::BrokenPipe
        {
            self.closed.send_replace(true);
            return Ok(());
        }
        printed.map_err(Error::failed)?.map_err(|e| Error::failed(format_args!("can't print: {e}")))
    }

    async fn abort(&self, _: &[Staged]) -> Result<()> {
        Ok(())
    }

    async fn closed(&self) {
        // The sender lives as long as self, so this can't fail.
        let _ = self.closed.subscribe().wait_for(|closed| *closed).await;
    }
}

impl Head {
    /// Keep the first `rows` rows, while there is `room` bytes for them.
    fn keep(&mut self, batch: &RecordBatch, rows: usize, room: &mut usize) -> Result<(), ArrowError> {
        let wanted = if self.more { 0 } else { rows - self.rows.len() };
        let formatters = formatters(batch)?;
        for row in 0..batch.num_rows().min(wanted) {
            let mut text = format_row(&formatters, row)?;
            self.more = cut(&mut text, room);
            self.rows.push(text);
            if self.more {
                return Ok(());
            }
        }
        self.more |= batch.num_rows() > wanted;
        Ok(())
    }
}

fn formatters(batch: &RecordBatch) -> Result<Vec<ArrayFormatter<'_>>, ArrowError> {
    const OPTIONS: FormatOptions<'static> = FormatOptions::new().with_null("null").with_display_error(false);
    batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &OPTIONS)).collect()
}

fn format_row(formatters: &[ArrayFormatter<'_>], row: usize) -> Result<String, ArrowError> {
    if let [only] = formatters {
        return only.value(row).try_to_string();
    }
    let values: Vec<String> =
        formatters.iter().map(|column| column.value(row).try_to_string()).collect::<Result<_, _>>()?;
    Ok(format!("({})", values.join(",")))
}

/// Cut `text` off where its JSON would take more than `room` bytes; says whether it did.
fn cut(text: &mut String, room: &mut usize) -> bool {
    for (at, c) in text.char_indices() {
        let bytes = match c {
            '"' | '\\' => 2,
            c if c.is_control() => 6,
            c => c.len_utf8(),
        };
        if bytes + 8 > *room {
            text.truncate(at);
            text.push_str("...");
            *room = 0;
            return true;
        }
        *room -= bytes;
    }
    *room = room.saturating_sub(8);
    false
}

impl Printer {
    fn print(&mut self, batch: BatchTime, lines: &[String], more: bool) -> io::Result<()> {
        if self.last == Some(batch) {
            return Ok(());
        }
        const RULE: &str = "-------------------------------------------";
        let mut text = format!("{RULE}\nTime: {batch} ms\n{RULE}\n");
        for line in lines {
            text.push_str(line);
            text.push('\n');
        }
        text.push_str(if more { "...\n\n" } else { "\n" });
        self.writer.write_all(text.as_bytes())?;
        self.writer.flush()?;
        self.last = Some(batch);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{ArrayRef, Int64Array, StringArray};
    use datafusion::physical_plan::memory::MemoryStream;

    #[derive(Clone, Default)]
    struct Screen(Arc<Mutex<Vec<u8>>>);

    impl Write for Screen {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Prints the first `rows` rows of a batch with these partitions.
    async fn print(rows: usize, partitions: Vec<RecordBatch>) -> String {
        let screen = Screen::default();
        let sink = PrintSink::to(rows, Box::new(screen.clone()));
        let mut staged = Vec::new();
        for (partition, rows) in partitions.into_iter().enumerate() {
            let id =
                WriteId { batch: BatchTime(2000), partition: partition as u32, partitions: 8, term: 0, attempt: 0 };
            let stream = MemoryStream::try_new(vec![rows.clone()], rows.schema(), None).unwrap();
            staged.insert(0, sink.write(id, Box::pin(stream)).await.unwrap());
            assert_eq!(staged[0].rows, rows.num_rows() as u64);
            assert!(staged[0].committable.to_string().len() <= 64 * 1024);
        }
        sink.commit(BatchTime(2000), &staged).await.unwrap();
        sink.commit(BatchTime(2000), &staged).await.unwrap();
        let text = screen.0.lock().clone();
        let text = String::from_utf8(text).unwrap();
        let head =
            "-------------------------------------------\nTime: 2000 ms\n-------------------------------------------\n";
        text.strip_prefix(head).unwrap().to_owned()
    }

    fn words(words: &[Option<&str>]) -> RecordBatch {
        RecordBatch::try_from_iter_with_nullable([(
            "word",
            Arc::new(StringArray::from(words.to_vec())) as ArrayRef,
            true,
        )])
        .unwrap()
    }

    #[tokio::test]
    async fn prints_the_first_rows_in_the_order_of_partitions() {
        let partitions = vec![words(&[Some("to"), None]), words(&[Some("or")])];
        assert_eq!(print(3, partitions.clone()).await, "to\nnull\nor\n\n");
        assert_eq!(print(2, partitions.clone()).await, "to\nnull\n...\n\n");
        assert_eq!(print(1, partitions).await, "to\n...\n\n");
        assert_eq!(print(10, vec![]).await, "\n");
        assert_eq!(print(0, vec![words(&[Some("to")])]).await, "...\n\n");
    }

    #[tokio::test]
    async fn a_batch_is_printed_again_by_another_process_only() {
        let (screen, rows) = (Screen::default(), words(&[Some("to")]));
        let id = WriteId { batch: BatchTime(2000), partition: 0, partitions: 1, term: 1, attempt: 0 };
        let sink = || PrintSink::to(10, Box::new(screen.clone()));
        let stream = MemoryStream::try_new(vec![rows.clone()], rows.schema(), None).unwrap();
        let staged = [sink().write(id, Box::pin(stream)).await.unwrap()];
        for process in [sink(), sink()] {
            process.commit(BatchTime(2000), &staged).await.unwrap();
            process.commit(BatchTime(2000), &staged).await.unwrap();
        }
        let text = String::from_utf8(screen.0.lock().clone()).unwrap();
        assert_eq!(text.matches("to\n").count(), 2, "{text}");
    }

    #[tokio::test]
    async fn several_columns_print_as_a_tuple() {
        let columns: [(&str, ArrayRef); 2] = [
            ("word", Arc::new(StringArray::from(vec!["to", "be"]))),
            ("count", Arc::new(Int64Array::from(vec![Some(2), None]))),
        ];
        let rows =
            RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).unwrap();
        assert_eq!(print(10, vec![rows]).await, "(to,2)\n(be,null)\n\n");
    }

    #[tokio::test]
    async fn what_is_kept_of_long_rows_is_bounded() {
        let long = "\u{1}".repeat(100_000);
        let text = print(3, vec![words(&[Some(&long), Some("next")])]).await;
        assert!(text.ends_with("\u{1}...\n...\n\n") && text.len() > 10_000, "{}", text.len());
        let quotes = "\"".repeat(20_000);
        print(3, vec![words(&[Some(&quotes), Some(&quotes)])]).await;
    }
}
