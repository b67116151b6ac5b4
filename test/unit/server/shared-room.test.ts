import { describe, expect, it } from 'vitest';
import { SharedRoom } from '../../../src/server/http/shared-room.ts';

/** Enters with a size, and notes who gave way. */
function enterInto(room: SharedRoom, gone: string[]) {
  return (caller: string, name: string, size: number) => {
    const tenant = room.enter(caller, () => gone.push(name));
    tenant.resize(size);
    return tenant;
  };
}

describe('room that callers share', () => {
  it('is taken by the oldest of a caller only until the share of that caller is full', () => {
    const gone: string[] = [];
    const room = new SharedRoom({ total: 100, share: 10 });
    const enter = enterInto(room, gone);
    enter('one', 'a', 4);
    enter('one', 'b', 4);
    enter('other', 'c', 4);
    expect(gone).toEqual([]);
    enter('one', 'd', 4);
    expect(gone).toEqual(['a']);
    expect(room.size).toBe(12);
  });

  it('is made by the caller who holds most when all of it is taken, whoever asks for more', () => {
    const gone: string[] = [];
    const room = new SharedRoom({ total: 20, share: 20 });
    const enter = enterInto(room, gone);
    enter('small', 's', 2);
    enter('crowd', 'c1', 6);
    enter('crowd', 'c2', 6);
    enter('crowd', 'c3', 6);
    expect(gone).toEqual([]);
    enter('new', 'n', 3);
    expect(gone).toEqual(['c1']);
  });

  it('has the oldest of many callers give way where each holds as much', () => {
    const gone: string[] = [];
    const room = new SharedRoom({ total: 3, share: 3 });
    const enter = enterInto(room, gone);
    for (const caller of ['a', 'b', 'c', 'd', 'e']) enter(caller, caller, 1);
    expect(gone).toEqual(['a', 'b']);
    expect(room.size).toBe(3);
  });

  it('is given back once by who leaves, also when it gave way before', () => {
    const gone: string[] = [];
    const room = new SharedRoom({ total: 10, share: 10 });
    const enter = enterInto(room, gone);
    const first = enter('one', 'a', 8);
    const second = enter('one', 'b', 8);
    expect(gone).toEqual(['a']);
    first.leave();
    first.resize(5);
    expect(room.size).toBe(8);
    second.leave();
    second.leave();
    expect(room.size).toBe(0);
  });

  it('is not there for what is larger than the share', () => {
    const gone: string[] = [];
    const room = new SharedRoom({ total: 10, share: 10 });
    enterInto(room, gone)('one', 'a', 11);
    expect(gone).toEqual(['a']);
    expect(room.size).toBe(0);
  });
});
