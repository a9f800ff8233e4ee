//! Operators that read what is the job's beside their input: a static table and a broadcast value.

use sluicebox_sdk::{NoConfig, prelude::*};

/// A row of the table `cities`.
#[derive(Row)]
struct City {
    key: String,
    city: Option<String>,
}

#[derive(Default)]
pub struct Locate {
    cities: Vec<City>,
    motto: Option<String>,
}

/// Each key with its city, by the job's table `cities`, and with the job's value `motto`.
#[map_partitions(input = "key", output = ["key", "city", "motto"])]
impl MapPartitions for Locate {
    type Input<'a> = &'a str;
    type Output = (String, Option<String>, Option<String>);

    fn open(_config: NoConfig, _context: &Context) -> Result<Self, Error> {
        let motto = broadcast("motto").map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        Ok(Locate { cities: table("cities", &[])?, motto })
    }

    fn process(&mut self, key: &str, out: &mut Rows<Self::Output>) -> Result<(), Reject> {
        let city = self.cities.iter().find(|city| city.key == key).and_then(|city| city.city.clone());
        out.push((key.to_owned(), city, self.motto.clone()));
        Ok(())
    }
}

/// How many rows the table `many` has, and the sum of its column `n`, for each row.
#[map(input = "key", output = ["rows", "sum"])]
pub fn survey(_key: &str) -> Result<(u64, i64), Reject> {
    let rows: Vec<i64> = table("many", &["n"]).map_err(|error| reject!("{error:?}"))?;
    Ok((rows.len() as u64, rows.iter().sum()))
}
