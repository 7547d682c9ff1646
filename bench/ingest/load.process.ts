import { httpLoad, type LoadOptions } from './http-load.ts';

// A process of its own: a generator that shared the server's event loop would measure itself.
process.on('message', (options: LoadOptions) => {
  httpLoad(options).then(
    (result) => process.send!({ result }, () => process.exit(0)),
    (error: unknown) => process.send!({ error: String(error) }, () => process.exit(1)),
  );
});
