import { setTimeout as delay } from 'node:timers/promises';
import type { ParkingLot, ProjectionStatus, Rebuilds } from '#platform/messaging';
import { outcomeLines, parkedLines, progressLine, shareOf, statusLines } from './projection-lines.ts';
import { RebuildWait, type WaitsFor, waitLine } from './rebuild-wait.ts';

export const usage = `npm run projections -- <command> [--json]

  status                    each projection: version, lag, parked streams, rebuild under way
  rebuild <name>            fill new tables from the log and let queries read them; shows the progress (--no-wait: only order it)
  cancel <name>             give the rebuild up that is under way; projectors of newer code than the rows begin another
  parked                    streams that were set aside, and why
  replay <stream>           apply what was set aside, once the code is mended
  discard <stream>          leave the event that failed out for good, and go on with the stream

replay and discard take --projection <name> where several have parked the stream.
`;

export interface CommandOptions {
  readonly json?: boolean | undefined;
  readonly projection?: string | undefined;
  readonly 'no-wait'?: boolean | undefined;
}

export interface Terminal {
  /** A line that stays. */
  print(line: string): void;
  /** How far something is, 0…1: a line that the next one takes the place of, and now and then one where that cannot be. */
  show(line: string, what: string, done: number): void;
  /** A line that stays, beside the answer. */
  note(line: string): void;
}

const everyMs = 500;
/** For a projector to take up what was ordered, before it is said that there is none. */
const patienceMs = 3_000;

/** What an operator does with projections. Resolves to the exit code: 0 done, 1 not (yet), 2 not understood. */
export class ProjectionCommand {
  constructor(
    private readonly rebuilds: Rebuilds,
    private readonly parking: ParkingLot,
    private readonly terminal: Terminal,
  ) {}

  async run([command, subject]: readonly (string | undefined)[], options: CommandOptions): Promise<number> {
    if (command === 'status') return this.answer(await this.rebuilds.status(), statusLines, options);
    if (command === 'parked') return this.answer(await this.parking.list(), parkedLines, options);
    if (subject === undefined || subject === '') return this.misunderstood();
    if (command === 'rebuild') return this.rebuild(subject, options);
    if (command === 'cancel') return this.cancel(subject, options);
    if (command !== 'replay' && command !== 'discard') return this.misunderstood();
    const outcomes = await this.parking[command]({ stream: subject, projection: options.projection });
    this.answer(outcomes, (all) => outcomeLines(subject, all), options);
    return outcomes.length > 0 && outcomes.every(({ outcome }) => outcome === 'applied') ? 0 : 1;
  }

  private misunderstood(): number {
    this.terminal.print(usage);
    return 2;
  }

  private answer<T>(value: T, lines: (value: T) => string[], { json = false }: CommandOptions): number {
    for (const line of json ? [JSON.stringify(value)] : lines(value)) this.terminal.print(line);
    return 0;
  }

  private async rebuild(name: string, options: CommandOptions): Promise<number> {
    const ordered = await this.rebuilds.order(name);
    if (options['no-wait'] === true)
      return this.answer(await this.find(name), () => [`${name}: build ${ordered} is ordered`], options);
    const wait = new RebuildWait(patienceMs);
    let waitsFor: WaitsFor | undefined;
    for (;;) {
      const status = await this.find(name);
      const { build, rebuilding } = status;
      if (build >= ordered) return this.answer(status, () => [`${name}: queries read build ${build}`], options);
      if (rebuilding === undefined) {
        this.answer(status, () => [`${name}: build ${ordered} was given up, queries still read ${build}`], options);
        return 1;
      }
      const before = waitsFor;
      waitsFor = wait.look(await this.rebuilds.crew(name));
      if (waitsFor !== before) this.terminal.note(waitLine(name, waitsFor));
      if (options.json === true) this.terminal.print(JSON.stringify({ ...status, waitsFor }));
      else this.terminal.show(`${name} ${progressLine(rebuilding)}`, name, shareOf(rebuilding));
      await delay(everyMs);
    }
  }

  private async cancel(name: string, options: CommandOptions): Promise<number> {
    const cancelled = await this.rebuilds.cancel(name);
    const line = cancelled ? 'the rebuild is given up' : 'nothing is being rebuilt';
    this.answer({ name, cancelled }, () => [`${name}: ${line}`], options);
    return cancelled ? 0 : 1;
  }

  private async find(name: string): Promise<ProjectionStatus> {
    const status = (await this.rebuilds.status()).find((candidate) => candidate.name === name);
    if (status === undefined) throw new Error(`the projection "${name}" is gone`);
    return status;
  }
}
