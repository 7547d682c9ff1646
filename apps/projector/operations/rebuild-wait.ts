import type { RebuildCrew } from '#platform/messaging';

/** Who is missing: any projector, or one whose code is that of the build. */
export type WaitsFor = 'projector' | 'projector of this version';

/** Tells from the crew of a rebuild whether somebody will come to it: one that has just started has not said so yet. */
export class RebuildWait {
  private lackingSince: number | undefined;

  /** @param patienceMs for which nobody may be there before it is told */
  constructor(
    private readonly patienceMs: number,
    private readonly now: () => number = Date.now,
  ) {}

  look({ projectors, able }: RebuildCrew): WaitsFor | undefined {
    if (able > 0) this.lackingSince = undefined;
    else this.lackingSince ??= this.now();
    if (this.lackingSince === undefined || this.now() - this.lackingSince < this.patienceMs) return undefined;
    return projectors === 0 ? 'projector' : 'projector of this version';
  }
}

export function waitLine(name: string, waitsFor: WaitsFor | undefined): string {
  if (waitsFor === undefined) return `${name}: a projector is there, the rebuild goes on`;
  const who =
    waitsFor === 'projector'
      ? 'no projector runs, and it is projectors that do the work (npm start runs one)'
      : 'no projector that runs has the code of this build';
  return `${name}: ${who}; waiting for one. Ctrl-C ends the waiting and leaves the order, cancel takes it back.`;
}
