import { parseArgs } from 'node:util';
import { runRefSchema } from '@testcast/contracts';

export const commands = [
  'partitions',
  'split',
  'rebalance',
  'drain',
  'add',
  'verify',
  'new-epoch',
  'erase',
  'read-export',
] as const;

/** A moment's work, and enough to meet in a few nights what is wrong everywhere. */
const defaultRuns = 200;
/** All runs of each are read. */
const defaultProjects = 3;

export interface CommandLine {
  readonly command: (typeof commands)[number];
  /** Of `split` and `drain`. */
  readonly partition: number;
  /** Of `erase`. */
  readonly run: { readonly projectId: string; readonly runId: string } | undefined;
  /** Of `verify`: how many runs are folded again. */
  readonly runs: number | 'all';
  /** Of `verify`: of how many projects trends are counted again. */
  readonly projects: number | 'all';
  /** Of `read-export`. */
  readonly file: string | undefined;
  /** Of `new-epoch`: without it, it only says what it would do. */
  readonly yes: boolean;
  readonly json: boolean;
  /** Milliseconds over which appends are counted. */
  readonly sampleFor: number;
  /** Events a second that is a load of 1; undefined = measured. */
  readonly capacity: number | undefined;
}

/** The command line is wrong: told in one line, without a trace. */
export class UsageError extends Error {}

export const help = `npm run store -- <command> [options]

Looks after the log while it is being written and read; nothing has to be stopped.

  partitions   what each partition holds, and its load: the share of what this server appends at most
  split <n>    move half of a partition's slots, by load, to a new partition
  rebalance    split partitions until none has a load above 0.85
  drain <n>    move a partition's slots to the others and drop its table
  add          a new partition, with the slots that the ring gives to it
  verify       walk the whole log and the read models, and list what is not as it should be
  new-epoch    after a restore that copied files or loaded a dump: begin a new epoch, with --yes
  erase        export a run that has ended, then erase it for good: --project <id> --run <id>
  read-export <file>   read an exported run to its end and say what is in it; needs no database

  --runs <n>|all    verify: fold the events of so many runs again, taken by chance, and compare their rows (default 200)
  --projects <n>|all   verify: count the trends of so many projects again, taken by chance, from all of their runs (default 3)
  --json            one line of JSON instead of text
  --seconds <s>     how long appends are counted before the load is known (default 5)
  --capacity <n>    events a second that is a load of 1 (default: measured, once a day)
  --help

DATABASE_URL says which database; without it, that of the server which npm start runs on this machine (DATA_DIR).
EXPORT_DIR says where runs go before they are erased; without it, DATA_DIR/exports.
A command that was stopped half-way leaves the log whole: the next split, rebalance, drain or add goes on with it.
Exit code: 0, or 1 when something failed or verify found something, 2 when the command line is wrong.
`;

/** Undefined: help was asked for. Throws UsageError. */
export function parseCommandLine(args: readonly string[]): CommandLine | undefined {
  const { values, positionals } = parse(args);
  if (values.help === true) return undefined;
  const [name, argument, ...more] = positionals;
  if (name === undefined) throw new UsageError(`Which command? One of ${commands.join(', ')}.`);
  const command = commands.find((known) => known === name);
  if (command === undefined) throw new UsageError(`There is no command "${name}"; there are ${commands.join(', ')}.`);
  if (command === 'read-export' && argument === undefined) {
    throw new UsageError('read-export needs a file: npm run store -- read-export exports/shop/run-1.ndjson.gz');
  }
  const takesPartition = command === 'split' || command === 'drain';
  if (takesPartition && (argument === undefined || !/^\d{1,5}$/.test(argument))) {
    throw new UsageError(`${command} needs the number of a partition: npm run store -- ${command} 7`);
  }
  const surplus = takesPartition || command === 'read-export' ? more : positionals.slice(1);
  if (surplus.length > 0) throw new UsageError(`${command} does not take "${surplus.join(' ')}".`);
  return {
    command,
    partition: takesPartition ? Number(argument) : 0,
    run: command === 'erase' ? runOf(values.project, values.run) : undefined,
    runs: sampleOf('runs', values.runs, defaultRuns),
    projects: sampleOf('projects', values.projects, defaultProjects),
    file: command === 'read-export' ? argument : undefined,
    yes: values.yes === true,
    json: values.json === true,
    sampleFor: numberOf('seconds', values.seconds ?? '5', 600) * 1_000,
    capacity: values.capacity === undefined ? undefined : numberOf('capacity', values.capacity, 1e9),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        json: { type: 'boolean' },
        yes: { type: 'boolean' },
        seconds: { type: 'string' },
        capacity: { type: 'string' },
        project: { type: 'string' },
        run: { type: 'string' },
        runs: { type: 'string' },
        projects: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function runOf(projectId: string | undefined, runId: string | undefined): CommandLine['run'] {
  const parsed = runRefSchema.safeParse({ projectId, runId });
  if (parsed.success) return parsed.data;
  throw new UsageError('erase needs a run: npm run store -- erase --project shop --run run-1');
}

function sampleOf(option: 'runs' | 'projects', text: string | undefined, otherwise: number): number | 'all' {
  if (text === undefined) return otherwise;
  if (text === 'all') return text;
  if (/^\d{1,7}$/.test(text)) return Number(text);
  throw new UsageError(`--${option} needs a number of ${option}, or all.`);
}

function numberOf(option: string, text: string, most: number): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value > 0 && value <= most) return value;
  throw new UsageError(`--${option} needs a number above 0, at most ${most}.`);
}
