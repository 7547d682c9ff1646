import { measureInTurn } from '../support/micro.ts';
import { answer } from '../support/in-child.ts';
import { shapes } from './shapes.ts';

answer(async () => {
  const results = [];
  for (const { name, fresh, reused } of shapes) {
    const seen = await measureInTurn([
      { name: 'fresh', run: fresh },
      { name: 'reused', run: reused },
    ]);
    results.push({ name, fresh: seen.get('fresh')!, reused: seen.get('reused')! });
  }
  return results;
});
