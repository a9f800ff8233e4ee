//! The names of column types, as job files, docs and errors write them.
//!
//! `string`, `int64`, `decimal(10, 2)`, `timestamp[us, UTC]`, `list<string>`, `struct<x: int64 not null, y: string>`, `map<string, int64>`: what
//! [`parse`] reads, [`TypeName`] writes.

use std::fmt;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Fields, IntervalUnit, Schema, TimeUnit};

use crate::job::nearest::nearest;

/// How deep types may nest, as in the contract with plugins.
const MAX_DEPTH: usize = 32;

/// What may stand where a type is expected.
const NAMES: [&str; 25] = [
    "string",
    "int64",
    "float64",
    "boolean",
    "date",
    "timestamp",
    "decimal",
    "int8",
    "int16",
    "int32",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float32",
    "binary",
    "fixed-size-binary",
    "date64",
    "time",
    "duration",
    "interval",
    "list",
    "fixed-size-list",
    "struct",
    "map",
];

/// Names from elsewhere, and ours for them.
const ELSEWHERE: [(&str, &str); 21] = [
    ("int", "int32"),
    ("integer", "int32"),
    ("long", "int64"),
    ("bigint", "int64"),
    ("short", "int16"),
    ("smallint", "int16"),
    ("byte", "int8"),
    ("tinyint", "int8"),
    ("i64", "int64"),
    ("i32", "int32"),
    ("double", "float64"),
    ("float", "float32"),
    ("real", "float32"),
    ("bool", "boolean"),
    ("str", "string"),
    ("text", "string"),
    ("varchar", "string"),
    ("utf8", "string"),
    ("bytes", "binary"),
    ("datetime", "timestamp[us]"),
    ("array", "list<string>"),
];

/// A text that names no type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct WrongType {
    /// What is wrong with it.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

/// Read a type, and whether its values may be null: all may, unless `not null` follows.
///
/// # Errors
/// [`WrongType`] says at what it stopped.
pub fn parse(text: &str) -> Result<(DataType, bool), WrongType> {
    let mut parser = Parser { text, rest: text, depth: 0 };
    let parsed = parser.nullable_type()?;
    parser.skip_space();
    if parser.rest.is_empty() { Ok(parsed) } else { Err(parser.unexpected("the end of the type")) }
}

