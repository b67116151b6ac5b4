type Position = {
  /** Unix ms when the gateway learned it */
  readonly observedAt: number;
  /** resume point: pass it as `since` to go on behind this event. Opaque, and void once the watch has stopped. */
  readonly sequence: string;
};

/** The state a listener starts from: everything it listens to, in no particular order. */
export type Snapshot<Item> = Position & {
  readonly kind: 'SNAPSHOT';
  readonly items: readonly Item[];
  /** what the listener knew before is void: its resume point was too old, or it read too slowly */
  readonly isReset?: true;
};

/** One item changed. Between two events a listener reads, a slow one may miss states in between, never the newest. */
export type Change<Item> =
  | (Position & { readonly kind: 'ADDED'; readonly item: Item; readonly previous: null })
  | (Position & { readonly kind: 'MODIFIED'; readonly item: Item; readonly previous: Item })
  | (Position & { readonly kind: 'REMOVED'; readonly previous: Item });

/** Whether polls succeed. No resume point: a listener may read it before its first snapshot. */
export type Reachability =
  | {
      readonly kind: 'UNREACHABLE';
      readonly observedAt: number;
      /** Unix ms of the last good poll; before the first one, of the start of the watch */
      readonly since: number;
      /** what the newest poll failed with */
      readonly error: unknown;
    }
  | { readonly kind: 'REACHABLE'; readonly observedAt: number };

/** Events are shared between listeners: read only. */
export type WatchEvent<Item> = Snapshot<Item> | Change<Item> | Reachability;

/** The item a change is about, as it is or as it last was. */
export const changedItem = <Item>(change: Change<Item>): Item =>
  change.kind === 'REMOVED' ? change.previous : change.item;
