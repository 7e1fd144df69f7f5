import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '#lib/adapters';
import { readStandaloneConfig } from '../config.js';
import type { Progress } from '../progress.js';
import type { Runnable } from '../run-until-asked.js';
import { Standalone } from '../standalone.js';
import { holdPort, type HeldPort } from '../supervise/listen-ports.js';
import { ORGANIZATION } from './cast.js';
import { Mailbox } from './mailbox.js';
import { bold, drawLine, green, red } from './paint.js';
import { RestClient } from './rest-client.js';
import { Story } from './story.js';

const HOST = '127.0.0.1';
const PORTS = { http: 3000, smtp: 2525, sink: 1025, page: 3025 };
const PORT_NAMES = { http: 'the API', smtp: 'the SMTP door', sink: 'the demo mailbox', page: "the mailbox's page" };

/** The whole product on embedded defaults in a folder of its own, shown at work. */
export class Demo implements Runnable {
  #end: (code: number) => void = () => undefined;
  #fail: (error: unknown) => void = () => undefined;
  readonly ended = new Promise<number>((resolve, reject) => {
    this.#end = resolve;
    this.#fail = reject;
  });
  #standalone: Standalone | undefined;
  #mailbox: Mailbox | undefined;
  readonly #held: HeldPort[] = [];

  private constructor(
    private readonly folder: string,
    private readonly progress: Progress,
    private readonly endsByItself: boolean,
    private readonly environment: Environment,
  ) {
    this.ended.catch(() => undefined);
  }

  static async open(progress: Progress, endsByItself: boolean, environment: Environment): Promise<Demo> {
    const folder = await mkdtemp(join(tmpdir(), 'sealflow-demo-'));
    // As root the embedded server runs as another user, who has to come through to its own folder.
    if (process.getuid?.() === 0) await chmod(folder, 0o711);
    return new Demo(folder, progress, endsByItself, environment);
  }

  async start(): Promise<void> {
    const { progress } = this;
    progress.line(bold('Sealflow demo: real mail through three doors, encrypted by a rule, opened by another program'));
    drawLine(progress);
    const ports = await this.#choosePorts();
    const apiKey = randomBytes(24).toString('hex');
    await mkdir(join(this.folder, 'mailbox'));
    this.#mailbox = await Mailbox.start(ports.sink, ports.page, join(this.folder, 'mailbox'));
    progress.step('the demo mailbox runs');
    this.#standalone = await Standalone.open(readStandaloneConfig(this.#settings(ports, apiKey)), progress, {
      isQuiet: true,
    });
    this.#standalone.ended.catch((error: unknown) => this.#fail(error));
    await this.#standalone.start();
    const story = new Story(
      new RestClient(`http://${HOST}:${ports.http}`, apiKey),
      this.#mailbox,
      ports.smtp,
      progress,
    );
    await story.tell(await story.setUp());
    this.#conclude(story, ports, apiKey);
  }

  async stop(): Promise<void> {
    await this.#standalone?.stop();
    await this.#mailbox?.stop();
    for (const port of this.#held) port.release();
    await removePlace(this.folder);
    await rm(this.folder, { recursive: true, force: true });
  }

  async stopByForce(): Promise<void> {
    await this.#standalone?.stopByForce();
  }

  async #choosePorts(): Promise<typeof PORTS> {
    const chosen = { ...PORTS };
    for (const name of ['http', 'smtp', 'sink', 'page'] as const) {
      const held = await holdPort(HOST, PORTS[name]);
      this.#held.push(held);
      chosen[name] = held.port;
      if (held.port !== PORTS[name]) {
        this.progress.step(`port ${PORTS[name]} is taken: ${PORT_NAMES[name]} takes ${held.port}`);
      }
    }
    return chosen;
  }

  /** Embedded defaults: settings of a product of this machine are none of the demo's business. */
  #settings(ports: typeof PORTS, apiKey: string): Environment {
    const others = Object.entries(this.environment).filter(([name]) => !name.startsWith('SEALFLOW_'));
    return {
      ...Object.fromEntries(others),
      SEALFLOW_DATA_DIR: join(this.folder, 'data'),
      SEALFLOW_HOST: HOST,
      SEALFLOW_HTTP_PORT: `${ports.http}`,
      SEALFLOW_SMTP_PORT: `${ports.smtp}`,
      SEALFLOW_RELAY_URL: `smtp://${HOST}:${ports.sink}?tls=none`,
      SEALFLOW_BOOTSTRAP_API_KEY: apiKey,
      SEALFLOW_ORG_DOMAINS: ORGANIZATION,
    };
  }

  #conclude(story: Story, ports: typeof PORTS, apiKey: string): void {
    const { progress } = this;
    progress.line();
    if (story.failures.length > 0) {
      progress.line(red(`${story.failures.length} of ${story.checks} checks failed:`));
      for (const failure of story.failures) progress.line(`  not so: ${failure}`);
      this.#end(1);
      return;
    }
    progress.line(green(`Verified: all ${story.checks} checks, in ${progress.seconds.toFixed(0)} s.`));
    if (this.endsByItself) {
      this.#end(0);
      return;
    }
    const api = `http://localhost:${ports.http}`;
    const links = [
      `start page   ${api}/`,
      `API          ${api}/docs`,
      `queues       ${api}/queues`,
      `mailbox      ${this.#mailbox?.pageUrl ?? ''}`,
      `SMTP door    ${HOST}:${ports.smtp}`,
      `API key      ${apiKey}`,
    ];
    progress.line();
    for (const link of links) progress.line(`  ${link}`);
    progress.line();
    progress.line('  Ctrl-C ends it; everything it made is removed.');
  }
}

/** The database may have had to go elsewhere, so that its server's user could reach it. */
async function removePlace(folder: string): Promise<void> {
  try {
    const { place } = JSON.parse(await readFile(join(folder, 'data', 'database.json'), 'utf8')) as {
      place: string | null;
    };
    if (place !== null) await rm(place, { recursive: true, force: true });
  } catch {
    // It never came to have one.
  }
}
