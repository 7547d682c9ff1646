import type { EventStore } from '#platform/event-store';

/** Somebody who changes where the log's rows are, and stops after each step until told to go on. */
export interface Mover {
  readonly isRunning: boolean;
  /** Resolves when the first step is done. */
  begin(operation: 'split' | 'drain' | 'add', slot: number): Promise<void>;
  /** Resolves when the next step is done, or there is none. */
  step(): Promise<void>;
  /** As the end of its process would, wherever it is. */
  kill(): Promise<void>;
  /** Finishes what was begun, also by those who were killed. */
  finish(): Promise<void>;
}

/** A log with everything that may happen to it. */
export interface LogUnderModel {
  /** Processes that append to the log and read it: one or two. */
  readonly nodes: readonly EventStore[];

  /** Two slots for the next script, which may hold events of earlier ones. */
  twoSlots(): Promise<readonly [number, number]>;

  mover(): Mover;

  /**
   * The next answer that a node is waiting for never comes: the server has done what was asked, the connection is cut.
   * Returns the way to find out whether that has happened.
   */
  loseAnswer(node: number): () => boolean;

  /** Cuts every connection of a node, whatever is under way on it. */
  cut(node: number): void;

  /** What is wrong with the log as it is stored; empty when it is whole. */
  verify(): Promise<readonly unknown[]>;

  close(): Promise<void>;
}
