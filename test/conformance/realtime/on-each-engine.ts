import { beforeAll, describe } from 'vitest';
import { hasUws } from '#platform/testing';
import { useEngine } from './realtime-app.ts';

const uws = hasUws();

/** The same behaviour, whichever engine is under it. */
export function onEachEngine(title: string, body: (engine: 'ws' | 'uws') => void): void {
  for (const engine of ['ws', 'uws'] as const) {
    describe.skipIf(engine === 'uws' && !uws)(`${title} (${engine})`, () => {
      beforeAll(() => useEngine(engine));
      body(engine);
    });
  }
}
