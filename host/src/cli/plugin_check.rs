//! `sluicebox plugin check`: whether a job can take a component, and what it needs for it.

use serde_json::json;

use crate::error::Result;
use crate::plugin::needs::{self, Need};
use crate::plugin::version::{self, Hosted, Version};
use crate::plugin::{Inspection, Operator, signature};

use super::args::InspectArgs;
use super::component::{self, Component};
use super::out;
use super::plugin::{inspection_of, kind};
use super::table::{aligned, counted};

/// `plugin check FILE`.
pub fn check(args: &InspectArgs) -> Result<()> {
    let component = component::read(&args.file)?;
    let inspection = inspection_of(&component)?;
    let found = Found::of(&component, inspection);
    if args.json { out::result(&format!("{:#}\n", found.as_json())) } else { out::result(&found.as_text()) }
}

/// What is known of a component that this host takes.
struct Found {
    file: String,
    inspection: Inspection,
    /// The comment of the signature beside it, or what is wrong with that; none where there is none.
    signature: Option<std::result::Result<String, String>>,
    /// Its signature's file.
    signature_file: String,
}

impl Found {
    fn of(component: &Component, inspection: Inspection) -> Self {
        let beside = signature::beside(&component.path);
        let signature = beside.exists().then(|| signature::read(&beside).and_then(|text| signature::describe(&text)));
        let (file, signature_file) = (component.path.display().to_string(), beside.display().to_string());
        Self { file, inspection, signature, signature_file }
    }

    fn granted(&self, is: fn(Need) -> Option<&'static str>) -> Option<String> {
        needs::line(self.inspection.imports.iter().filter_map(|import| is(needs::need(import))))
    }

    /// The line that a job needs, and the line with all that could be granted besides.
    fn grants(&self) -> (Option<String>, Option<String>) {
        let must = |need| if let Need::MustBeGranted(grant) = need { Some(grant) } else { None };
        let may = |need| if let Need::MayBeGranted(grant) = need { Some(grant) } else { None };
        (self.granted(must), self.granted(may))
    }

    fn as_text(&self) -> String {
        let Inspection { digest, size, worlds, imports, versions, operators } = &self.inspection;
        let versions: Vec<String> = versions.iter().map(|version| format!("sluicebox:operator@{version}")).collect();
        let signature = match &self.signature {
            None => "none".to_owned(),
            Some(Ok(comment)) => {
                format!("{} (\"{comment}\"): a job's trusted-keys say whether it is good", self.signature_file)
            }
            Some(Err(wrong)) => format!("{} {wrong}", self.signature_file),
        };
        let (must, may) = self.grants();
        let mut facts = vec![
            ["component".to_owned(), self.file.clone()],
            ["digest".to_owned(), digest.to_string()],
            ["size".to_owned(), format!("{size} bytes")],
            ["built against".to_owned(), versions.join(", ")],
            ["taken by".to_owned(), taken_by(&self.inspection.versions)],
            ["worlds".to_owned(), worlds.join(", ")],
            ["signature".to_owned(), signature],
            ["needs".to_owned(), must.unwrap_or_else(|| "no grants".to_owned())],
        ];
        if let Some(may) = may {
            facts.push(["can be given".to_owned(), may]);
        }
        let mut text = aligned(&facts);
        text += &format!("\n{}\n", counted(imports.len(), "import"));
        let import = |import: &String| match needs::need(import) {
            Need::Nothing => [format!("  {import}"), "every plugin has it".to_owned()],
            Need::MayBeGranted(grant) => {
                [format!("  {import}"), format!("without the grant {grant} it gives nothing of the outside")]
            }
            Need::MustBeGranted(grant) => [format!("  {import}"), format!("needs the grant {grant}")],
        };
        text += &aligned(&imports.iter().map(import).collect::<Vec<_>>());
        text += &format!("\n{}\n", counted(operators.len(), "operator"));
        let operator = |operator: &Operator| [format!("  {}", operator.name), kind(operator)];
        text + &aligned(&operators.iter().map(operator).collect::<Vec<_>>())
    }

    fn as_json(&self) -> serde_json::Value {
        let Inspection { digest, size, worlds, imports, versions, operators } = &self.inspection;
        let (must, may) = self.grants();
        let import = |import: &String| {
            let (needs, given) = match needs::need(import) {
                Need::Nothing => (None, None),
                Need::MayBeGranted(grant) => (None, Some(grant)),
                Need::MustBeGranted(grant) => (Some(grant), None),
            };
            json!({ "name": import, "needs": needs, "can-be-given": given })
        };
        let signature = self.signature.as_ref().map(|signature| {
            let (comment, wrong) = (signature.as_ref().ok(), signature.as_ref().err());
            json!({ "file": self.signature_file, "comment": comment, "wrong": wrong })
        });
        json!({
            "component": self.file,
            "digest": digest.to_string(),
            "size": size,
            "built-against": versions.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "taken-since": hosted(versions).map(|hosted| hosted.since),
            "worlds": worlds,
            "signature": signature,
            "needs": must,
            "can-be-given": may,
            "imports": imports.iter().map(import).collect::<Vec<_>>(),
            "operators": operators.iter().map(|operator| json!({ "name": operator.name, "kind": kind(operator) })).collect::<Vec<_>>(),
        })
    }
}

/// The series that is hosted of which a component is that is built against these, the latest of which comes first.
fn hosted(versions: &[Version]) -> Option<&'static Hosted> {
    versions.iter().find_map(version::hosted)
}

/// Which versions of sluicebox take a component that is built against these.
fn taken_by(versions: &[Version]) -> String {
    let this = env!("CARGO_PKG_VERSION");
    let Some(hosted) = hosted(versions) else { return format!("sluicebox {this}, which this is") };
    let known = match hosted.since == this {
        true => format!("sluicebox {this}, which this is"),
        false => format!("sluicebox {} to {this}, which this is", hosted.since),
    };
    let series = hosted.version.series();
    let taken = format!("{known}, and later ones as long as they speak {series} of sluicebox:operator");
    match versions.first().is_some_and(|version| *version > hosted.version) {
        true => format!("{taken}; it uses nothing that came after {}", hosted.version),
        false => taken,
    }
}
