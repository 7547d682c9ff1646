import { CopyButton } from '../../../ui/copy-button.tsx';
import styles from './runs-page.module.css';

/** A command to paste into a terminal. */
export function CommandLine({ text }: { text: string }) {
  return (
    <div className={styles.command}>
      <pre tabIndex={0}>{text}</pre>
      <CopyButton text={text} />
    </div>
  );
}
