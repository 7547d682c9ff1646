import { describe, expect, it } from 'vitest';
import { themeAfter } from './theme-choice.ts';

describe('the theme after a click', () => {
  it.each([true, false])('differs from what is seen, with a dark system: %s', (systemIsDark) => {
    expect(themeAfter('system', systemIsDark)).toBe(systemIsDark ? 'light' : 'dark');
  });

  it('goes through all three and comes back', () => {
    for (const systemIsDark of [true, false]) {
      const second = themeAfter(themeAfter('system', systemIsDark), systemIsDark);
      expect(second).toBe(systemIsDark ? 'dark' : 'light');
      expect(themeAfter(second, systemIsDark)).toBe('system');
    }
  });
});
