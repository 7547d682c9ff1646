import { readFileSync } from 'node:fs';
import { errorCatalogue } from '@testcast/contracts';
import { expect, it } from 'vitest';

it('documents every error of the catalogue as it is, and no other', () => {
  const page = readFileSync('docs/reference/errors.md', 'utf8');
  const documented = [...page.matchAll(/^\| `([a-z.-]+)` \| (\d+) \| (yes|no) \| (.*) \|$/gm)].map(
    ([, code, status, temporary, says]) => ({ code, status: Number(status), temporary: temporary === 'yes', says }),
  );
  expect(documented).toEqual(Object.entries(errorCatalogue).map(([code, error]) => ({ code, ...error })));
});
