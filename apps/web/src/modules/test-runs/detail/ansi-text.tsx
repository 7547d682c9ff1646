import { useMemo } from 'react';
import { ansiPieces } from './ansi.ts';
import styles from './detail.module.css';

export function AnsiText({ text }: { text: string }) {
  const pieces = useMemo(() => ansiPieces(text), [text]);
  return pieces.map(({ text, colour, background, bold, dim }, index) =>
    colour === undefined && background === undefined && !bold && !dim ? (
      text
    ) : (
      <span
        key={index}
        className={styles.ansi}
        data-colour={colour}
        data-background={background}
        data-bold={bold}
        data-dim={dim}
      >
        {text}
      </span>
    ),
  );
}
