// node renew-certificate.mjs <file> <admin socket> [<milliseconds>]: beside a balancer. HAProxy reads its certificate at its start
// alone, and a reload would end every socket that it holds; over its socket it takes a new one for those who come from then on.
import { readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const [file, socket, everyMs = '10000'] = process.argv.slice(2);
// As the first process of a container it would be told to end, and not hear of it.
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));

let given;
let said;
for (;;) {
  try {
    // A payload ends with an empty line.
    const certificate = readFileSync(file, 'utf8')
      .replaceAll(/^\s*\n/gm, '')
      .trim();
    if (certificate !== given) {
      await renew(certificate);
      given = certificate;
      say(`HAProxy has the certificate of ${file}`);
    }
  } catch (error) {
    // HAProxy may not listen yet, and half of a file may be there: the next look tells.
    say(`HAProxy does not have the certificate of ${file}: ${error.message}`);
  }
  await delay(Number(everyMs));
}

async function renew(certificate) {
  const taken = await ask(`set ssl cert ${file} <<\n${certificate}\n\n`);
  const answer = /Transaction (created|updated)/.test(taken) ? await ask(`commit ssl cert ${file}\n`) : taken;
  if (answer.includes('Success!')) return;
  await ask(`abort ssl cert ${file}\n`);
  throw new Error(answer.trim());
}

function ask(command) {
  return new Promise((resolve, reject) => {
    let answer = '';
    const connection = createConnection(socket, () => connection.write(command));
    connection.setEncoding('utf8').setTimeout(5000, () => connection.destroy(new Error('no answer')));
    connection.on('data', (text) => (answer += text));
    connection.on('error', reject);
    connection.on('close', () => resolve(answer));
  });
}

/** Once, however often it is tried. */
function say(what) {
  if (what !== said) process.stdout.write(`${what}\n`);
  said = what;
}
