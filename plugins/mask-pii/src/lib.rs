//! Texts of which only the end is shown: what must not be read by those who read the stream.

use std::borrow::Cow;

use sluicebox_sdk::data::{Batch, DataType, Field};
use sluicebox_sdk::parse_config;
use sluicebox_sdk::prelude::*;
use sluicebox_sdk::transform::{Binding, EachChunk, Kind, Operator, Output, Partition, Transform};

mod columns;

use columns::{Tree, trees};

/// What is hidden.
#[config]
struct Options {
    /// The columns, of type string.
    columns: Vec<String>,
    /// How many characters are shown, at the end.
    #[serde(default = "four")]
    keep: usize,
    /// What stands for each of the others.
    #[serde(default = "asterisk")]
    mask: char,
}

fn four() -> usize {
    4
}

fn asterisk() -> char {
    '*'
}

/// Rows with all characters of some columns' texts masked, but for the last; nulls and other columns are left as they are.
struct MaskPii;

impl Transform for MaskPii {
    fn describe() -> Operator {
        let doc = "Rows with all characters of some columns' texts masked, but for the last; nulls and other columns are left as they are.";
        Operator { name: "mask-pii".to_owned(), kind: Kind::Map, doc: doc.to_owned(), input: None }
    }

    fn bind(config: &str, input: &[Field]) -> Result<Binding, Error> {
        masked(&parse_config(config)?, input)?;
        Ok(Binding { columns: (0..trees(input).len() as u32).collect(), output: input.to_vec() })
    }

    fn open(_context: &Context, config: &str, input: &[Field]) -> Result<Box<dyn Partition>, Error> {
        let options: Options = parse_config(config)?;
        let masked = masked(&options, input)?;
        Ok(Box::new(EachChunk(move |batch: &Batch| {
            let mut batch = batch.clone();
            for column in &masked {
                let [offsets, bytes] = &mut batch.buffers[column.first_buffer + 1..][..2] else { continue };
                (*offsets, *bytes) = mask(&options, offsets, bytes)?;
            }
            Ok(Output::made(batch))
        })))
    }
}

/// The columns to be masked.
fn masked(options: &Options, input: &[Field]) -> Result<Vec<Tree>, Error> {
    let columns = trees(input);
    let mut masked = vec![];
    for name in &options.columns {
        let column = columns.iter().find(|column| input[column.field].name == *name);
        let column =
            column.ok_or_else(|| Error::invalid_config(format!("columns: the stream has no column `{name}`")))?;
        if input[column.field].data_type != DataType::Utf8 {
            return Err(Error::invalid_input(format!("column `{name}` is not a string, and only those are masked")));
        }
        masked.push(*column);
    }
    Ok(masked)
}

/// The offsets and bytes of texts, masked. What stands where a row is null is masked too: it means nothing.
fn mask(options: &Options, offsets: &[u8], bytes: &[u8]) -> Result<(Vec<u8>, Vec<u8>), Error> {
    let text = str::from_utf8(bytes).map_err(Error::failed)?;
    let (mut ends, mut masked) = (Vec::with_capacity(offsets.len()), String::with_capacity(bytes.len()));
    let mut starts = offsets.as_chunks::<4>().0.iter().map(|offset| u32::from_le_bytes(*offset) as usize);
    let mut start = starts.next().unwrap_or_default();
    ends.extend_from_slice(&0_u32.to_le_bytes());
    for end in starts {
        let text = text.get(start..end).ok_or_else(|| Error::failed("an offset is within a character"))?;
        masked.push_str(&hide(options, text));
        let length = i32::try_from(masked.len()).map_err(|_| Error::failed("masked texts have more than 2 GiB"))?;
        ends.extend_from_slice(&length.to_le_bytes());
        start = end;
    }
    Ok((ends, masked.into_bytes()))
}

/// A text masked.
fn hide<'a>(options: &Options, text: &'a str) -> Cow<'a, str> {
    let n_hidden = text.chars().count().saturating_sub(options.keep);
    if n_hidden == 0 {
        return Cow::Borrowed(text);
    }
    let shown = text.char_indices().nth(n_hidden).map_or(text.len(), |(at, _)| at);
    let mut masked = String::with_capacity(text.len());
    masked.extend(std::iter::repeat_n(options.mask, n_hidden));
    masked.push_str(&text[shown..]);
    Cow::Owned(masked)
}

plugin! {
    transforms: [MaskPii],
}
