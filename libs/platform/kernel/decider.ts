/** Pure decision making: facts in, facts out. Time, ids and randomness come in with the command. */
export interface Decider<State, Command, Event> {
  readonly initialState: State;
  /** Throws a DomainError when a rule forbids the command; returns no event when nothing changes. */
  decide(command: Command, state: State): Event[];
  evolve(state: State, event: Event): State;
}
