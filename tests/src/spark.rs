//! The data cases of tests/data/spark_cases.json, facts taken from the tests of Spark Streaming: each becomes a job file and a case.
//!
//! A graph's expression tree becomes streams, its functions operators of plugins/vocabulary, one plugin for each use since each has its own configuration. A
//! record becomes a row: a pair has the columns `key` and `value`, anything else `value`; what a join puts into a tuple are columns of ours.

use std::fmt::Write;

use serde_json::{Value as Json, json};

use crate::plugins::component;

/// A case as the file has it.
#[derive(Debug, Clone)]
pub struct SparkCase {
    /// The suite it is of.
    pub suite: &'static str,
    /// What it says.
    pub json: Json,
}

/// The suites that are run.
pub const SUITES: [&str; 2] = ["JavaAPISuite", "pyspark_test_dstream"];

/// All cases of [`SUITES`].
///
/// # Panics
/// When the file is not what it should be.
pub fn all() -> Vec<SparkCase> {
    let path = crate::plugins::repository().join("tests/data/spark_cases.json");
    let text = std::fs::read_to_string(path).expect("the file is in the repository");
    let document: Json = serde_json::from_str(&text).expect("JSON");
    let of_suite = |suite: &'static str| {
        let cases = document["suites"][suite].as_array().expect("an array of cases").clone();
        cases.into_iter().map(move |json| SparkCase { suite, json })
    };
    SUITES.into_iter().flat_map(of_suite).collect()
}

/// A case as a job file and a case file.
#[derive(Debug)]
pub struct Built {
    /// TOML.
    pub job: String,
    /// JSON.
    pub cases: Json,
}

impl SparkCase {
    /// Its name, with its suite's.
    pub fn name(&self) -> String {
        format!("{}.{}", self.suite, self.json["name"].as_str().unwrap_or_default())
    }

    /// Whether it is data in, data out.
    pub fn has_graph(&self) -> bool {
        self.json.get("kind").is_none()
    }

    /// The jobs and cases it becomes: one, or one for each batch where the batches' records are of different types.
    ///
    /// # Panics
    /// When the case has something that there is no stream for.
    pub fn built(&self) -> Vec<Built> {
        match self.uniform_types() {
            Some(types) => vec![self.build(&types, None)],
            None => {
                let n_batches = self.json["num_batches"].as_u64().expect("a number") as usize;
                (0..n_batches).map(|batch| self.build(&self.types_of(batch..batch + 1), Some(batch))).collect()
            }
        }
    }

    fn inputs(&self) -> &[Json] {
        self.json["inputs"].as_array().expect("an array of inputs")
    }

    /// The type of each input's records, where they are of one type over all batches.
    fn uniform_types(&self) -> Option<Vec<Type>> {
        let all = self.types_of(0..usize::MAX);
        let is_uniform =
            self.inputs().iter().zip(&all).all(|(input, of)| records(input).all(|record| Type::of(record) == *of));
        is_uniform.then_some(all)
    }

    fn types_of(&self, batches: std::ops::Range<usize>) -> Vec<Type> {
        let of_input = |input: &Json| {
            let datasets = input["batches"].as_array().expect("an array of batches").iter();
            let mut chosen = datasets.enumerate().filter(|(idx, _)| batches.contains(idx));
            chosen.find_map(|(_, dataset)| dataset.as_array()?.first().map(Type::of)).expect("an input has a record")
        };
        self.inputs().iter().map(of_input).collect()
    }

    fn build(&self, types: &[Type], only: Option<usize>) -> Built {
        let interval = self.json["batch_duration_ms"].as_u64().expect("a number");
        let mut job = Job { text: String::new(), n_streams: 0, n_plugins: 0, inputs: serde_json::Map::new() };
        let _ = writeln!(job.text, "job = {{ name = \"spark\", batch-interval = \"{interval}ms\", parallelism = 2 }}");
        for (idx, (input, of)) in self.inputs().iter().zip(types).enumerate() {
            let _ =
                writeln!(job.text, "stream.in{idx}.source = {{ type = \"queue\", schema = {{ {} }} }}", of.columns());
            let datasets = input["batches"].as_array().expect("an array of batches");
            let datasets = match only {
                Some(batch) => datasets.get(batch).cloned().into_iter().collect(),
                None => datasets.clone(),
            };
            job.inputs.insert(format!("in{idx}"), json!({ "batches": datasets, "partitions": input["partitions"] }));
        }
        let (mut stream, is_joined) = job.stream(&self.json["graph"]);
        if self.json["values_as_sets"] == json!(true) {
            let query = format!("select key, array_sort(\"values\") as \"values\" from {stream}");
            stream = job.add(&format!("sql = {query:?}"));
        }
        let _ = writeln!(job.text, "output.out = {{ input = {stream:?}, sink = {{ type = \"print\" }} }}");
        let n_batches = if only.is_some() { 1 } else { self.json["num_batches"].as_u64().expect("a number") };
        let case = json!({
            "name": self.name(),
            "batches": n_batches,
            "input": job.inputs,
            "expect": { "out": { "ordered": self.is_ordered(), "batches": self.expected(n_batches, interval, only, is_joined) } },
        });
        Built { job: job.text, cases: json!({ "case": [case] }) }
    }