struct Parser<'a> {
    text: &'a str,
    rest: &'a str,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn nullable_type(&mut self) -> Result<(DataType, bool), WrongType> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let message = format!("a type is nested more than {MAX_DEPTH} deep");
            return Err(WrongType { message, help: "make it flatter".into() });
        }
        let data_type = self.data_type()?;
        self.depth -= 1;
        let before = self.rest;
        if self.word() == "not" {
            return if self.word() == "null" {
                Ok((data_type, false))
            } else {
                Err(self.unexpected("\"null\" after \"not\""))
            };
        }
        self.rest = before;
        Ok((data_type, true))
    }

    fn data_type(&mut self) -> Result<DataType, WrongType> {
        Ok(match self.word() {
            "boolean" => DataType::Boolean,
            "int8" => DataType::Int8,
            "int16" => DataType::Int16,
            "int32" => DataType::Int32,
            "int64" => DataType::Int64,
            "uint8" => DataType::UInt8,
            "uint16" => DataType::UInt16,
            "uint32" => DataType::UInt32,
            "uint64" => DataType::UInt64,
            "float32" => DataType::Float32,
            "float64" => DataType::Float64,
            "string" => DataType::Utf8,
            "binary" => DataType::Binary,
            "date" => DataType::Date32,
            "date64" => DataType::Date64,
            "fixed-size-binary" => self.fixed_size_binary()?,
            "decimal" => self.decimal()?,
            "time" => match self.unit()? {
                unit @ (TimeUnit::Second | TimeUnit::Millisecond) => DataType::Time32(unit),
                unit => DataType::Time64(unit),
            },
            "timestamp" => self.timestamp()?,
            "duration" => DataType::Duration(self.unit()?),
            "interval" => self.interval()?,
            "list" => DataType::List(self.items()?),
            "fixed-size-list" => self.fixed_size_list()?,
            "struct" => self.fields()?,
            "map" => self.map()?,
            other => return Err(self.unknown(other)),
        })
    }

    fn fixed_size_binary(&mut self) -> Result<DataType, WrongType> {
        self.expect('(')?;
        let width = self.number(1, 1 << 20)?;
        self.expect(')')?;
        Ok(DataType::FixedSizeBinary(width))
    }

    fn decimal(&mut self) -> Result<DataType, WrongType> {
        self.expect('(')?;
        let precision = self.number(1, 38)?;
        let scale = if self.take(',') { self.number(-38, precision)? } else { 0 };
        self.expect(')')?;
        let wrong = |_| self.unexpected("a precision of at most 38");
        Ok(DataType::Decimal128(u8::try_from(precision).map_err(wrong)?, i8::try_from(scale).map_err(wrong)?))
    }

    /// `[s]`, `[ms]`, `[us]` or `[ns]`; microseconds where nothing follows.
    fn unit(&mut self) -> Result<TimeUnit, WrongType> {
        if !self.take('[') {
            return Ok(TimeUnit::Microsecond);
        }
        let unit = self.unit_word()?;
        self.expect(']')?;
        Ok(unit)
    }

    fn unit_word(&mut self) -> Result<TimeUnit, WrongType> {
        let before = self.rest;
        Ok(match self.word() {
            "s" => TimeUnit::Second,
            "ms" => TimeUnit::Millisecond,
            "us" => TimeUnit::Microsecond,
            "ns" => TimeUnit::Nanosecond,
            _ => {
                self.rest = before;
                return Err(self.unexpected("a unit: s, ms, us or ns"));
            }
        })
    }

    fn timestamp(&mut self) -> Result<DataType, WrongType> {
        if !self.take('[') {
            return Ok(DataType::Timestamp(TimeUnit::Microsecond, None));
        }
        let unit = self.unit_word()?;
        let zone = if self.take(',') { Some(self.zone()?) } else { None };
        self.expect(']')?;
        Ok(DataType::Timestamp(unit, zone))
    }

    fn zone(&mut self) -> Result<Arc<str>, WrongType> {
        self.skip_space();
        let end = self.rest.find(']').unwrap_or(self.rest.len());
        let zone = self.rest[..end].trim_end();
        let allowed = |letter: char| letter.is_ascii_alphanumeric() || "+-_/:".contains(letter);
        if zone.is_empty() || !zone.chars().all(allowed) {
            return Err(self.unexpected("a time zone such as UTC, Europe/Berlin or +02:00"));
        }
        self.rest = &self.rest[end..];
        Ok(zone.into())
    }

    fn interval(&mut self) -> Result<DataType, WrongType> {
        self.expect('[')?;
        let before = self.rest;
        let unit = match self.word() {
            "year-month" => IntervalUnit::YearMonth,
            "day-time" => IntervalUnit::DayTime,
            "month-day-nano" => IntervalUnit::MonthDayNano,
            _ => {
                self.rest = before;
                return Err(self.unexpected("year-month, day-time or month-day-nano"));
            }
        };
        self.expect(']')?;
        Ok(DataType::Interval(unit))
    }

    /// `<type>`.
    fn items(&mut self) -> Result<Arc<Field>, WrongType> {
        self.expect('<')?;
        let (item, nullable) = self.nullable_type()?;
        self.expect('>')?;
        Ok(Arc::new(Field::new_list_field(item, nullable)))
    }

    /// `<type, length>`.
    fn fixed_size_list(&mut self) -> Result<DataType, WrongType> {
        self.expect('<')?;
        let (item, nullable) = self.nullable_type()?;
        self.expect(',')?;
        let length = self.number(1, 1 << 20)?;
        self.expect('>')?;
        Ok(DataType::FixedSizeList(Arc::new(Field::new_list_field(item, nullable)), length))
    }

    /// `<name: type, ...>`.
    fn fields(&mut self) -> Result<DataType, WrongType> {
        self.expect('<')?;
        let mut fields: Vec<Field> = vec![];
        loop {
            let name = self.field_name()?;
            if fields.iter().any(|field| *field.name() == name) {
                let message = format!("the struct has two fields \"{name}\"");
                return Err(WrongType { message, help: "rename one of them".into() });
            }
            self.expect(':')?;
            let (data_type, nullable) = self.nullable_type()?;
            fields.push(Field::new(name, data_type, nullable));
            if !self.take(',') {
                break;
            }
        }
        self.expect('>')?;
        Ok(DataType::Struct(fields.into()))
    }

    /// `<key, value>`.
    fn map(&mut self) -> Result<DataType, WrongType> {
        self.expect('<')?;
        let (key, _) = self.nullable_type()?;
        self.expect(',')?;
        let (value, nullable) = self.nullable_type()?;
        self.expect('>')?;
        let entries = Fields::from(vec![Field::new("key", key, false), Field::new("value", value, nullable)]);
        Ok(DataType::Map(Arc::new(Field::new("entries", DataType::Struct(entries), false)), false))
    }

    /// A name as it is, or in double quotes with `\` before quotes and backslashes.
    fn field_name(&mut self) -> Result<String, WrongType> {
        if !self.take('"') {
            let name = self.word();
            return if name.is_empty() { Err(self.unexpected("a field's name")) } else { Ok(name.to_owned()) };
        }
        let mut name = String::new();
        let mut letters = self.rest.char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    return Ok(name);
                }
                '\\' => name.extend(letters.next().map(|(_, letter)| letter)),
                _ => name.push(letter),
            }
        }
        self.rest = "";
        Err(self.unexpected("a closing quote"))
    }

    fn number(&mut self, least: i32, most: i32) -> Result<i32, WrongType> {
        self.skip_space();
        let end = self.rest.find(|letter: char| !letter.is_ascii_digit() && letter != '-').unwrap_or(self.rest.len());
        match self.rest[..end].parse() {
            Ok(number) if (least..=most).contains(&number) => {
                self.rest = &self.rest[end..];
                Ok(number)
            }
            _ => Err(self.unexpected(&format!("a number from {least} to {most}"))),
        }
    }

    fn word(&mut self) -> &'a str {
        self.skip_space();
        let end = self
            .rest
            .find(|letter: char| !letter.is_alphanumeric() && letter != '_' && letter != '-')
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn take(&mut self, letter: char) -> bool {
        self.skip_space();
        let rest = self.rest.strip_prefix(letter);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, letter: char) -> Result<(), WrongType> {
        if self.take(letter) { Ok(()) } else { Err(self.unexpected(&format!("\"{letter}\""))) }
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn unexpected(&self, expected: &str) -> WrongType {
        let found = if self.rest.is_empty() { "it ends".to_owned() } else { format!("\"{}\" stands", self.rest) };
        WrongType {
            message: format!("\"{}\" is not a type: {found} where {expected} is expected", self.text),
            help: examples(),
        }
    }

    fn unknown(&self, word: &str) -> WrongType {
        let lower = word.to_lowercase();
        let meant = ELSEWHERE
            .iter()
            .find(|(theirs, _)| *theirs == lower)
            .map(|(_, ours)| *ours)
            .or_else(|| nearest(&lower, NAMES));
        let message = if word.is_empty() {
            self.unexpected("a type's name").message
        } else {
            format!("\"{word}\" is not a type")
        };
        WrongType { message, help: meant.map_or_else(examples, |meant| format!("did you mean \"{meant}\"?")) }
    }
}

