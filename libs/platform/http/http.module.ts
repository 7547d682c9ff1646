import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { BodyGuard } from './body.guard.ts';
import { HttpAuthGuard } from './http-auth.guard.ts';
import { HttpErrorFilter } from './http-error.filter.ts';
import { type HttpOptions, httpOptions } from './http-options.ts';
import { TokenFiles } from './token-files.ts';

/**
 * Everything that HTTP routes share: who may call, how bodies are read, how errors are answered. Needs an
 * `Authenticator`, and an app created with `bodyParser: false` and passed to `configureHttp`.
 */
@Module({})
export class HttpModule {
  static forRoot(options: HttpOptions = {}): DynamicModule {
    return {
      module: HttpModule,
      providers: [
        { provide: httpOptions, useValue: options },
        TokenFiles,
        // In this order: no body is read for whom the first one refuses.
        { provide: APP_GUARD, useClass: HttpAuthGuard },
        { provide: APP_GUARD, useClass: BodyGuard },
        { provide: APP_FILTER, useClass: HttpErrorFilter },
      ],
    };
  }
}
