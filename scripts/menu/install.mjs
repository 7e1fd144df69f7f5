import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { capture } from './capture.mjs';
import { ROOT } from './paths.mjs';
import { during, MenuError } from './say.mjs';

const LOCK_FILE = join(ROOT, 'package-lock.json');
const MODULES = join(ROOT, 'node_modules');
const STAMP = join(MODULES, '.sealflow-installed');
/** npm writes it when an installation is whole. */
const HIDDEN_LOCK = join(MODULES, '.package-lock.json');

const NO_NETWORK =
  /E(?:NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|TIMEDOUT|NETUNREACH|HOSTUNREACH|NOTCACHED)|ERR_SOCKET_TIMEOUT|network|UNABLE_TO_|SELF_SIGNED_CERT|CERT_/;

/** Whether node_modules is what package-lock.json names. */
export function isInstalled() {
  const lock = readFileSync(LOCK_FILE);
  const digest = createHash('sha256').update(`${process.platform} ${process.arch}\n`).update(lock).digest('hex');
  try {
    if (readFileSync(STAMP, 'utf8') === digest) return true;
  } catch {
    // No stamp: somebody called npm without us, perhaps.
  }
  if (!agrees(JSON.parse(lock.toString()))) return false;
  try {
    writeFileSync(STAMP, digest);
  } catch {
    // A folder that cannot be written: it is compared again next time.
  }
  return true;
}

/** Whether npm says that it installed just the packages of the lock file; optional ones may be left out. */
function agrees({ packages }) {
  if (!existsSync(HIDDEN_LOCK)) return false;
  let installed;
  try {
    installed = JSON.parse(readFileSync(HIDDEN_LOCK, 'utf8')).packages;
  } catch {
    return false;
  }
  const names = Object.keys(packages).filter((name) => name !== '');
  const isSame = (name) =>
    packages[name].version === installed[name]?.version && packages[name].integrity === installed[name]?.integrity;
  return (
    names.every((name) => isSame(name) || (installed[name] === undefined && packages[name].optional === true)) &&
    Object.keys(installed).every((name) => Object.hasOwn(packages, name))
  );
}

/** Installs what package-lock.json names. `onChild` is told the process id of npm. */
export async function install(onChild) {
  const { packages } = JSON.parse(readFileSync(LOCK_FILE, 'utf8'));
  const count = Object.values(packages).filter((entry) => entry.optional !== true).length - 1;
  rmSync(STAMP, { force: true });
  await during(`installing the ${count} packages of package-lock.json (npm ci; once)`, async () => {
    // Without a network npm would try for minutes, package by package; its cache may hold them all.
    const where = (await isRegistryReachable()) ? [] : ['--offline'];
    const flags = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error', '--no-progress', ...where];
    const { code, output, error } = await npm(flags, onChild);
    if (error?.code === 'ENOENT') {
      throw new MenuError(
        'npm was not found: install Node 20 or newer together with npm (https://nodejs.org) and run the same command again.',
      );
    }
    if (code !== 0) throw whyNpmFailed(code, output);
  });
  if (!isInstalled()) throw new MenuError('npm ci ended well, but node_modules is not what package-lock.json names.');
}

/** `false` only if no answer of any kind comes from the registry that npm is set to. */
async function isRegistryReachable() {
  const { code, output } = await npm([
    'ping',
    '--fetch-retries=1',
    '--fetch-retry-mintimeout=1000',
    '--loglevel=error',
  ]);
  return code === 0 || !NO_NETWORK.test(output);
}

function npm(flags, onChild) {
  const [program, ...first] = npmCommand();
  return capture(program, [...first, ...flags], { env: environmentForNpm(), onChild });
}

/** The npm that started us, run by the Node that runs it; otherwise the one in the path. */
function npmCommand() {
  const { npm_execpath: npm, npm_node_execpath: node } = process.env;
  if (npm !== undefined && /npm-cli\.js$/.test(npm) && existsSync(npm)) {
    const isOurs = node === undefined || node.startsWith(MODULES) || !existsSync(node);
    return isOurs ? ['npm'] : [node, npm];
  }
  return ['npm'];
}

/** Without node_modules/.bin in the path: npm must not run on a Node that it is about to remove. */
function environmentForNpm() {
  const { NODE_OPTIONS: _, ...rest } = process.env;
  const path = (rest.PATH ?? '').split(delimiter).filter((folder) => !folder.startsWith(MODULES));
  return { ...rest, PATH: path.join(delimiter), NODE_ENV: '', SCARF_ANALYTICS: 'false' };
}

function whyNpmFailed(code, output) {
  const said = output.trim().split('\n').slice(-12).join('\n');
  const reasons = [
    [/E(?:ROFS|ACCES|PERM)\b/, whatIsClosed(/^npm error path (.+)$/m.exec(output)?.[1])],
    [/ENOSPC/, 'The disk is full: the installation needs about 700 MB. Make room and run the same command again.'],
    [
      NO_NETWORK,
      'The packages could not be fetched: the npm registry cannot be reached. Connect this machine to the network (or set a registry of yours with `npm config set registry <url>`) and run the same command again.',
    ],
    [
      /\bE40[134]\b/,
      'The npm registry refused a package: see which registry `npm config get registry` names, and run the same command again.',
    ],
    [
      /EUSAGE|in sync/,
      'package-lock.json does not belong to package.json: run `npm install` after a change of package.json.',
    ],
  ];
  const [, sentence] = reasons.find(([pattern]) => pattern.test(output)) ?? [];
  return new MenuError(sentence ?? `npm ci ended with ${code}; what it said stands above.`, said);
}

function whatIsClosed(path = MODULES) {
  return path.startsWith(ROOT)
    ? `The folder ${ROOT} cannot be written by this user: clone Sealflow into a folder that is yours and run the same command there.`
    : `npm needs ${path}, which this user cannot write: set npm_config_cache to a folder that is yours and run the same command again.`;
}
