/** What a command has to say, for a person and for a program, and whether all is well. */
export interface Answer {
  readonly text: string;
  readonly json: unknown;
  readonly isWell: boolean;
}
