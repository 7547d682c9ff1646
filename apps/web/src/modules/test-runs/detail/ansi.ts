import Anser from 'anser';

export interface AnsiPiece {
  readonly text: string;
  /** A colour's name, such as `red` or `bright-green`. */
  readonly colour?: string | undefined;
  readonly background?: string | undefined;
  readonly bold: boolean;
  readonly dim: boolean;
}

/** Text with ANSI colours in pieces. Colours of the large palettes are left out: who knows how they look on this page. */
export function ansiPieces(text: string): AnsiPiece[] {
  return Anser.ansiToJson(text, { use_classes: true, remove_empty: true, json: true }).map((piece) => {
    // A reversed piece changes places; what was the page's own colour has no name, and stays.
    const [fg, bg] = [named(piece.fg), named(piece.bg)];
    const decorations = piece.decorations ?? [];
    const reversed = decorations.includes('reverse');
    return {
      text: piece.content,
      colour: reversed ? bg : fg,
      background: reversed ? fg : bg,
      bold: decorations.includes('bold'),
      dim: decorations.includes('dim'),
    };
  });
}

export function withoutAnsi(text: string): string {
  return Anser.ansiToText(text);
}

function named(colour: string | null): string | undefined {
  const match = /^ansi-((?:bright-)?(?:black|red|green|yellow|blue|magenta|cyan|white))$/.exec(colour ?? '');
  return match?.[1];
}
