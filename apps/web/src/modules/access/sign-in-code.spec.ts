import { beforeAll, expect, it, vi } from 'vitest';

const replaced: string[] = [];

beforeAll(() => {
  vi.stubGlobal('location', { pathname: '/sign-in', search: '?x=1', hash: '#code=abc-1' });
  vi.stubGlobal('history', { replaceState: (_state: unknown, _title: string, url: string) => replaced.push(url) });
  vi.stubGlobal('addEventListener', () => undefined);
});

it('is taken out of the address when the page is loaded', async () => {
  const { openedWith, codeIn } = await import('./sign-in-code.ts');
  expect(openedWith).toBe('abc-1');
  expect(replaced).toEqual(['/sign-in?x=1']);
  expect(codeIn('#section')).toBeUndefined();
  expect(codeIn('#code=')).toBeUndefined();
  expect(codeIn('')).toBeUndefined();
});
