import { UseFilters } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import type { EntityManager } from 'typeorm';
import type { RecordedEvent } from '#platform/event-store';
import { KeepErrorsFilter } from './keep-errors.filter.ts';

/** How a table of a projection is made. Both are given the table's name, and name what they make after it. */
export interface ProjectionTable {
  /** `create table if not exists …`, with the key that the handler writes by. */
  create(table: string): string;
  /** `create index if not exists …`: made once the table has been filled, which is several times faster. */
  indexes?(table: string): readonly string[];
}

/** What a build that is being filled may begin with. */
export interface Inheritance {
  /** The build that queries read: its number, which its checkpoints are kept under, and its tables. */
  readonly live: { readonly number: number; readonly table: (name: string) => string };
  /** The tables of the build that is being filled. */
  readonly table: (name: string) => string;
}

export interface ProjectionOptions {
  /** Unique over all projections; the checkpoints are kept under it. */
  readonly name: string;
  /** Raised when the rows change shape or meaning: the projection is rebuilt. */
  readonly version: number;
  /** Types of the events that the handler is given; the others only move the checkpoint. */
  readonly events: readonly string[];
  /**
   * The tables that the handler writes, by the names under which queries read them: a view of each name shows the table
   * `<name>_v<number>` of the build that is live. With them the projection can be rebuilt; without, its rows stay.
   */
  readonly tables?: Readonly<Record<string, ProjectionTable>> | undefined;
  /**
   * Statements that are run once, in the transaction that makes the tables of a build that is to be filled: rows whose events
   * the log does not have any more can only be taken over. The live build is written meanwhile: its rows and checkpoints
   * agree within one statement.
   */
  readonly inherit?: ((from: Inheritance) => readonly string[]) | undefined;
}

/** Events in order within each slot; several slots may take part. Never empty. */
export type ProjectionBatch = readonly RecordedEvent[];

/** The handler writes its rows through `tx`, in whose transaction the checkpoints are kept: both or neither. */
export interface ProjectionContext {
  readonly tx: EntityManager;
  /** The table to read and write under one of the declared names: `table('run_tests')` is `run_tests_v2`. */
  readonly table: (name: string) => string;
  /** The tables are being filled, and are not read by anybody yet. */
  readonly filling?: boolean | undefined;
}

export const projectionOptions = Symbol('testcast:projection');

/**
 * Marks the one handler method of a projection's controller:
 * `@Projection({…}) async apply(@Payload() batch: ProjectionBatch, @Ctx() { tx, table }: ProjectionContext)`.
 */
export function Projection(options: ProjectionOptions): MethodDecorator {
  return (target, key, descriptor) => {
    Reflect.defineMetadata(projectionOptions, options, descriptor.value as object);
    UseFilters(new KeepErrorsFilter())(target, key, descriptor);
    const bind = EventPattern(options.name, { projection: options }) as MethodDecorator;
    bind(target, key, descriptor);
  };
}
