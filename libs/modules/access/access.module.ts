import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { Authenticator, Clock, SystemClock } from '#platform/kernel';
import { DataSource } from 'typeorm';
import { accessOptions, type AccessOptions } from './access.options.ts';
import { AdminKey } from './admin-key.ts';
import { AccessAuthenticator } from './authentication/access-authenticator.ts';
import { ApiKeys } from './authentication/api-keys.ts';
import { JsonWebTokens } from './authentication/json-web-tokens.ts';
import { Sessions } from './authentication/sessions.ts';
import { SigningSecret } from './authentication/signing-secret.ts';
import { Tickets } from './authentication/tickets.ts';
import { UsedTicketsInMemory } from './authentication/used-tickets.memory.ts';
import { UsedTicketsInPostgres } from './authentication/used-tickets.postgres.ts';
import { ChangeProjectHandler } from './commands/change-project.ts';
import { CreateKeyHandler } from './commands/create-key.ts';
import { CreateProjectHandler } from './commands/create-project.ts';
import { CreateSignInLinkHandler } from './commands/create-sign-in-link.ts';
import { EnsureProjectHandler } from './commands/ensure-project.ts';
import { RevokeKeyHandler } from './commands/revoke-key.ts';
import { SignInHandler } from './commands/sign-in.ts';
import { SignOutHandler } from './commands/sign-out.ts';
import { ExpiredRowsSweep } from './expired-rows-sweep.ts';
import { KnownProjects } from './known-projects.ts';
import { ListKeysHandler } from './queries/list-keys.ts';
import { ListProjectsHandler } from './queries/list-projects.ts';
import { RequireProjectHandler } from './queries/require-project.ts';

const commandHandlers: Provider[] = [
  ChangeProjectHandler,
  CreateKeyHandler,
  CreateProjectHandler,
  CreateSignInLinkHandler,
  EnsureProjectHandler,
  RevokeKeyHandler,
  SignInHandler,
  SignOutHandler,
];
const queryHandlers: Provider[] = [ListKeysHandler, ListProjectsHandler, RequireProjectHandler];

const tickets: Provider = {
  provide: Tickets,
  inject: [accessOptions, SigningSecret, DataSource, Clock],
  useFactory: ({ startId }: AccessOptions, secret: SigningSecret, database: DataSource, clock: Clock) =>
    startId === undefined
      ? new Tickets(() => secret.get(), new UsedTicketsInPostgres(database), clock)
      : new Tickets(() => secret.get(), new UsedTicketsInMemory(clock), clock, { server: startId }),
};

/** Commands, queries and the `Authenticator` for the whole process. */
@Module({})
export class AccessModule {
  static forRoot(options: AccessOptions): DynamicModule {
    return {
      module: AccessModule,
      global: true,
      imports: [CqrsModule],
      providers: [
        { provide: accessOptions, useValue: options },
        { provide: Clock, useClass: SystemClock },
        { provide: Authenticator, useClass: AccessAuthenticator },
        ApiKeys,
        JsonWebTokens,
        Sessions,
        SigningSecret,
        tickets,
        KnownProjects,
        AdminKey,
        ExpiredRowsSweep,
        ...commandHandlers,
        ...queryHandlers,
      ],
      exports: [Authenticator, AdminKey, Tickets, accessOptions],
    };
  }
}
