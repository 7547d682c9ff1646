import type { Type } from '@nestjs/common';
import { EXCEPTION_FILTERS_METADATA } from '@nestjs/common/constants.js';
import type { ModulesContainer } from '@nestjs/core';
import { GATEWAY_METADATA } from '@nestjs/websockets/constants.js';
import { WireErrorFilter } from './wire-error.filter.ts';

/** The gateway classes of all modules. */
export function gatewaysOf(modules: ModulesContainer): Set<Type> {
  const gateways = new Set<Type>();
  for (const { providers } of modules.values()) {
    for (const { metatype } of providers.values()) {
      if (typeof metatype === 'function' && Reflect.hasMetadata(GATEWAY_METADATA, metatype)) {
        gateways.add(metatype as Type);
      }
    }
  }
  return gateways;
}

/** Puts the filter last of the class's own, so that those of a module's author come first. */
export function giveErrorFilter(gateway: Type): void {
  const own = (Reflect.getMetadata(EXCEPTION_FILTERS_METADATA, gateway) ?? []) as unknown[];
  if (own.some((filter) => filter instanceof WireErrorFilter)) return;
  // Nest asks them from the last to the first.
  Reflect.defineMetadata(EXCEPTION_FILTERS_METADATA, [new WireErrorFilter(), ...own], gateway);
}

/** Throws at start for a gateway that waits to be told of connections: it would be told of none. */
export function refuseConnectionHooks(gateway: Type): void {
  for (const hook of ['handleConnection', 'handleDisconnect']) {
    if (hook in (gateway.prototype as object)) {
      throw new Error(`${gateway.name}.${hook} would never be called: connections are the platform's`);
    }
  }
}
