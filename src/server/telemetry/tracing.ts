import {
  ProxyTracerProvider,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Context as TraceContext,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { TraceCall } from '../../modelarts/client/client.ts';
import type { Caller } from '../graphql/context.ts';
import type { OperationSpan } from './operation.ts';

export type Tracing = {
  /** goes on with the trace context of the request, if it has one */
  startOperation(caller: Caller): OperationSpan;
  /** traces upstream calls that are made for no operation alone: polls */
  readonly trace: TraceCall;
};

const name = 'modelarts-graphql-gateway';

/**
 * Spans of operations and upstream calls, for the OpenTelemetry SDK the operator loaded with `node --import`.
 * @returns null when there is none: nothing is measured, and no call gets a header, for nobody
 */
export function createTracing(): Tracing | null {
  const provider = trace.getTracerProvider();
  const tracer = provider instanceof ProxyTracerProvider ? provider.getDelegateTracer(name) : provider.getTracer(name);
  if (tracer === undefined) return null;
  return {
    startOperation: (caller) => startOperation(tracer, caller),
    trace: traceCalls(tracer, ROOT_CONTEXT),
  };
}

function startOperation(tracer: Tracer, { traceHeaders = {}, requestId }: Caller): OperationSpan {
  const remote = propagation.extract(ROOT_CONTEXT, traceHeaders);
  const attributes = { 'modelarts_gateway.request_id': requestId };
  const span = tracer.startSpan('GraphQL', { kind: SpanKind.SERVER, attributes }, remote);
  return {
    traceId: span.spanContext().traceId,
    trace: traceCalls(tracer, trace.setSpan(remote, span)),
    end({ kind, name, upstreamCalls }, { outcome, codes }) {
      // the convention's name of a GraphQL span: its type, and the client's name for it as an attribute
      span.updateName(kind ?? 'GraphQL');
      if (kind !== null) span.setAttribute('graphql.operation.type', kind);
      if (name !== null) span.setAttribute('graphql.operation.name', name);
      span.setAttribute('modelarts_gateway.upstream_calls', upstreamCalls);
      if (outcome !== 'ok') fail(span, codes.join(' '));
      span.end();
    },
  };
}

const traceCalls =
  (tracer: Tracer, parent: TraceContext): TraceCall =>
  ({ operationId, method, service }) => {
    const attributes = { 'http.request.method': method, 'modelarts_gateway.service': service };
    const span = tracer.startSpan(operationId, { kind: SpanKind.CLIENT, attributes }, parent);
    const headers: Record<string, string> = {};
    propagation.inject(trace.setSpan(parent, span), headers);
    return {
      headers,
      end({ status, attempts, error }) {
        if (status !== null) span.setAttribute('http.response.status_code', status);
        if (attempts > 1) span.setAttribute('http.request.resend_count', attempts - 1);
        if (error !== null) fail(span, error.code);
        span.end();
      },
    };
  };

/** Codes only: messages may name what the client sent. */
function fail(span: Span, code: string): void {
  span.setAttribute('error.type', code);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** The headers of W3C trace context, as they came in on whichever transport. */
export function readTraceHeaders(read: (name: string) => unknown): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const header of ['traceparent', 'tracestate']) {
    const value = read(header);
    if (typeof value === 'string' && value.length <= 512) headers[header] = value;
  }
  return headers;
}
