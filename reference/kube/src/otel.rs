//! Spans to an OpenTelemetry collector.

use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tracing::Subscriber;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::registry::LookupSpan;

/// A layer that sends spans to where `OTEL_EXPORTER_OTLP_ENDPOINT` says.
///
/// # Errors
/// If the endpoint makes no sense.
pub fn layer<S>() -> anyhow::Result<OpenTelemetryLayer<S, SdkTracer>>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let exporter = opentelemetry_otlp::SpanExporter::builder().with_tonic().build()?;
    let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).build();
    Ok(tracing_opentelemetry::layer().with_tracer(provider.tracer("kube")))
}
