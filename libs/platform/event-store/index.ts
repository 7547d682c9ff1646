export * from './event-store.ts';
export * from './recorded-event.ts';