    /// In order only where the order is not an artefact of Spark's hash partitioning.
    fn is_ordered(&self) -> bool {
        self.json["use_set"] == json!(false) && self.json.get("recommend_use_set").is_none()
    }

    /// What is expected of each batch: the datasets in the batches at whose times they are emitted, and none in others.
    fn expected(&self, n_batches: u64, interval: u64, only: Option<usize>, is_joined: bool) -> Vec<Json> {
        let Some(datasets) = self.json["expected_output"].as_array() else {
            let fact = |kind: &str| {
                let facts = self.json["assertions"].as_array().expect("assertions");
                facts.iter().find(|fact| fact["kind"] == json!(kind)).expect("an assertion of this kind")["equals"]
                    .clone()
            };
            assert_eq!(fact("num_outputs"), json!(n_batches));
            let (n_rows, n_partitions) = (fact("total_records_each_output"), fact("num_partitions_each_output"));
            return vec![json!({ "n-rows": n_rows, "n-partitions": n_partitions }); n_batches as usize];
        };
        let rows = |dataset: &Json| -> Json {
            dataset.as_array().expect("an array of records").iter().map(|record| row(record, is_joined)).collect()
        };
        if let Some(batch) = only {
            return vec![rows(&datasets[batch])];
        }
        let times = self.json["emit_times_ms"].as_array().expect("an array of times");
        let mut expected = vec![json!("none"); n_batches as usize];
        for (dataset, time) in datasets.iter().zip(times) {
            let number = time.as_u64().expect("a time") / interval;
            expected[number as usize - 1] = rows(dataset);
        }
        assert_eq!(times.len(), datasets.len());
        expected
    }
}

fn records(input: &Json) -> impl Iterator<Item = &Json> {
    input["batches"].as_array().into_iter().flatten().filter_map(Json::as_array).flatten()
}

/// A record as a row: the tuple that a join has beside the key is columns, and an option its value or null.
fn row(record: &Json, is_joined: bool) -> Json {
    let plain = |value: &Json| value.get("some").unwrap_or(value).clone();
    match record.as_array().map(Vec::as_slice) {
        Some([key, Json::Array(sides)]) if is_joined => {
            std::iter::once(key.clone()).chain(sides.iter().map(plain)).collect()
        }
        _ => record.clone(),
    }
}

/// What a record is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Type {
    Integer,
    Text,
    Pair(Box<(Type, Type)>),
}

impl Type {
    fn of(record: &Json) -> Self {
        match record {
            Json::Number(_) => Self::Integer,
            Json::String(_) => Self::Text,
            Json::Array(pair) if pair.len() == 2 => Self::Pair(Box::new((Self::of(&pair[0]), Self::of(&pair[1])))),
            other => panic!("no type for {other}"),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Integer => "int64 not null",
            Self::Text => "string not null",
            Self::Pair(_) => panic!("a pair in a pair"),
        }
    }

    fn columns(&self) -> String {
        match self {
            Self::Pair(pair) => format!("key = {:?}, value = {:?}", pair.0.name(), pair.1.name()),
            one => format!("value = {:?}", one.name()),
        }
    }
}

/// A job file that is being written.
struct Job {
    text: String,
    n_streams: usize,
    n_plugins: usize,
    inputs: serde_json::Map<String, Json>,
}

impl Job {
    /// Add a stream; its name.
    fn add(&mut self, body: &str) -> String {
        self.n_streams += 1;
        let name = format!("s{}", self.n_streams);
        let _ = writeln!(self.text, "stream.{name} = {{ {body} }}");
        name
    }

    /// A function as the operator of a plugin of its own.
    fn operator(&mut self, function: &Json) -> String {
        let told = function.as_object().expect("a function is an object");
        let name = told["f"].as_str().expect("a function has a name");
        // A function on datasets, of a function on records.
        let (name, told) = match told.get("fn") {
            Some(inner) if name == "rdd_map" => {
                let inner = inner.as_object().expect("a function is an object");
                (format!("rdd_map_{}", inner["f"].as_str().expect("a function has a name")), inner)
            }
            _ => (name.to_owned(), told),
        };
        self.n_plugins += 1;
        let plugin = format!("f{}", self.n_plugins);
        // What JSON has here is written the same in TOML.
        let config = told.iter().filter(|(key, _)| *key != "f").map(|(key, value)| format!("{key} = {value}"));
        let config = config.collect::<Vec<_>>().join(", ");
        let component = component("vocabulary");
        let _ = writeln!(self.text, "plugin.{plugin} = {{ component = {component:?}, config = {{ {config} }} }}");
        format!("{plugin}/{}", name.replace('_', "-"))
    }

