import { DomainError } from '#platform/kernel';

export interface Pace {
  /** Milliseconds of waiting for the sender, */
  readonly windowMs: number;
  /** in which at least so much has to come, or the end. */
  readonly minBytes: number;
}

/** 2 KiB/s: the slowest modem brings more, and who sends a byte now and then holds a permit no longer than half a minute. */
const leastPace: Pace = { windowMs: 30_000, minBytes: 64 * 1024 };
const retryAfterMs = 5000;

/**
 * The chunks of a body, while they come. Throws `request.too-slow` when they do not: a sender that stalls keeps what it
 * holds, and by the limits of the server alone for a quarter of an hour.
 */
export async function* steadily(
  body: AsyncIterable<Uint8Array>,
  { windowMs, minBytes }: Pace = leastPace,
): AsyncGenerator<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  let waitedMs = 0;
  let bytes = 0;
  let isPending = false;
  try {
    for (;;) {
      const from = performance.now();
      const coming = chunks.next();
      isPending = true;
      const next = await within(coming, windowMs - waitedMs);
      if (next === undefined) throw tooSlow();
      isPending = false;
      if (next.done === true) return;
      waitedMs += performance.now() - from;
      bytes += next.value.length;
      if (bytes >= minBytes) waitedMs = bytes = 0;
      yield next.value;
    }
  } finally {
    // An iterator that is being waited for ends only with its stream, which may be never.
    if (!isPending) await chunks.return?.();
  }
}

/** Undefined when it has not come by then; a later failure is then nobody's. */
async function within<T>(coming: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([coming, late]);
  } finally {
    clearTimeout(timer);
  }
}

function tooSlow(): DomainError {
  return new DomainError('request.too-slow', 'The upload has stalled. Nothing was stored.', { retryAfterMs });
}
