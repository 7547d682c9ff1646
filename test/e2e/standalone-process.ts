import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { eventually } from '#platform/testing';

const program = path.resolve('dist/run/standalone/main.js');

export interface ProcessRow {
  pid: number;
  parent: number;
  command: string;
}

/** Processes of this machine that are alive; a zombie is not. */
export function processes(): ProcessRow[] {
  const table = execFileSync('ps', ['-eo', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' });
  return table
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line))
    .filter((match) => match !== null && !match[3]!.startsWith('Z'))
    .map((match) => ({ pid: Number(match![1]), parent: Number(match![2]), command: match![4]! }));
}

/** Testcast as `npm start` runs it, in a process of its own. */
export class StandaloneProcess {
  private readonly child: ChildProcess;
  private out = '';
  private err = '';

  constructor(environment: Record<string, string>) {
    if (!existsSync(program)) throw new Error('dist/ is missing: npm run build comes before these tests');
    this.child = spawn(process.execPath, [program], {
      env: {
        ...process.env,
        PORT: '0',
        DATABASE_URL: '',
        LOG_LEVEL: '',
        PUBLIC_URL: '',
        JWT_SECRET: '',
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout!.on('data', (chunk: Buffer) => (this.out += chunk.toString()));
    this.child.stderr!.on('data', (chunk: Buffer) => (this.err += chunk.toString()));
  }

  get pid(): number {
    return this.child.pid!;
  }

  get lines(): string[] {
    return this.out.split('\n').filter((line) => line !== '');
  }

  get errors(): string {
    return this.err;
  }

  /** Where it serves and the link that it printed, once it says so. */
  async ready(): Promise<{ url: string; link: URL }> {
    const lines = await eventually(
      () => {
        if (this.child.exitCode !== null) throw new Error(`it ended with ${this.child.exitCode}: ${this.err}`);
        if (this.lines.length < 2) throw new Error(`it has printed ${JSON.stringify(this.lines)}; ${this.err}`);
        return this.lines;
      },
      { within: 60_000, message: 'standalone is not ready' },
    );
    return {
      url: /^Testcast is ready on (http:\/\/\S+)$/.exec(lines[0]!)![1]!,
      link: new URL(/(http:\/\/\S+)$/.exec(lines[1]!)![1]!),
    };
  }

  /** This process and what it has started, directly or not. */
  tree(): ProcessRow[] {
    const all = processes();
    const found = all.filter(({ pid }) => pid === this.pid);
    for (const row of found) found.push(...all.filter(({ parent }) => parent === row.pid));
    return found;
  }

  postmaster(): ProcessRow {
    return one(this.tree(), /postgres\b.* -D /);
  }

  projector(): ProcessRow {
    return one(this.tree(), /run\/projector\/main\.js/);
  }

  async kill(signal: NodeJS.Signals): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    const exited = once(this.child, 'exit');
    this.child.kill(signal);
    await exited;
    return this.child.exitCode;
  }

  async ended(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    return this.child.exitCode;
  }
}

function one(rows: readonly ProcessRow[], pattern: RegExp): ProcessRow {
  const row = rows.find(({ command }) => pattern.test(command));
  if (row === undefined) throw new Error(`no process is like ${pattern}: ${JSON.stringify(rows)}`);
  return row;
}
