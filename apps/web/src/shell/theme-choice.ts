export type ThemeChoice = 'system' | 'light' | 'dark';

const key = 'testcast-theme';

/** What the reader chose; `system` where nothing is kept, or the browser keeps nothing. */
export function themeChoice(): ThemeChoice {
  try {
    const kept = localStorage.getItem(key);
    return kept === 'light' || kept === 'dark' ? kept : 'system';
  } catch {
    return 'system';
  }
}

/** The next of three, beginning with what differs from what is seen: a button that changes nothing seems broken. */
export function themeAfter(choice: ThemeChoice, systemIsDark: boolean): ThemeChoice {
  const [same, opposite] = systemIsDark ? (['dark', 'light'] as const) : (['light', 'dark'] as const);
  if (choice === 'system') return opposite;
  return choice === opposite ? same : 'system';
}

export function chooseTheme(choice: ThemeChoice): void {
  try {
    if (choice === 'system') localStorage.removeItem(key);
    else localStorage.setItem(key, choice);
  } catch {
    // A browser that keeps nothing still shows the theme until the page is left.
  }
  applyTheme(choice);
}

export function applyTheme(choice: ThemeChoice = themeChoice()): void {
  if (choice === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = choice;
}
