import { load, type LoadOptions } from './load.ts';

// A process of its own: a generator that shared the server's event loop would measure itself.
process.on('message', (options: LoadOptions) => {
  load(options).then(
    (result) => process.send!({ result }, () => process.exit(0)),
    (error: unknown) => process.send!({ error: String(error) }, () => process.exit(1)),
  );
});
