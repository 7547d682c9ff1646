import { CommandLine } from '../ui/command-line.tsx';
import { signInCommands } from './sign-in-commands.ts';
import styles from './ways-in.module.css';

/** How to get a sign-in link, by who runs the server; and how a program does without. */
export function WaysIn() {
  const { link, headless } = signInCommands(window.location.origin);
  return (
    <dl className={styles.ways}>
      <dt>Testcast runs on your machine</dt>
      <dd>
        <p>
          Each start prints a link: it stands below <code>Testcast is ready on …</code>. While it runs, the admin key,
          kept in <code>.testcast/admin.key</code> where it was started (or in <code>DATA_DIR</code>), makes another,
          which is the <code>url</code> in the answer:
        </p>
        <CommandLine text={link} />
      </dd>
      <dt>Somebody else runs it</dt>
      <dd>
        <p>
          Ask who administers it, or your project, for a link: they make one on the page <b>Keys</b>.
        </p>
      </dd>
      <dt>Without a browser</dt>
      <dd>
        <p>Scripts and CI need no link: they send a key with each call, that one or one made on the page Keys.</p>
        <CommandLine text={headless} />
      </dd>
    </dl>
  );
}
