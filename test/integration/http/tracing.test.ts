import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTracing } from '../../../src/server/telemetry/tracing.ts';
import { startTestBed, type TestBed } from '../../support/gateway.ts';
import { collect, first, sse, websocket } from '../../support/subscription.ts';

const projectId = 'a4a5d4098fb4474fa22cd05f897d6b99';
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const callerSpan = '00f067aa0ba902b7';
const traceparent = `00-${traceId}-${callerSpan}-01`;
const exporter = new InMemorySpanExporter();
let bed: TestBed;

beforeAll(async () => {
  // what `node --import` of an SDK does
  new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();
  bed = await startTestBed({ gateway: { projectId } });
});
beforeEach(() => exporter.reset());
afterAll(async () => {
  await bed.close();
  trace.disable();
  context.disable();
  propagation.disable();
});

const spans = (kind: SpanKind): ReadableSpan[] => exporter.getFinishedSpans().filter((span) => span.kind === kind);
const sentUpstream = (): string | undefined => bed.exchanges.at(-1)?.request.headers.traceparent?.toString();

describe('a traced operation', () => {
  it("goes on with its caller's trace, and takes it upstream", async () => {
    const { data } = await bed.ask('query Traced { notebooks { totalCount } }', {}, { traceparent });
    expect(data.notebooks.totalCount).toBe(0);
    const [operation, ...others] = spans(SpanKind.SERVER);
    const [call] = spans(SpanKind.CLIENT);
    expect(others).toEqual([]);
    expect(operation?.spanContext().traceId).toBe(traceId);
    expect(operation?.parentSpanContext?.spanId).toBe(callerSpan);
    expect(operation?.name).toBe('query');
    expect(operation?.attributes).toMatchObject({
      'graphql.operation.type': 'query',
      'graphql.operation.name': 'Traced',
      'modelarts_gateway.upstream_calls': 1,
    });
    expect(call?.name).toBe('listNotebooks');
    expect(call?.parentSpanContext?.spanId).toBe(operation?.spanContext().spanId);
    expect(call?.attributes).toMatchObject({ 'http.request.method': 'GET', 'http.response.status_code': 200 });
    expect(sentUpstream()).toBe(`00-${traceId}-${call?.spanContext().spanId}-01`);
  });

  it('without a trace context begins a trace', async () => {
    await bed.ask('{ notebooks { totalCount } }');
    const [operation] = spans(SpanKind.SERVER);
    expect(operation?.parentSpanContext).toBeUndefined();
    expect(sentUpstream()).toContain(operation?.spanContext().traceId);
  });

  it('with a malformed trace context begins a trace', async () => {
    await bed.ask('{ notebooks { totalCount } }', {}, { traceparent: '00-zz-zz-01' });
    expect(spans(SpanKind.SERVER)[0]?.parentSpanContext).toBeUndefined();
  });

  it('over WebSocket goes on with the trace of connection_init', async () => {
    const connectionParams = { 'X-Auth-Token': bed.simulator.demo.token, traceparent };
    await collect(websocket(bed, '{ notebooks { totalCount } }', { connectionParams }));
    expect(spans(SpanKind.SERVER)[0]?.spanContext().traceId).toBe(traceId);
    expect(sentUpstream()).toContain(traceId);
  });

  it('that fails says so by code, and names nothing of the client', async () => {
    await bed.fault({ name: 'unauthorised', operation: 'listNotebooks', times: 1 });
    await bed.ask('{ notebooks { totalCount } }');
    for (const span of exporter.getFinishedSpans()) {
      expect(span.status.code).toBe(SpanStatusCode.ERROR);
      expect(span.attributes['error.type']).toBe('UNAUTHENTICATED');
    }
    const text = JSON.stringify(exporter.getFinishedSpans().map(({ attributes, events }) => ({ attributes, events })));
    expect(text).not.toContain(bed.simulator.demo.token.slice(0, 24));
  });

  it('that is refused has a span', async () => {
    await bed.ask('{ nothing }', {}, { traceparent });
    expect(spans(SpanKind.SERVER).map((span) => span.attributes['error.type'])).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  });

  it('has its trace id in the log', async () => {
    await bed.ask('query Logged { notebooks { totalCount } }', {}, { traceparent });
    expect(bed.logLines.find((line) => line.includes('"Logged"'))).toContain(traceId);
  });
});

describe('the trace of a subscription', () => {
  it('is one span from start to end, and its polls are traces of their own', async () => {
    await first(sse(bed, 'subscription { notebooksChanged { kind } }'));
    await expect.poll(() => spans(SpanKind.SERVER).map(({ name }) => name)).toEqual(['subscription']);
    const [subscription] = spans(SpanKind.SERVER);
    const polls = spans(SpanKind.CLIENT).filter(({ name }) => /^(list|show)/.test(name));
    expect(polls).not.toEqual([]);
    expect(polls.filter((poll) => poll.spanContext().traceId === subscription?.spanContext().traceId)).toEqual([]);
  });
});

describe('an operation without a tracing SDK', () => {
  it('has no trace, and sends none upstream', async () => {
    trace.disable();
    expect(createTracing()).toBeNull();
    const untraced = await startTestBed({ gateway: { projectId } });
    await untraced.ask('{ notebooks { totalCount } }', {}, { traceparent });
    expect(untraced.exchanges.at(-1)?.request.headers.traceparent).toBeUndefined();
    await untraced.close();
  });
});
