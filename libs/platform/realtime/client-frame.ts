/** A frame of a client whose `data` nobody has looked at yet. */
export interface ReceivedFrame {
  readonly id: number | string;
  readonly type: string;
  readonly data: unknown;
}

/**
 * The frame, or undefined when it is not JSON or has no id and type. The rules are those of `clientFrameSchema` (and `data` may be left out), written
 * out because this runs for every message (a test holds the two together).
 */
export function parseClientFrame(text: string): ReceivedFrame | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { id, type, data } = value as { id?: unknown; type?: unknown; data?: unknown };
  if (typeof type !== 'string' || type.length === 0 || type.length > 64) return undefined;
  return isId(id) ? { id, type, data } : undefined;
}

function isId(id: unknown): id is number | string {
  if (typeof id === 'number') return Number.isSafeInteger(id) && id >= 0;
  return typeof id === 'string' && id.length > 0 && id.length <= 64;
}
