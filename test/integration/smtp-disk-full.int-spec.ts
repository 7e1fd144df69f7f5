import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppProcess, Ground } from '../support/app-process.js';
import { SmtpClient } from '../support/smtp-client.js';
import { describeWith } from '../support/tools.js';

const MESSAGE = Buffer.alloc(100_000, 'a line of a message\r\n');

/** Only root may mount; `mount` is there for everybody. */
const describeAsRoot: typeof describeWith =
  process.getuid?.() === 0
    ? describeWith
    : (_tools, name, define) => {
        describe.skip(`${name} (skipped: only root can mount a small disk)`, define);
      };

describeAsRoot(['mount', 'umount'], 'The SMTP door on a full disk', () => {
  let ground: Ground;
  let blobs: string;
  let door: AppProcess;

  beforeAll(async () => {
    ground = await Ground.make();
    blobs = join(ground.folder, 'blobs');
    mkdirSync(blobs);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', blobs]);
    door = await AppProcess.start('smtp', ground.environment);
  }, 60_000);

  afterAll(async () => {
    await door.end();
    execFileSync('umount', [blobs]);
    await ground.remove();
  });

  it('answers 452, keeps nothing, and takes mail again when there is room', async () => {
    const client = await SmtpClient.connect(door.port);
    const send = () => client.send('ann@clinic.example', ['bob@customer.example'], MESSAGE);
    expect(await send()).toMatchObject({ code: 250 });
    try {
      writeFileSync(join(blobs, 'filler'), randomBytes(8 * 1024 * 1024));
    } catch {
      // what fits is there
    }
    const refused = await send();
    expect(refused).toEqual({ code: 452, text: '4.3.1 There is no room to store the message just now.' });
    rmSync(join(blobs, 'filler'));
    expect(await send()).toMatchObject({ code: 250 });
    const kept = await ground.database.messages.list(ground.organizationId, {}, { limit: 10, cursor: null });
    expect(kept.items).toHaveLength(2);
    client.destroy();
  }, 60_000);
});