fn examples() -> String {
    "types are string, int64, float64, boolean, date, timestamp[us, UTC], decimal(10, 2), list<string>, struct<a: int64, b: string> and others".into()
}

/// Shows a type as a job file would write it.
///
/// Layouts of the same values have one name: string views and dictionaries of strings are `string`. A type that job files have no name for
/// is shown as Arrow names it.
pub struct TypeName<'a>(pub &'a DataType);

impl fmt::Display for TypeName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            DataType::Boolean => f.write_str("boolean"),
            DataType::Int8 => f.write_str("int8"),
            DataType::Int16 => f.write_str("int16"),
            DataType::Int32 => f.write_str("int32"),
            DataType::Int64 => f.write_str("int64"),
            DataType::UInt8 => f.write_str("uint8"),
            DataType::UInt16 => f.write_str("uint16"),
            DataType::UInt32 => f.write_str("uint32"),
            DataType::UInt64 => f.write_str("uint64"),
            DataType::Float32 => f.write_str("float32"),
            DataType::Float64 => f.write_str("float64"),
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => f.write_str("string"),
            DataType::Binary | DataType::LargeBinary | DataType::BinaryView => f.write_str("binary"),
            DataType::FixedSizeBinary(width) => write!(f, "fixed-size-binary({width})"),
            DataType::Decimal128(precision, scale) => write!(f, "decimal({precision}, {scale})"),
            DataType::Date32 => f.write_str("date"),
            DataType::Date64 => f.write_str("date64"),
            DataType::Time32(unit) | DataType::Time64(unit) => write!(f, "time[{}]", unit_name(*unit)),
            DataType::Timestamp(unit, None) => write!(f, "timestamp[{}]", unit_name(*unit)),
            DataType::Timestamp(unit, Some(zone)) => write!(f, "timestamp[{}, {zone}]", unit_name(*unit)),
            DataType::Duration(unit) => write!(f, "duration[{}]", unit_name(*unit)),
            DataType::Interval(IntervalUnit::YearMonth) => f.write_str("interval[year-month]"),
            DataType::Interval(IntervalUnit::DayTime) => f.write_str("interval[day-time]"),
            DataType::Interval(IntervalUnit::MonthDayNano) => f.write_str("interval[month-day-nano]"),
            DataType::List(item) | DataType::LargeList(item) => write!(f, "list<{}>", NullableTypeName(item)),
            DataType::FixedSizeList(item, length) => write!(f, "fixed-size-list<{}, {length}>", NullableTypeName(item)),
            DataType::Struct(fields) => write!(f, "struct<{}>", FieldNames(fields)),
            DataType::Map(entries, _) => match entries.data_type() {
                DataType::Struct(fields) if fields.len() == 2 => {
                    write!(f, "map<{}, {}>", TypeName(fields[0].data_type()), NullableTypeName(&fields[1]))
                }
                other => write!(f, "map<{}>", TypeName(other)),
            },
            DataType::Dictionary(_, values) => TypeName(values).fmt(f),
            other => write!(f, "{other}"),
        }
    }
}

