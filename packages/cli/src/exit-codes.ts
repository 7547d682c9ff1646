/** What the process says to the shell. */
export const exitCodes = {
  ok: 0,
  /** Something was refused or could not be sent; for `watch`: the run did not pass. */
  notAll: 1,
  usage: 2,
} as const;

/** The command line or the environment is wrong: told in one line, without a trace. */
export class UsageError extends Error {}
