import { useRef } from 'react';
import styles from './app-shell.module.css';
import { useShortcuts } from './shortcuts.ts';

const keys: readonly (readonly [string, string])[] = [
  ['/', 'search'],
  ['j', 'next row'],
  ['k', 'row before'],
  ['Enter', 'open'],
  ['f', 'next failure'],
  ['Esc', 'close, or back'],
  ['?', 'this help'],
];

export function KeyboardHelp() {
  const dialog = useRef<HTMLDialogElement>(null);
  useShortcuts({ '?': () => dialog.current?.showModal() });
  return (
    <>
      <button
        type="button"
        className={styles.tool}
        onClick={() => dialog.current?.showModal()}
        aria-label="Keyboard shortcuts"
        title="Keyboard shortcuts (?)"
      >
        ?
      </button>
      <dialog ref={dialog} className={styles.dialog} aria-labelledby="keyboard-help">
        <h2 id="keyboard-help">Keyboard</h2>
        <dl className={styles.keys}>
          {keys.map(([key, does]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
        <form method="dialog">
          <button type="submit">Close</button>
        </form>
      </dialog>
    </>
  );
}
