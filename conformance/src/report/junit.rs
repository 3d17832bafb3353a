//! The report as JUnit XML, for CI servers.

use std::time::Duration;

use dxos_spec::Book;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::event::CaseEvent;
use crate::report::paint::Look;
use crate::report::visible::visible;
use crate::report::{baseline, failure};
use crate::summary::{Decision, Summary};
use crate::verdict::Verdict;

/// The XML: a suite for each group.  Only what decides is a failure: a case outside of the profile, provisional
/// or of a weaker level that did not pass is skipped, with the reason.  An outcome that no case shows (an
/// operation that is not claimed, a probe, an interruption) is an error of the suite `conformance`.
///
/// # Errors
///
/// Those of the serialiser.
pub fn render(summary: &Summary<'_>, book: &Book) -> Result<String, quick_junit::SerializeError> {
    let mut report = Report::new("dxspec");
    let testee = summary.run.map_or("TESTEE", |run| run.testee.as_str());
    let mut outcome = TestCase::new("outcome", outcome_status(summary));
    outcome.set_classname("conformance");
    let mut suite = TestSuite::new("conformance");
    suite.add_property(("must", summary.fractions().to_string().as_str()));
    suite.add_test_case(outcome);
    report.add_test_suite(suite);

    let mut current: Option<(&str, TestSuite)> = None;
    for case in &summary.cases {
        let test = test_case(case, testee, book, summary);
        match &mut current {
            Some((group, suite)) if *group == case.group => {
                suite.add_test_case(test);
            }
            _ => {
                let mut suite = TestSuite::new(case.group.as_str());
                suite.add_test_case(test);
                if let Some((_, full)) = current.replace((&case.group, suite)) {
                    report.add_test_suite(full);
                }
            }
        }
    }
    if let Some((_, full)) = current {
        report.add_test_suite(full);
    }
    // The serialiser drops control characters; two that XML does not have either are left.
    Ok(visible(&report.to_string()?))
}

fn outcome_status(summary: &Summary<'_>) -> TestCaseStatus {
    let profile = summary.run.map_or("the profile", |run| run.profile.as_str());
    match summary.decision {
        Decision::Conformant | Decision::InPart(_) | Decision::Chosen | Decision::GivenBaseline { .. } => {
            TestCaseStatus::success()
        }
        // The cases themselves say why, and more exactly.
        Decision::Not(_) if !summary.failures.is_empty() && summary.says_nothing_more() => {
            TestCaseStatus::success()
        }
        _ => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(summary.decision.sentence(profile));
            status
        }
    }
}

fn test_case(case: &CaseEvent, testee: &str, book: &Book, summary: &Summary<'_>) -> TestCase {
    let decides = summary.failures.iter().any(|failure| failure.id == case.id);
    let status = match case.verdict {
        Verdict::Pass => TestCaseStatus::success(),
        Verdict::Fail | Verdict::WrongReason | Verdict::Unproven if decides => {
            described(NonSuccessKind::Failure, case, testee, book)
        }
        Verdict::Timeout | Verdict::Crash | Verdict::Protocol if decides => {
            described(NonSuccessKind::Error, case, testee, book)
        }
        _ => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(visible(&match case.verdict {
                Verdict::NotApplicable => case.why.clone(),
                Verdict::ExpectedFailure => {
                    let reason = case.expected.as_ref().map(baseline::reason).unwrap_or_default();
                    format!("expected failure: {}: {reason}", case.own_verdict())
                }
                verdict => format!("does not count: {verdict}: {}", case.why),
            }));
            status
        }
    };
    let name = case.id.strip_prefix(case.group.as_str()).unwrap_or(&case.id).trim_start_matches('/');
    let mut test = TestCase::new(name, status);
    test.set_classname(case.group.as_str());
    test.set_time(Duration::from_secs_f64(case.ms.max(0.0) / 1000.0));
    test
}

fn described(kind: NonSuccessKind, case: &CaseEvent, testee: &str, book: &Book) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(case.verdict.name());
    status.set_message(visible(&case.why));
    status.set_description(visible(&failure::render(case, testee, book, Look::default())));
    status
}
