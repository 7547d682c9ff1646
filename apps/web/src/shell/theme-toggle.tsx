import { useState } from 'react';
import styles from './app-shell.module.css';
import { chooseTheme, themeChoice, type ThemeChoice } from './theme-choice.ts';

const next: Record<ThemeChoice, ThemeChoice> = { system: 'light', light: 'dark', dark: 'system' };
const icons: Record<ThemeChoice, string> = { system: '◐', light: '☀', dark: '☾' };

/** Goes round: as the system, light, dark. */
export function ThemeToggle() {
  const [choice, setChoice] = useState(themeChoice);
  const change = (): void => {
    chooseTheme(next[choice]);
    setChoice(next[choice]);
  };
  return (
    <button
      type="button"
      className={styles.tool}
      onClick={change}
      aria-label={`Theme: ${choice}. Change to ${next[choice]}`}
      title={`Theme: ${choice}`}
    >
      <span aria-hidden="true">{icons[choice]}</span>
    </button>
  );
}
