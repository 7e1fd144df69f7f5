import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../test/support/free-port.js';
import { findTool } from '../../test/support/tools.js';
import { waitFor } from '../../test/support/wait-for.js';

/**
 * Postfix as a peer: it takes mail, queues it, hands it to a content filter that only passes it on (a second listener of
 * its own, so a filter of no cost), queues it again and delivers it to one smart host. All of it in a folder of its own.
 */
export class Postfix {
  private constructor(
    readonly port: number,
    private readonly folder: string,
  ) {}

  static isHere(): boolean {
    return process.getuid?.() === 0 && ['postfix', 'smtp-source', 'smtp-sink'].every((tool) => findTool(tool));
  }

  static async start(relayPort: number): Promise<Postfix> {
    const folder = mkdtempSync(join(tmpdir(), 'sealflow-postfix-'));
    chmodSync(folder, 0o755);
    const [port, filterPort] = [await freePort(), await freePort()];
    for (const name of ['etc', 'queue', 'data']) mkdirSync(join(folder, name), { mode: 0o755 });
    execFileSync('chown', ['postfix', join(folder, 'data')]);
    writeFileSync(join(folder, 'etc/main.cf'), mainCf(folder, relayPort));
    writeFileSync(join(folder, 'etc/master.cf'), masterCf(port, filterPort));
    writeFileSync(join(folder, 'etc/empty'), '');
    const postfix = new Postfix(port, folder);
    postfix.#run('start');
    await waitFor('Postfix to listen', () => postfix.pid > 0);
    return postfix;
  }

  get pid(): number {
    return Number(readFileSync(join(this.folder, 'queue/pid/master.pid'), 'utf8').trim());
  }

  stop(): void {
    this.#run('stop');
    rmSync(this.folder, { recursive: true, force: true });
  }

  #run(command: string): void {
    execFileSync(findTool('postfix') ?? 'postfix', ['-c', join(this.folder, 'etc'), command], { stdio: 'ignore' });
  }
}

function mainCf(folder: string, relayPort: number): string {
  return `compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folder}/data
mail_owner = postfix
maillog_file = /dev/null
maillog_file_prefixes = /dev
myhostname = peer.example
mydestination =
local_recipient_maps =
alias_maps =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
relayhost = [127.0.0.1]:${relayPort}
smtp_host_lookup = native
disable_dns_lookups = yes
smtp_tls_security_level = none
smtpd_tls_security_level = none
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_client_message_rate_limit = 0
smtpd_client_recipient_rate_limit = 0
default_destination_concurrency_limit = 20
initial_destination_concurrency = 20
message_size_limit = 60000000
smtpd_relay_restrictions = permit_mynetworks, reject
`;
}

function masterCf(port: number, filterPort: number): string {
  return `${port} inet n - n - 40 smtpd
  -o content_filter=filter:[127.0.0.1]:${filterPort}
filter unix - - n - 20 smtp
  -o smtp_send_xforward_command=no
127.0.0.1:${filterPort} inet n - n - 40 smtpd
  -o content_filter=
  -o receive_override_options=no_unknown_recipient_checks,no_header_body_checks
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - 20 smtp
relay unix - - n - 20 smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`;
}
