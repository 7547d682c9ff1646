import { expect, it } from 'vitest';
import { SlotTurns } from './slot-turns.ts';

it('serves every slot that is behind, whatever the first ones go on receiving', () => {
  const turns = new SlotTurns();
  const heads = Array.from({ length: 256 }, () => 1_000);
  const positions = heads.map(() => 0);
  const seen = new Set<number>();
  for (let read = 0; read < 256 / 8; read++) {
    const served = [...turns.behind(heads, (slot) => positions[slot]).keys()].slice(0, 8);
    for (const slot of served) {
      seen.add(slot);
      positions[slot]! += 1;
    }
    turns.served(served);
  }
  expect(seen.size).toBe(256);
});

it('leaves out slots that are not followed, or have everything', () => {
  const heads = Array.from({ length: 256 }, (_, slot) => (slot === 5 ? 3 : 0));
  const turns = new SlotTurns();
  expect(turns.behind(heads, () => 2)).toEqual(new Map([[5, 2]]));
  expect(turns.behind(heads, () => undefined)).toEqual(new Map());
});
