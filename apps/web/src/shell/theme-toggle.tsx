import { useState } from 'react';
import styles from './app-shell.module.css';
import { chooseTheme, themeAfter, themeChoice, type ThemeChoice } from './theme-choice.ts';

const icons: Record<ThemeChoice, string> = { system: '◐', light: '☀', dark: '☾' };

/** Goes round: as the system, the opposite of it, the other. */
export function ThemeToggle() {
  const [choice, setChoice] = useState(themeChoice);
  const next = themeAfter(choice, matchMedia('(prefers-color-scheme: dark)').matches);
  const change = (): void => {
    chooseTheme(next);
    setChoice(next);
  };
  return (
    <button
      type="button"
      className={styles.tool}
      onClick={change}
      aria-label={`Theme: ${choice}. Change to ${next}`}
      title={`Theme: ${choice}`}
    >
      <span aria-hidden="true">{icons[choice]}</span>
    </button>
  );
}
