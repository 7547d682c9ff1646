import { ConfigurableModuleBuilder, Module } from '@nestjs/common';
import { type RealtimeOptions, realtimeOptions } from './realtime-options.ts';
import { RealtimeServer } from './realtime-server.ts';
import { RoomRegistry } from './room-registry.ts';

const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<RealtimeOptions>({
  optionsInjectionToken: realtimeOptions,
})
  .setClassMethodName('forRoot')
  .setExtras({}, (definition) => ({ ...definition, global: true }))
  .build();

/**
 * Connections and rooms, for every module of the process. Needs an `EventStore` and an `Authenticator` that are provided
 * globally, and `app.useWebSocketAdapter(new RealtimeAdapter(app))` before the application is initialised.
 */
@Module({ providers: [RoomRegistry, RealtimeServer], exports: [RoomRegistry, RealtimeServer] })
export class RealtimeModule extends ConfigurableModuleClass {}
