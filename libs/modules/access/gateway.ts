import { type DynamicModule, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { Clock, SystemClock } from '#platform/kernel';
import { AccessModule } from './access.module.ts';
import type { AccessOptions } from './access.options.ts';
import { ConnectController } from './entry/connect.controller.ts';
import { KeysController } from './entry/keys.controller.ts';
import { ProjectsController } from './entry/projects.controller.ts';
import { SignInController } from './entry/sign-in.controller.ts';

export type { AccessOptions } from './access.options.ts';
export { AdminKey } from './admin-key.ts';
export { MovedConnectionsInPostgres } from './authentication/moved-connections.postgres.ts';
export { CreateSignInLink } from './commands/create-sign-in-link.ts';

/** Projects, keys, sign-in and connect over HTTP; gives the process its `Authenticator`. Needs a `ServerSelection`. */
@Module({})
export class AccessGatewayModule {
  static forRoot(options: AccessOptions): DynamicModule {
    return {
      module: AccessGatewayModule,
      imports: [CqrsModule, AccessModule.forRoot(options)],
      controllers: [ConnectController, KeysController, ProjectsController, SignInController],
      providers: [{ provide: Clock, useClass: SystemClock }],
    };
  }
}
