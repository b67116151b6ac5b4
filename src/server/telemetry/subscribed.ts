/** How events travel: a response for each subscription, many on one response (graphql-sse's single connection), a WebSocket. */
export type EventTransport = 'sse' | 'sse_single' | 'websocket';

/**
 * Why a subscription is over: it came to its end; its client left, or completed it; its token was refused; a limit of this
 * gateway was met, that on what is not read included; an error of any other kind; the gateway shuts down.
 */
export type SubscriptionEnd = 'completed' | 'client' | 'token' | 'limit' | 'error' | 'shutdown';

export type Subscribed = {
  readonly transport: EventTransport;
  /** Unix ms */
  readonly openedAt: number;
  /** null: it is not over, or nobody has said why yet */
  end: SubscriptionEnd | null;
};

const limitCodes: ReadonlySet<string> = new Set(['LIMIT_EXCEEDED', 'RATE_LIMITED']);

/** @param codes of what it ended with */
export function endBy(codes: Iterable<string>): SubscriptionEnd {
  let end: SubscriptionEnd = 'error';
  for (const code of codes) {
    if (code === 'UNAUTHENTICATED') return 'token';
    if (limitCodes.has(code)) end = 'limit';
  }
  return end;
}

/** Says why a subscription is over; of several who say so the first is right. */
export function noteEnd(
  operation: { readonly subscribed: Subscribed | null } | null | undefined,
  end: SubscriptionEnd,
): void {
  if (operation?.subscribed != null) operation.subscribed.end ??= end;
}
