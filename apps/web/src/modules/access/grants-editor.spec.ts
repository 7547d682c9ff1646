import { expect, it } from 'vitest';
import { grantsOf } from './grants-editor.tsx';

it('grants what the rows say: blanks left out, the later of two rows of a project', () => {
  expect(
    grantsOf([
      { id: 1, projectId: ' shop ', role: 'read' },
      { id: 2, projectId: '', role: 'admin' },
      { id: 3, projectId: 'shop', role: 'write' },
    ]),
  ).toEqual({ shop: 'write' });
});
