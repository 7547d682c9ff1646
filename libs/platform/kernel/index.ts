export * from './authenticator.ts';
export * from './caller.ts';
export * from './canonical-json.ts';
export * from './clock.ts';
export * from './decider.ts';
export * from './derived-id.ts';
export * from './domain-error.ts';
export * from './server-load.ts';
