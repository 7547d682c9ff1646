import { UseFilters } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import type { EntityManager } from 'typeorm';
import type { RecordedEvent } from '#platform/event-store';
import { KeepErrorsFilter } from './keep-errors.filter.ts';

export interface ProjectionOptions {
  /** Unique over all projections; the checkpoints are kept under it. */
  readonly name: string;
  /** Raised when the rows change shape or meaning: the projection is rebuilt. */
  readonly version: number;
  /** Types of the events that the handler is given; the others only move the checkpoint. */
  readonly events: readonly string[];
}

/** Events in order within each slot; several slots may take part. Never empty. */
export type ProjectionBatch = readonly RecordedEvent[];

/** The handler writes its rows through `tx`, in whose transaction the checkpoints are kept: both or neither. */
export interface ProjectionContext {
  readonly tx: EntityManager;
}

export const projectionOptions = Symbol('testcast:projection');

/**
 * Marks the one handler method of a projection's controller:
 * `@Projection({…}) async apply(@Payload() batch: ProjectionBatch, @Ctx() { tx }: ProjectionContext)`.
 */
export function Projection(options: ProjectionOptions): MethodDecorator {
  return (target, key, descriptor) => {
    Reflect.defineMetadata(projectionOptions, options, descriptor.value as object);
    UseFilters(new KeepErrorsFilter())(target, key, descriptor);
    const bind = EventPattern(options.name, { projection: options }) as MethodDecorator;
    bind(target, key, descriptor);
  };
}
