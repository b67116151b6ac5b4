import { describe, expect, it } from 'vitest';
import { Turn } from '../../../src/runtime/turns.ts';

describe('turns', () => {
  it('go round between those who have several pieces, each in its order', async () => {
    const order: string[] = [];
    const [one, other] = [new Turn(), new Turn()];
    const pieces = (turn: Turn, name: string) =>
      [1, 2, 3].map((piece) => turn.next().then(() => order.push(`${name}${piece}`)));
    await Promise.all([...pieces(one, 'a'), ...pieces(other, 'b')]);
    expect(order).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'b3']);
  });

  it('leave all else of the event loop a round between any two pieces', async () => {
    const order: string[] = [];
    const turn = new Turn();
    const other = new Turn();
    let isOver = false;
    const round = (): void => {
      if (isOver) return;
      order.push('round');
      setImmediate(round);
    };
    setImmediate(round);
    const pieces = [turn, other, turn, other].map((of) => of.next().then(() => order.push('piece')));
    await Promise.all(pieces);
    isOver = true;
    expect(order.join(' ')).not.toContain('piece piece');
    expect(order.filter((step) => step === 'piece')).toHaveLength(4);
  });

  it('come again for one that had none left', async () => {
    const turn = new Turn();
    for (let piece = 0; piece < 3; piece++) await turn.next();
    await Promise.all([turn.next(), turn.next()]);
  });
});