    /// The streams of a node; the name of the one it makes, and whether its rows have a column for each side, as those of a join and of cogroup do.
    fn stream(&mut self, node: &Json) -> (String, bool) {
        let op = node["op"].as_str().expect("a node has an operation");
        if op == "input" {
            return (format!("in{}", node["id"]), false);
        }
        let parents: Vec<String> = match &node["in"] {
            Json::Array(nodes) => nodes.iter().map(|node| self.stream(node).0).collect(),
            node => vec![self.stream(node).0],
        };
        let with = node.get("fn").map(|function| self.function(op, function));
        let window = || {
            let ms = |key: &str| node[key].as_u64().expect("a duration");
            format!("length = \"{}ms\", slide = \"{}ms\"", ms("window_ms"), ms("slide_ms"))
        };
        let inverse = node.get("inverse").is_some();
        let fold = || format!("with = {:?}, {}, inverse = {inverse}", with.as_deref().unwrap_or_default(), window());
        let operator = || format!("{:?}", with.as_deref().expect("an operation with a function"));
        let second = || format!("with = {:?}, on = [\"key\"]", parents[1]);
        let operation = match op {
            "map" => format!("map = {}", operator()),
            "flatMap" => format!("flat-map = {}", operator()),
            "filter" => format!("filter = {}", operator()),
            "mapPartitions" => format!("map-partitions = {}", operator()),
            "reduce" => format!("reduce = {}", operator()),
            "reduceByKey" => format!("reduce-by-key = {{ key = [\"key\"], with = {} }}", operator()),
            "mapValues" => format!("map-values = {{ key = [\"key\"], with = {} }}", operator()),
            "flatMapValues" => format!("flat-map-values = {{ key = [\"key\"], with = {} }}", operator()),
            "combineByKey" => {
                let with = self.operator(&json!({ "f": node["combiner"] }));
                format!("combine-by-key = {{ key = [\"key\"], with = {with:?} }}")
            }
            "groupByKey" => "group-by-key = { key = [\"key\"] }".to_owned(),
            "glom" => "glom = true".to_owned(),
            "count" => "count = true".to_owned(),
            "countByValue" => "count-by-value = true".to_owned(),
            "repartition" => format!("repartition = {}", node["n"]),
            "union" => return (self.add(&format!("union = {parents:?}")), false),
            "join" => format!("join = {{ {} }}", second()),
            "leftOuterJoin" => format!("left-outer-join = {{ {} }}", second()),
            "rightOuterJoin" => format!("right-outer-join = {{ {} }}", second()),
            "fullOuterJoin" => format!("full-outer-join = {{ {} }}", second()),
            "cogroup" => format!("cogroup = {{ with = [{:?}], on = [\"key\"] }}", parents[1]),
            "window" => format!("window = {{ {} }}", window()),
            "countByWindow" => format!("count-by-window = {{ {} }}", window()),
            "countByValueAndWindow" => format!("count-by-value-and-window = {{ {} }}", window()),
            "groupByKeyAndWindow" => format!("group-by-key-and-window = {{ key = [\"key\"], {} }}", window()),
            "reduceByWindow" => format!("reduce-by-window = {{ {} }}", fold()),
            "reduceByKeyAndWindow" => format!("reduce-by-key-and-window = {{ key = [\"key\"], {} }}", fold()),
            "transform" => format!("transform = {}", operator()),
            "transformWith" | "ctx_transform" => {
                let query = query(node["fn"]["f"].as_str().unwrap_or_default(), &parents);
                return (self.add(&format!("input = {parents:?}, transform = {{ sql = {query:?} }}")), true);
            }
            "updateStateByKey" => {
                let initial = node.get("initial").map(|pairs| self.initial(pairs)).unwrap_or_default();
                format!("update-state-by-key = {{ key = [\"key\"], with = {}{initial} }}", operator())
            }
            other => panic!("there is no stream for {other}"),
        };
        let is_joined = op == "join" || op == "cogroup" || op.ends_with("OuterJoin");
        (self.add(&format!("input = {:?}, {operation}", parents[0])), is_joined)
    }

    /// The operator of a function, but for functions on several datasets, which are queries.
    fn function(&mut self, op: &str, function: &Json) -> String {
        if ["transformWith", "ctx_transform"].contains(&op) { String::new() } else { self.operator(function) }
    }

    /// A source whose first dataset is the state before the first batch.
    fn initial(&mut self, pairs: &Json) -> String {
        let value = match &pairs[0][1] {
            Json::Array(_) => "list<int64 not null> not null",
            _ => "int64 not null",
        };
        let _ = writeln!(
            self.text,
            "stream.before.source = {{ type = \"queue\", schema = {{ key = \"string not null\", value = {value:?} }} }}"
        );
        self.inputs.insert("before".to_owned(), json!([pairs]));
        ", initial = \"before\"".to_owned()
    }
}

/// Functions on several datasets, as queries.
fn query(function: &str, parents: &[String]) -> String {
    match (function, parents) {
        ("rdd_join", [left, right]) => {
            format!("select l.key, l.value as l, r.value as r from {left} l join {right} r on l.key = r.key")
        }
        ("rdd_union01_pair_self_join2", [a, b, c]) => format!(
            "select u.value as key, u.value as l, c.value as r from (select value from {a} union all select value from {b}) u join {c} c on u.value = c.key"
        ),
        _ => panic!("there is no query for {function}"),
    }
}
