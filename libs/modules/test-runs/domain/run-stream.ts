import type { RunRef } from '@testcast/contracts';

/** The run whose stream this is; undefined for the stream of something else. */
export function runRefOf(stream: string): RunRef | undefined {
  const match = /^run:([^/]+)\/([^/]+)$/.exec(stream);
  return match === null ? undefined : { projectId: match[1]!, runId: match[2]! };
}

/** The run whose output this stream is. */
export function runOfOutput(stream: string): RunRef | undefined {
  const match = /^output:([^/]+)\/([^/]+)\/[^/]+$/.exec(stream);
  return match === null ? undefined : { projectId: match[1]!, runId: match[2]! };
}
