/** Events kept of one item: an item that stays as it is for days would gather one for each subscriber that comes. */
const maxEvents = 64;

/**
 * Makes equal events one object, so that whoever executes a selection for an event can do it once for all who are sent the
 * same. What is emitted hangs on an item (or another object) that only one watch has, so nothing is shared between tokens.
 * @returns the first event emitted about `about` with these facts
 */
export function eventSharing() {
  const emitted = new WeakMap<object, Map<string, object>>();
  return <Event extends object>(about: object, facts: readonly unknown[], event: Event): Event => {
    let events = emitted.get(about);
    if (events === undefined) {
      events = new Map();
      emitted.set(about, events);
    }
    const key = JSON.stringify(facts);
    // an item is of one kind, and each kind of event has a sharing of its own
    const same = events.get(key) as Event | undefined;
    if (same !== undefined) return same;
    const [oldest] = events.keys();
    if (events.size >= maxEvents && oldest !== undefined) events.delete(oldest);
    events.set(key, event);
    return event;
  };
}
