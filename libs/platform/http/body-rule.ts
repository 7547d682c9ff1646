import { SetMetadata } from '@nestjs/common';

export interface JsonBodyOptions {
  /** Bytes after decompression (default 1 MiB); a larger body is 413 `request.too-large`. */
  readonly maxBytes?: number;
  /** Also takes `application/x-ndjson`: the body is then the text as it came, a string. */
  readonly lines?: boolean;
}

export type JsonRule = { readonly kind: 'json' } & JsonBodyOptions;
export type BodyRule = JsonRule | { readonly kind: 'streamed' };

export const bodyRule = Symbol('testcast:body-rule');

/** Says how the route's body is read. Without it: JSON of at most 1 MiB. */
export function JsonBody(options: JsonBodyOptions): MethodDecorator {
  return SetMetadata(bodyRule, { kind: 'json', ...options } satisfies BodyRule);
}

/** The route reads the request as a stream: nothing is parsed, and no content type is refused. */
export function StreamedBody(): MethodDecorator {
  return SetMetadata(bodyRule, { kind: 'streamed' } satisfies BodyRule);
}