/// Shows a schema's columns: `word: string, count: int64 not null`.
pub struct SchemaNames<'a>(pub &'a Schema);

impl fmt::Display for SchemaNames<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        FieldNames(self.0.fields()).fmt(f)
    }
}

struct NullableTypeName<'a>(&'a Field);

impl fmt::Display for NullableTypeName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", TypeName(self.0.data_type()), if self.0.is_nullable() { "" } else { " not null" })
    }
}

struct FieldNames<'a>(&'a Fields);

impl fmt::Display for FieldNames<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (idx, field) in self.0.iter().enumerate() {
            let comma = if idx > 0 { ", " } else { "" };
            let name = field.name();
            let plain = !name.is_empty()
                && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_' || letter == '-');
            if plain {
                write!(f, "{comma}{name}: {}", NullableTypeName(field))?;
            } else {
                write!(
                    f,
                    "{comma}\"{}\": {}",
                    name.replace('\\', "\\\\").replace('"', "\\\""),
                    NullableTypeName(field)
                )?;
            }
        }
        Ok(())
    }
}

fn unit_name(unit: TimeUnit) -> &'static str {
    match unit {
        TimeUnit::Second => "s",
        TimeUnit::Millisecond => "ms",
        TimeUnit::Microsecond => "us",
        TimeUnit::Nanosecond => "ns",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for name in [
            "boolean",
            "int8",
            "int16",
            "int32",
            "int64",
            "uint8",
            "uint16",
            "uint32",
            "uint64",
            "float32",
            "float64",
            "string",
            "binary",
            "fixed-size-binary(16)",
            "decimal(10, 2)",
            "decimal(38, -3)",
            "date",
            "date64",
            "time[s]",
            "time[ns]",
            "timestamp[ms]",
            "timestamp[us, UTC]",
            "timestamp[ns, +02:00]",
            "timestamp[s, America/New_York]",
            "duration[ms]",
            "interval[year-month]",
            "interval[day-time]",
            "interval[month-day-nano]",
            "list<string>",
            "list<list<int64 not null>>",
            "fixed-size-list<float32, 3>",
            "struct<a: int64, b: string not null>",
            "struct<\"two words\": int64, \"a\\\"b\\\\\": list<date>>",
            "map<string, list<int64>>",
            "map<string, int64 not null>",
        ] {
            let (data_type, nullable) = parse(name).unwrap_or_else(|wrong| panic!("{name}: {wrong}"));
            assert!(nullable, "{name}");
            assert_eq!(TypeName(&data_type).to_string(), name);
        }
        assert_eq!(parse(" timestamp "), Ok((DataType::Timestamp(TimeUnit::Microsecond, None), true)));
        assert_eq!(parse("decimal(5) not null"), Ok((DataType::Decimal128(5, 0), false)));
        assert_eq!(
            parse("list< struct <a :int8,b: time[ ms ]> >").map(|t| TypeName(&t.0).to_string()),
            Ok("list<struct<a: int8, b: time[ms]>>".into())
        );
        assert_eq!(
            TypeName(&DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Utf8View))).to_string(),
            "string"
        );
    }

    #[test]
    fn wrong_types_say_what_and_where() {
        for (text, message, help) in [
            ("strng", "\"strng\" is not a type", "did you mean \"string\"?"),
            ("varchar", "\"varchar\" is not a type", "did you mean \"string\"?"),
            ("Int64", "\"Int64\" is not a type", "did you mean \"int64\"?"),
            ("list<string", "\"list<string\" is not a type: it ends where \">\" is expected", "types are"),
            ("list<", "\"list<\" is not a type: it ends where a type's name is expected", "types are"),
            ("", "\"\" is not a type: it ends where a type's name is expected", "types are"),
            (
                "int64 nul",
                "\"int64 nul\" is not a type: \"nul\" stands where the end of the type is expected",
                "types are",
            ),
            (
                "decimal(39, 2)",
                "\"decimal(39, 2)\" is not a type: \"39, 2)\" stands where a number from 1 to 38 is expected",
                "types are",
            ),
            (
                "timestamp[min]",
                "\"timestamp[min]\" is not a type: \"min]\" stands where a unit: s, ms, us or ns is expected",
                "types are",
            ),
            (
                "timestamp[us, ]",
                "\"timestamp[us, ]\" is not a type: \"]\" stands where a time zone such as UTC, Europe/Berlin or +02:00 is expected",
                "types are",
            ),
            ("struct<a: int8, a: int8>", "the struct has two fields \"a\"", "rename one of them"),
            ("struct<\"a", "\"struct<\"a\" is not a type: it ends where a closing quote is expected", "types are"),
        ] {
            let wrong = parse(text).unwrap_err();
            assert_eq!(wrong.message, message, "{text}");
            assert!(wrong.help.starts_with(help), "{text}: {}", wrong.help);
        }
        assert_eq!(parse(&"list<".repeat(100_000)).unwrap_err().message, "a type is nested more than 32 deep");
    }
}
