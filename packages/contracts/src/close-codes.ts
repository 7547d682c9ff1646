/** WebSocket close codes: 4000–4499 mean "connect again", 4500–4999 mean "do not". */
export const closeCodes = {
  goingAway: 4000,
  tooSlow: 4001,
  tokenExpired: 4002,
  migrated: 4003,
  tooManyMessages: 4008,
  badToken: 4500,
  forbidden: 4501,
  protocolAbuse: 4502,
  replaced: 4503,
} as const;

/** What a client does after a close: `resend` tells whether what was in flight may be sent again as it was. */
export function afterClose(code: number): { reconnect: boolean; resend: boolean } {
  if (code >= 4000 && code <= 4499) return { reconnect: true, resend: true };
  if (code >= 4500 && code <= 4999) return { reconnect: false, resend: false };
  if (code === 1002 || code === 1003 || code === 1007 || code === 1009) return { reconnect: true, resend: false };
  return { reconnect: true, resend: true };
}
