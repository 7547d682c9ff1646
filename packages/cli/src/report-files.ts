import { stat } from 'node:fs/promises';
import { glob, isDynamicPattern } from 'tinyglobby';

export interface ReportFile {
  /** As people wrote it, or relative to the current folder. */
  path: string;
  bytes: number;
}
export interface FoundFiles {
  files: ReportFile[];
  /** What was named and is not there, each as a sentence. */
  missing: string[];
}

/** The files that names and patterns stand for, each once, in order of the names. A name that is a file is never a pattern. */
export async function findReportFiles(names: readonly string[], cwd = process.cwd()): Promise<FoundFiles> {
  const files = new Map<string, ReportFile>();
  const missing: string[] = [];
  for (const name of names) {
    const found = await filesOf(name, cwd);
    if (typeof found === 'string') missing.push(found);
    else for (const file of found) if (!files.has(file.path)) files.set(file.path, file);
  }
  return { files: [...files.values()], missing };
}

async function filesOf(name: string, cwd: string): Promise<ReportFile[] | string> {
  const known = await stat(name).catch(() => undefined);
  if (known?.isFile() === true) return [{ path: name, bytes: known.size }];
  if (known?.isDirectory() === true)
    return `${name} is a folder: name its files, as "${name.replace(/\/$/, '')}/**/*.xml".`;
  // In PowerShell and cmd people write patterns with backslashes, which are escapes in a pattern.
  const pattern = process.platform === 'win32' ? name.replaceAll('\\', '/') : name;
  if (!isDynamicPattern(pattern)) return `There is no file ${name}.`;
  const paths = await glob(pattern, { cwd, dot: false, expandDirectories: false, ignore: ['**/node_modules/**'] });
  if (paths.length === 0) return `No file matches ${name}.`;
  return Promise.all(paths.sort().map(async (path) => ({ path, bytes: (await stat(path)).size })));
}
