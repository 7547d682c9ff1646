import styles from './command-line.module.css';
import { CopyButton } from './copy-button.tsx';

/** A command to paste into a terminal. */
export function CommandLine({ text }: { text: string }) {
  return (
    <div className={styles.command}>
      <pre tabIndex={0}>{text}</pre>
      <CopyButton text={text} />
    </div>
  );
}
