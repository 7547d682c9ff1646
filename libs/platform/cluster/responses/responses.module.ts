import { type DynamicModule, Module } from '@nestjs/common';
import { AlertResponder } from './alert-responder.ts';
import { ClusterResponses } from './cluster-responses.ts';
import { type ResponsesOptions, responsesOptions } from './responses-options.ts';

/** What the cluster does by itself about alerts. */
@Module({})
export class ResponsesModule {
  static forRoot(options: ResponsesOptions): DynamicModule {
    return {
      module: ResponsesModule,
      global: true,
      providers: [{ provide: responsesOptions, useValue: options }, ClusterResponses, AlertResponder],
      exports: [ClusterResponses, AlertResponder],
    };
  }
}
