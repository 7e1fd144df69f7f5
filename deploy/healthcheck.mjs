/** Whether a process of ours works, for the health checks of docker-compose.yml: `http <port>`, `smtp <port>`, `alive <file>`. */
import { connect } from 'node:net';
import { stat } from 'node:fs/promises';

const [kind, what = ''] = process.argv.slice(2);
const STALE_MS = 30_000;

const checks = {
  http: async () => (await fetch(`http://127.0.0.1:${what}/healthz`, { signal: AbortSignal.timeout(4000) })).ok,
  smtp: () =>
    new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.1', port: Number(what), timeout: 4000 });
      socket.once('data', (greeting) => {
        socket.end('QUIT\r\n');
        resolve(greeting.toString('latin1').startsWith('220'));
      });
      socket.once('timeout', () => resolve(false));
      socket.once('error', () => resolve(false));
    }),
  // The worker touches this file whenever it has reported itself.
  alive: async () => Date.now() - (await stat(what)).mtimeMs < STALE_MS,
};

const check = checks[kind];
const isWell = check === undefined ? false : await check().catch(() => false);
process.exit(isWell ? 0 : 1);
