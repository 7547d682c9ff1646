import { expect, it } from 'vitest';
import { commandsFor, firstUpload } from './first-commands.ts';

it('carries the address of the page, the project and the key', () => {
  const { setUp, upload, curl } = commandsFor({ origin: 'https://t.example', projectId: 'shop', key: 'tc_abc' });
  expect(setUp).toBe("export TESTCAST_URL=https://t.example\nexport TESTCAST_TOKEN='tc_abc'");
  expect(upload).toContain('--project shop');
  expect(curl).toContain('/v1/projects/shop/runs/');
});

it('leaves a place for a key that is not there yet', () => {
  expect(commandsFor({ origin: 'http://x', projectId: 'p' }).setUp).toContain("'<key>'");
});

it('names the server only where the command would not look by itself', () => {
  expect(firstUpload('http://localhost:4000')).not.toContain('--url');
  expect(firstUpload('http://127.0.0.1:4010')).toMatch(/ --url http:\/\/127\.0\.0\.1:4010$/);
});
