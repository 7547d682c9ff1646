export * from './event-store.ts';
export * from './recorded-event.ts';
export * from './aggregate-repository.ts';
export * from './stored-aggregate.ts';
