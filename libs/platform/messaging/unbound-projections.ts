import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { projectionOptions, type ProjectionOptions } from './projection.ts';

/** Fails the start for projections among `providers`: Nest binds handlers of controllers only, and would not say a word. */
@Injectable()
export class UnboundProjections implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  onModuleInit(): void {
    const unbound = this.discovery.getProviders().flatMap(({ instance }) => this.projectionsOf(instance));
    if (unbound.length === 0) return;
    throw new Error(
      `${unbound.join(', ')}: a projection belongs into "controllers" of its module, in "providers" it is never called`,
    );
  }

  private projectionsOf(instance: unknown): string[] {
    if (instance === null || typeof instance !== 'object') return [];
    const prototype = Object.getPrototypeOf(instance) as Record<string, unknown> | null;
    if (prototype === null || prototype === Object.prototype) return [];
    return this.scanner.getAllMethodNames(prototype).flatMap((method) => {
      const options = Reflect.getMetadata(projectionOptions, prototype[method] as object) as
        | ProjectionOptions
        | undefined;
      return options === undefined ? [] : [`${prototype.constructor.name} (${options.name})`];
    });
  }
}
