import { link, mkdir, readFile, rename, rm, rmdir, unlink, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ROOT } from './paths.mjs';
import { say } from './say.mjs';

const FOLDER = join(ROOT, '.sealflow-menu');
const LOCK = join(FOLDER, 'lock');
const POLL_MS = 200;
/** An empty or half-written lock file is nobody's after this time. */
const UNREADABLE_MS = 5000;

/**
 * One command at a time installs or builds in a checkout. `work` gets a function that names a child process which must
 * have ended, too, before the lock counts as left behind by a killed command.
 */
export async function withCheckoutLock(work) {
  const mine = { token: randomUUID(), processes: [identify(process.pid)] };
  await acquire(mine);
  try {
    return await work(async (pid) => {
      mine.processes.push(identify(pid));
      await writeFile(LOCK, JSON.stringify(mine));
    });
  } finally {
    await release(mine);
  }
}

async function acquire(mine) {
  let hasSaid = false;
  let unreadableSince;
  for (;;) {
    if (await tryLink(mine)) return;
    const holder = await readLock();
    unreadableSince = holder === 'unreadable' ? (unreadableSince ?? performance.now()) : undefined;
    const isLeft =
      holder === 'unreadable'
        ? performance.now() - unreadableSince > UNREADABLE_MS
        : holder !== undefined && !holder.processes.some(isAlive);
    if (isLeft) await breakLock(holder);
    else if (holder !== undefined) {
      if (!hasSaid) say('  another command installs or builds in this folder; waiting for it …');
      hasSaid = true;
      await delay(POLL_MS);
    }
  }
}

/** A lock appears whole or not at all. */
async function tryLink(mine) {
  const temporary = join(FOLDER, `${mine.token}.tmp`);
  try {
    await mkdir(FOLDER, { recursive: true });
    await writeFile(temporary, JSON.stringify(mine));
    await link(temporary, LOCK);
    return true;
  } catch (error) {
    // ENOENT: somebody removed the folder just now, having released the lock.
    if ((error.code === 'EEXIST' && error.syscall === 'link') || error.code === 'ENOENT') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

async function readLock() {
  try {
    const holder = JSON.parse(await readFile(LOCK, 'utf8'));
    return Array.isArray(holder.processes) ? holder : 'unreadable';
  } catch (error) {
    return error.code === 'ENOENT' ? undefined : 'unreadable';
  }
}

/** Takes a lock away whose holder is gone. If it is another one by now it is put back. */
async function breakLock(holder) {
  const aside = join(FOLDER, `${randomUUID()}.left`);
  try {
    await rename(LOCK, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  const text = await readFile(aside, 'utf8');
  if (holder !== 'unreadable' && !text.includes(holder.token)) await link(aside, LOCK).catch(() => undefined);
  await unlink(aside);
}

async function release(mine) {
  const holder = await readLock();
  if (holder?.token === mine.token) await rm(LOCK, { force: true });
  // Another command may be waiting in it.
  await rmdir(FOLDER).catch(() => undefined);
}

/** A process id with the time of its start where the system tells it, since ids are used again. */
function identify(pid) {
  return { pid, started: statOf(pid)?.started };
}

function isAlive({ pid, started }) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code !== 'EPERM') return false;
  }
  const stat = statOf(pid);
  return stat === undefined || (stat.state !== 'Z' && (started === undefined || stat.started === started));
}

function statOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0], started: fields[19] };
  } catch {
    return undefined;
  }
}
