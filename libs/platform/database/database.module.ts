import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { type ConnectionSettings, connectionOptions } from './connection-settings.ts';

export interface DatabaseOptions extends ConnectionSettings {
  /** Entities beside those of `TypeOrmModule.forFeature`. */
  readonly entities?: readonly Type[] | undefined;
}

/** The process's DataSource, for every module. It connects at start, and needs a server that is up: see `migrateDatabase`. */
@Module({})
export class DatabaseModule {
  static forRoot({ entities = [], ...settings }: DatabaseOptions): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [
        TypeOrmModule.forRoot({
          ...connectionOptions(settings),
          entities: [...entities],
          autoLoadEntities: true,
          // Three quick tries, not ten slow ones: whoever started us waits for the server before.
          retryAttempts: 3,
          retryDelay: 500,
        }),
      ],
    };
  }
}
