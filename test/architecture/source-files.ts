import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');

const notOurs = new Set(['node_modules', 'dist', 'coverage', 'fixtures']);

export interface SourceFile {
  /** from the root, with slashes */
  readonly path: string;
  readonly text: string;
}

/** The TypeScript files of these folders, those of tests included. */
export function sourceFiles(...folders: string[]): SourceFile[] {
  return folders.flatMap((folder) => walk(folder)).map((file) => ({ path: file, text: read(file) }));
}

export function read(file: string): string {
  return readFileSync(path.join(root, file), 'utf8');
}

function walk(folder: string): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true })
    .filter((entry) => !notOurs.has(entry.name))
    .flatMap((entry) => {
      const file = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return walk(file);
      return /\.tsx?$/.test(entry.name) ? [file] : [];
    });
}
